import { type Instant, toInstant } from '../../../core/instant.ts'
import type { RateWindow, RateWindows } from '../../rate-limits/count-in-windows.ts'

const hour = 60 * 60_000

const hourOf = (now: Instant): number => Math.floor(Date.parse(now) / hour) * hour

const windowAt = (blueprint: string, start: number): RateWindow => ({
  key: `claims-${blueprint}-${start}`,
  endsAt: toInstant(new Date(start + 2 * hour)),
})

/** Counts a site that somebody asked for, by the wall clock. */
export const countClaim = async (
  rateWindows: Pick<RateWindows, 'count'>,
  blueprint: string,
  now: Instant,
): Promise<void> => {
  await rateWindows.count([windowAt(blueprint, hourOf(now))])
}

/** The claims of each blueprint in the present hour and the one before. */
export const recentClaims = async (
  rateWindows: Pick<RateWindows, 'read'>,
  blueprints: readonly string[],
  now: Instant,
): Promise<readonly number[]> => {
  const start = hourOf(now)
  const counts = await rateWindows.read(
    blueprints.flatMap((name) => [windowAt(name, start), windowAt(name, start - hour)]),
  )
  return blueprints.map((_, index) => (counts[2 * index] ?? 0) + (counts[2 * index + 1] ?? 0))
}
