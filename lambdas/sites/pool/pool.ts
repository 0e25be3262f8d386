import * as z from 'zod'

export const poolPolicySchema = z.strictObject({
  /** How many unowned sites should be ready: of all offered blueprints together. */
  target: z.int().min(0).max(10_000),
  /** The most while many sites are claimed; `target` by default. */
  max: z.int().min(0).max(10_000).optional(),
  /** Limits concurrent builds, so that they do not starve running sites. */
  buildsAtOnce: z.int().min(1).max(1000),
})
export type PoolPolicy = z.infer<typeof poolPolicySchema>

export const maxPooled = ({ target, max = target }: Pick<PoolPolicy, 'target' | 'max'>): number => Math.max(target, max)

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
  policy: Pick<PoolPolicy, 'target' | 'max'>,
  claims: readonly number[],
): readonly number[] => {
  const wanted = claims.reduce((sum, count) => sum + count, 0)
  const total = Math.min(Math.max(policy.target, wanted), maxPooled(policy))
  const shares = divided(Math.max(0, total - claims.length), claims)
  return shares.map((share, index) => share + (index < total ? 1 : 0))
}
