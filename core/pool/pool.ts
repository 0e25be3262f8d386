import * as z from 'zod'

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
