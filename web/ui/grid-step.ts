const niceSteps = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]

/** The step of two grid lines above zero that have room for a value: a round number, and a whole one for whole values. */
export const gridStep = (most: number, isWhole: boolean): number => {
  const half = most / 2
  const power = 10 ** Math.floor(Math.log10(half || 1))
  const step = power * (niceSteps.find((nice) => nice * power >= half) ?? 10)
  return isWhole ? Math.max(1, Math.ceil(step)) : step
}
