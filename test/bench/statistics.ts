const ascending = (values: readonly number[]): readonly number[] => {
  if (values.length === 0) throw new RangeError('statistics: there are no values')
  return values.toSorted((a, b) => a - b)
}

/** Nearest rank: a measured value. `share` of (0, 1]. @throws {RangeError} without values, like all functions here. */
export const percentile = (values: readonly number[], share: number): number => {
  if (!(share > 0 && share <= 1)) throw new RangeError('statistics: a share is above 0 and at most 1')
  return ascending(values)[Math.ceil(share * values.length) - 1] ?? Number.NaN
}

export const median = (values: readonly number[]): number => {
  const sorted = ascending(values)
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN
  return (lower + upper) / 2
}

/** The ratio of the median of the first to the median of the others. */
export const ratioOfMedians = (values: readonly number[], others: readonly number[]): number =>
  median(values) / median(others)

export const interquartileRange = (values: readonly number[]): number =>
  percentile(values, 0.75) - percentile(values, 0.25)

/**
 * The distance of two samples' medians, in interquartile ranges of both together: 0 if nothing distinguishes them, 1
 * if single values begin to. With 100 values each, chance alone gives less than 0.4.
 */
export const distanceInSpreads = (values: readonly number[], others: readonly number[]): number => {
  const distance = Math.abs(median(values) - median(others))
  return distance === 0 ? 0 : distance / interquartileRange([...values, ...others])
}
