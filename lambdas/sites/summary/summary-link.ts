import * as z from 'zod'
import type { SiteId } from '../../../core/ids.ts'
import { idSchema } from '../../../core/ids.ts'

const instant = z.iso.datetime({ precision: 3 })

/** Opens the read-only page of one site to everybody who has its token. The token is stored only as a hash. */
export const summaryLinkSchema = z.strictObject({
  schemaVersion: z.literal(1),
  id: idSchema('lnk'),
  siteId: idSchema('site'),
  /** A site that changes hands has no links. */
  accountId: idSchema('acct'),
  tokenHash: z.string(),
  createdAt: instant,
  expiresAt: instant,
})
export type SummaryLink = z.infer<typeof summaryLinkSchema>

export const summaryDays = { usual: 14, max: 90 } as const

/** For one site. */
export const maxSummaryLinks = 20

/** The page of the console. The token follows. */
export const summaryPage = '/shared/#'

export interface SummaryLinkStore {
  readonly keep: (link: SummaryLink) => Promise<void>
  /** May return one that has expired. */
  readonly find: (siteId: SiteId, id: SummaryLink['id']) => Promise<SummaryLink | undefined>
  /** Also those that have expired. */
  readonly list: (siteId: SiteId) => Promise<readonly SummaryLink[]>
  readonly remove: (siteId: SiteId, id: SummaryLink['id']) => Promise<void>
}
