import { SitewrightError } from '../../errors.ts'
import type { SiteId } from '../../ids.ts'
import { toInstant } from '../../instant.ts'
import type { Clocks } from '../../ports/clocks.ts'
import type { RateWindows } from '../../ports/rate-windows.ts'

export interface AdmitCopyPorts {
  readonly rateWindows: Pick<RateWindows, 'count'>
  readonly clocks: Clocks
}

/** Each copy pauses the site and is read back whole. Enough for one before every larger change; a plan for backups it is not. */
export const copiesPerDay = 4

const hour = 60 * 60_000
const day = 24 * hour

const inWords = (seconds: number): string => {
  const minutes = Math.ceil(seconds / 60)
  if (minutes > 90) return `${Math.round(minutes / 60)} hours`
  return minutes === 1 ? 'a minute' : `${minutes} minutes`
}

/**
 * Counts a copy that an owner is about to begin, by the days of UTC and the wall clock. One that fails has paused the site
 * too, and counts.
 * @throws {SitewrightError} `RateLimited`.
 */
export const admitCopy = async ({ rateWindows, clocks }: AdmitCopyPorts, siteId: SiteId): Promise<void> => {
  const now = Date.parse(clocks.wall())
  const start = Math.floor(now / day) * day
  const [count = 0] = await rateWindows.count([
    { key: `copies-${siteId}-${start}`, endsAt: toInstant(new Date(start + day)) },
  ])
  if (count <= copiesPerDay) return
  const retryAfterSeconds = Math.ceil((start + day - now) / 1000)
  throw new SitewrightError(
    'RateLimited',
    `At most ${copiesPerDay} copies of a site are taken a day. Try again in ${inWords(retryAfterSeconds)}.`,
    { retryAfterSeconds },
  )
}
