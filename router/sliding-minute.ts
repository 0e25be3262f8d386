/** So many whole seconds are remembered that none of the last sixty is missing, however the present one is cut. */
const seconds = 61

/** What has happened within the last minute. Every call costs the same, however much it was. */
export interface SlidingMinute {
  /** @param second the present one, counted by a clock that never goes back. */
  readonly add: (second: number, amount: number) => void
  readonly total: (second: number) => number
  /** How many whole seconds pass until the total is below a limit if nothing is added; at least one. */
  readonly secondsUntilBelow: (second: number, limit: number) => number
}

export const createSlidingMinute = (): SlidingMinute => {
  const amounts = new Float64Array(seconds)
  let latest = 0
  let sum = 0

  const at = (second: number): number => amounts[second % seconds] ?? 0

  const advance = (second: number): void => {
    if (second - latest >= seconds) {
      amounts.fill(0)
      sum = 0
      latest = second
    }
    while (latest < second) {
      latest += 1
      sum -= at(latest)
      amounts[latest % seconds] = 0
    }
  }

  return {
    add: (second, amount) => {
      if (second !== latest) advance(second)
      amounts[latest % seconds] = at(latest) + amount
      sum += amount
    },
    total: (second) => {
      if (second !== latest) advance(second)
      return sum
    },
    secondsUntilBelow: (second, limit) => {
      advance(second)
      let left = sum
      for (let wait = 1; wait < seconds; wait += 1) {
        left -= at(latest + wait)
        if (left < limit) return wait
      }
      return seconds
    },
  }
}
