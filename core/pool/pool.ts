import * as z from 'zod'
import type { Instant } from '../instant.ts'
import { plusMilliseconds } from '../instant.ts'

export const poolPolicySchema = z.strictObject({
  /** How many unowned sites should be ready. */
  target: z.int().min(0).max(10_000),
  /** Limits concurrent builds, so that they do not starve running sites. */
  buildsAtOnce: z.int().min(1).max(1000),
})
export type PoolPolicy = z.infer<typeof poolPolicySchema>

/**
 * How many builds to start now.
 * @param pool.ready sites of the newest blueprint version.
 * @param pool.building builds of the newest version.
 * @param pool.buildingOld builds of older versions: they count only towards the concurrency.
 */
export const buildsToStart = (
  { ready, building, buildingOld = 0 }: { ready: number; building: number; buildingOld?: number },
  policy: PoolPolicy,
): number => Math.max(0, Math.min(policy.target - ready - building, policy.buildsAtOnce - building - buildingOld))

/** By the domain clock. */
export interface BuildOutcome {
  readonly isGood: boolean
  readonly at: Instant
}

export interface BuildPace {
  readonly failuresInRow: number
  /** Absent if a build may start now. */
  readonly pausedUntil?: Instant
}

/** In milliseconds. */
const firstPause = 15_000
const longestPause = 5 * 60_000

/** The pause stops growing after this many failures. */
export const outcomesToLookAt = 8

/** Each failure in a row doubles the pause. Outcomes in the future, after a clock was set back, do not count. */
export const buildPace = (outcomes: readonly BuildOutcome[], now: Instant): BuildPace => {
  const newestFirst = outcomes.filter(({ at }) => at <= now).toSorted((a, b) => (a.at < b.at ? 1 : -1))
  const firstGood = newestFirst.findIndex(({ isGood }) => isGood)
  const failures = firstGood === -1 ? newestFirst : newestFirst.slice(0, firstGood)
  const last = failures[0]
  if (last === undefined) return { failuresInRow: 0 }
  const pause = Math.min(longestPause, firstPause * 2 ** (failures.length - 1))
  const pausedUntil = plusMilliseconds(last.at, pause)
  return { failuresInRow: failures.length, ...(pausedUntil > now ? { pausedUntil } : {}) }
}
