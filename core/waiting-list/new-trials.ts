import type { Instant } from '../instant.ts'
import { toInstant } from '../instant.ts'
import type { RateWindow, RateWindows } from '../ports/abuse.ts'

const stretch = 10 * 60_000
const hour = 60 * 60_000

/** Kept for as long as any hour reaches back to it. */
const windowAt = (start: number): RateWindow => ({
  key: `new-trials-${start}`,
  endsAt: toInstant(new Date(start + stretch + hour)),
})

const startOf = (now: Instant): number => Math.floor(Date.parse(now) / stretch) * stretch

/** @param now by the wall clock. */
export const countNewTrial = async (rateWindows: Pick<RateWindows, 'count'>, now: Instant): Promise<void> => {
  await rateWindows.count([windowAt(startOf(now))])
}

/** How many there were in the last hour, or up to ten minutes more: stretches count whole. */
export const newTrialsInHour = async (rateWindows: Pick<RateWindows, 'read'>, now: Instant): Promise<number> => {
  const last = startOf(now)
  const starts = Array.from({ length: hour / stretch + 1 }, (_, index) => last - index * stretch)
  const counts = await rateWindows.read(starts.map((start) => windowAt(start).key))
  return counts.reduce((sum, count) => sum + count, 0)
}
