import { type Instant, plusMilliseconds } from '../../../core/instant.ts'
import type { Limits } from '../../../core/plan/plan.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../../core/site/change.ts'
import type { ActiveSite } from '../../../core/site/site.ts'

const mebibyte = 1_048_576

/** Shares of the plan's storage, with hysteresis. */
const near = { from: 0.8, until: 0.75 } as const
const full = { from: 1, until: 0.95 } as const
const overflowing = 1.1

const shareOf = (bytes: number, { storageMiB }: Pick<Limits, 'storageMiB'>): number => bytes / (storageMiB * mebibyte)

/** Time for the owner to delete data; longer than one measurement is cached, so that a site is found too large twice. */
const graceMilliseconds = 30 * 60_000

export type StorageLevel = NonNullable<ActiveSite['storage']>

export const storageLevel = (
  bytes: number,
  limits: Pick<Limits, 'storageMiB'>,
  before: StorageLevel | undefined,
): StorageLevel | undefined => {
  const share = shareOf(bytes, limits)
  if (share >= (before === 'full' ? full.until : full.from)) return 'full'
  return share >= (before === undefined ? near.from : near.until) ? 'near' : undefined
}

/** Whether a full site keeps growing although the router admits nothing, and its owner had time to act. */
export const isOverflowing = (
  bytes: number,
  limits: Pick<Limits, 'storageMiB'>,
  { storage, storageSince }: Pick<ActiveSite, 'storage' | 'storageSince'>,
  now: Instant,
): boolean =>
  storage === 'full' &&
  shareOf(bytes, limits) > overflowing &&
  (storageSince === undefined || now >= plusMilliseconds(storageSince, graceMilliseconds))

export const noteStorageLevel = (
  site: ActiveSite,
  level: StorageLevel | undefined,
  context: ChangeContext,
): SiteChange<ActiveSite> => {
  const { storage: _, storageSince: __, ...kept } = site
  const noted = level && { storage: level, storageSince: context.clocks.domain() }
  const after: ActiveSite = { ...kept, ...noted, version: site.version + 1 }
  return siteChange({ transition: 'noteStorage', before: site, after, details: { because: level ?? 'room' } }, context)
}
