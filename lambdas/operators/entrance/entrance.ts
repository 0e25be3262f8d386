import * as z from 'zod'
import { storedViewerSchema, type Viewer } from '../../../core/entitlement/viewer.ts'
import { idSchema } from '../../../core/ids.ts'
import type { Instant } from '../../../core/instant.ts'

/** Routers answer below this path on every site; the token follows. */
export const entrancePath = '/.well-known/sitewright/entrance/'

const instant = z.iso.datetime({ precision: 3 })

/** A way for one person into one site, to be used once. The token is stored only as a hash. */
export const entranceSchema = z.strictObject({
  schemaVersion: z.literal(1),
  tokenHash: z.string(),
  siteId: idSchema('site'),
  viewer: storedViewerSchema,
  createdAt: instant,
  expiresAt: instant,
})
export type Entrance = z.infer<typeof entranceSchema>

export interface EntranceStore {
  readonly keep: (entrance: Entrance) => Promise<void>
  /**
   * Consumes an entrance: of several calls, one gets the viewer. After a lost reply nobody does.
   * @returns undefined if it was used, has expired, or is of another site, which keeps it.
   */
  readonly use: (entrance: Pick<Entrance, 'siteId' | 'tokenHash'>, now: Instant) => Promise<Viewer | undefined>
}
