import type { Instant } from '../../instant.ts'
import { plusMilliseconds } from '../../instant.ts'
import type { Limits } from '../../plan/plan.ts'
import type { ActiveSite } from '../site.ts'

const mebibyte = 1_048_576

/** Shares of what the plan allows. Between the two of a pair a site stays what it is, so that it does not go to and fro. */
const near = { from: 0.8, until: 0.75 } as const
const full = { from: 1, until: 0.95 } as const
const overflowing = 1.1

const shareOf = (bytes: number, { storageMiB }: Pick<Limits, 'storageMiB'>): number => bytes / (storageMiB * mebibyte)

/**
 * What may be overlooked of a site that has just become full: its owner has been told, and may be deleting things. It is
 * longer than one measurement is told for, so that whoever is suspended was found too large twice.
 */
const graceMilliseconds = 30 * 60_000

export type StorageLevel = NonNullable<ActiveSite['storage']>

/** How full a site's storage is, measured again. */
export const storageLevel = (
  bytes: number,
  limits: Pick<Limits, 'storageMiB'>,
  before: StorageLevel | undefined,
): StorageLevel | undefined => {
  const share = shareOf(bytes, limits)
  if (share >= (before === 'full' ? full.until : full.from)) return 'full'
  return share >= (before === undefined ? near.from : near.until) ? 'near' : undefined
}

/** Whether a site goes on growing although nothing can be added to it from outside, and its owner had the time to act. */
export const isOverflowing = (
  bytes: number,
  limits: Pick<Limits, 'storageMiB'>,
  { storage, storageSince }: Pick<ActiveSite, 'storage' | 'storageSince'>,
  now: Instant,
): boolean =>
  storage === 'full' &&
  shareOf(bytes, limits) > overflowing &&
  (storageSince === undefined || now >= plusMilliseconds(storageSince, graceMilliseconds))
