import * as z from 'zod'
import { type Instant, plusMilliseconds } from '../../../core/instant.ts'

export const poolPolicySchema = z.strictObject({
  /** How many unowned sites should be ready: of all offered blueprints together. */
  target: z.int().min(0).max(10_000),
  /** The most while many sites are claimed; `target` by default. */
  most: z.int().min(0).max(10_000).optional(),
  /** Limits concurrent builds, so that they do not starve running sites. */
  buildsAtOnce: z.int().min(1).max(1000),
})
export type PoolPolicy = z.infer<typeof poolPolicySchema>

/** The most sites that the pools of all blueprints can have. */
export const mostPooled = ({ target, most = target }: Pick<PoolPolicy, 'target' | 'most'>): number =>
  Math.max(target, most)

/** Divides a number by weights, evenly if there are none. The largest remainders get what is left, the first ones of equals. */
const divided = (total: number, weights: readonly number[]): readonly number[] => {
  const sum = weights.reduce((whole, weight) => whole + weight, 0)
  const exact = weights.map((weight) => (sum === 0 ? total / weights.length : (total * weight) / sum))
  const order = exact.map((part, index) => ({ index, rest: part % 1 })).toSorted((a, b) => b.rest - a.rest)
  const left = total - exact.reduce((whole, part) => whole + Math.floor(part), 0)
  const winners = new Set(order.slice(0, Math.round(left)).map(({ index }) => index))
  return exact.map((part, index) => Math.floor(part) + (winners.has(index) ? 1 : 0))
}

/**
 * How many sites of each offered blueprint should be ready: one of each, in their order, and the rest in proportion to the claims.
 * @param claims recent claims of each blueprint.
 */
export const poolTargets = (
  policy: Pick<PoolPolicy, 'target' | 'most'>,
  claims: readonly number[],
): readonly number[] => {
  const wanted = claims.reduce((sum, count) => sum + count, 0)
  const total = Math.min(Math.max(policy.target, wanted), mostPooled(policy))
  const shares = divided(Math.max(0, total - claims.length), claims)
  return shares.map((share, index) => share + (index < total ? 1 : 0))
}

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
