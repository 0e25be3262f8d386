import * as z from 'zod'
import type { Instant } from '../instant.ts'
import { plusMilliseconds } from '../instant.ts'

export const poolPolicySchema = z.strictObject({
  /** How many finished, unowned sites should stand ready. */
  target: z.int().min(0).max(10_000),
  /** How many of them may be under construction at once, so that building does not starve what runs. */
  buildsAtOnce: z.int().min(1).max(1000),
})
export type PoolPolicy = z.infer<typeof poolPolicySchema>

/**
 * How many builds for the pool to start now.
 * @param pool.ready sites of the newest blueprint version; no others count towards the target.
 * @param pool.building likewise.
 * @param pool.buildingOld builds of older versions: they take part in the pace, and not in the target.
 */
export const buildsToStart = (
  { ready, building, buildingOld = 0 }: { ready: number; building: number; buildingOld?: number },
  policy: PoolPolicy,
): number => Math.max(0, Math.min(policy.target - ready - building, policy.buildsAtOnce - building - buildingOld))

/** How a build of the pool's blueprint ended, and when, by the domain clock. */
export interface BuildOutcome {
  readonly isGood: boolean
  readonly at: Instant
}

export interface BuildPace {
  /** The builds that failed since one last succeeded. */
  readonly failuresInRow: number
  /** Until then the pool starts no build; absent where it may start one now. */
  readonly pausedUntil?: Instant
}

/** In milliseconds. What is put right is found out within the longest pause. */
const firstPause = 15_000
const longestPause = 5 * 60_000

/** As many failures in a row as the pause goes on growing with: more need not be looked at. */
export const outcomesToLookAt = 8

/**
 * What made one build fail makes the next one fail as well, so each failure in a row doubles the pause. What lies in the
 * future, because a clock was set back, does not count.
 */
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
