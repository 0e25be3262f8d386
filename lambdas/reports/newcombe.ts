/** How many of how many, such as accounts that paid. */
export interface Proportion {
  readonly reached: number
  readonly of: number
}

interface Interval {
  readonly low: number
  readonly high: number
}

/** The quantile of the normal distribution for a confidence of 95 %. */
const z = 1.959963984540054

/** The score interval of one proportion. Source: Wilson, "Probable inference", 1927. */
const wilson = ({ reached, of }: Proportion): Interval => {
  const share = reached / of
  const centre = share + z ** 2 / (2 * of)
  const reach = z * Math.sqrt((share * (1 - share)) / of + z ** 2 / (4 * of ** 2))
  const scale = 1 + z ** 2 / of
  return { low: Math.max(0, (centre - reach) / scale), high: Math.min(1, (centre + reach) / scale) }
}

interface Difference extends Interval {
  readonly difference: number
}

/**
 * The difference of two proportions with its interval at a confidence of 95 %, by the hybrid score method without continuity correction.
 * Source: Newcombe, "Interval estimation for the difference between independent proportions", Statistics in Medicine 17, 1998, method 10.
 * @returns undefined if one of the proportions is of nothing.
 */
export const differenceOf = (one: Proportion, other: Proportion): Difference | undefined => {
  if (one.of <= 0 || other.of <= 0) return undefined
  const [p1, p2] = [one.reached / one.of, other.reached / other.of]
  const [first, second] = [wilson(one), wilson(other)]
  const difference = p1 - p2
  return {
    difference,
    low: Math.max(-1, difference - Math.hypot(p1 - first.low, second.high - p2)),
    high: Math.min(1, difference + Math.hypot(first.high - p1, p2 - second.low)),
  }
}

type Verdict = 'too few to tell' | 'no difference to be seen' | 'better' | 'worse'

/** Fewer accounts prove no difference, however large it is. */
const fewestAccounts = 100
/** A wider interval allows opposite decisions. */
const widest = 0.1

/** Says in words how the first of two variants compares with the second one. */
export const verdictOf = (one: Proportion, other: Proportion): Verdict => {
  const found = differenceOf(one, other)
  const isFew = Math.min(one.of, other.of) < fewestAccounts
  if (found === undefined || isFew || found.high - found.low > widest) return 'too few to tell'
  if (found.low > 0) return 'better'
  return found.high < 0 ? 'worse' : 'no difference to be seen'
}
