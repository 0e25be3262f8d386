import type { AccountId, SiteId } from '../../core/ids.ts'
import { isId } from '../../core/ids.ts'

type Metadata = Readonly<Record<string, string>> | null | undefined

/** One Stripe account may serve others besides us: only what carries our installation's name is ours. */
export const isOurs = (installation: string, metadata: Metadata): boolean => metadata?.['installation'] === installation

/** The site that something of ours is for. */
export const siteOf = (installation: string, metadata: Metadata): SiteId | undefined => {
  const id = metadata?.['siteId']
  return isOurs(installation, metadata) && id !== undefined && isId('site', id) ? id : undefined
}

export const marksOf = (installation: string, { siteId, accountId }: { siteId: SiteId; accountId: AccountId }) => ({
  installation,
  siteId,
  accountId,
})
