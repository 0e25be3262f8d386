import type { Limits } from '../plan/plan.ts'
import type { ActiveSite } from './site.ts'

const mebibyte = 1_048_576

/** Shares of what the plan allows. Between the two of a pair a site stays what it is, so that it does not go to and fro. */
const near = { from: 0.8, until: 0.75 } as const
const full = { from: 1, until: 0.95 } as const
const overflowing = 1.1

const shareOf = (bytes: number, { storageMiB }: Pick<Limits, 'storageMiB'>): number => bytes / (storageMiB * mebibyte)

/** How full a site's storage is, measured again. */
export const storageState = (
  bytes: number,
  limits: Pick<Limits, 'storageMiB'>,
  before: ActiveSite['storage'],
): ActiveSite['storage'] => {
  const share = shareOf(bytes, limits)
  if (share >= (before === 'full' ? full.until : full.from)) return 'full'
  return share >= (before === undefined ? near.from : near.until) ? 'near' : undefined
}

/**
 * Whether a site goes on growing although nothing can be added to it from outside. Whoever has just become full is told
 * first, and has the time until the next measurement.
 */
export const isOverflowing = (
  bytes: number,
  limits: Pick<Limits, 'storageMiB'>,
  before: ActiveSite['storage'],
): boolean => before === 'full' && shareOf(bytes, limits) > overflowing
