import type { RateWindow, RateWindows } from '../../lambdas/rate-limits/count-in-windows.ts'

/** Rate windows in memory, and what was asked of them. */
export const countedWindows = (): RateWindows & { readonly asked: RateWindow[][] } => {
  const tallies = new Map<string, number>()
  const asked: RateWindow[][] = []
  const increment = ({ key }: RateWindow): number => {
    const tally = (tallies.get(key) ?? 0) + 1
    tallies.set(key, tally)
    return tally
  }
  return {
    asked,
    read: async (windows) => windows.map(({ key }) => tallies.get(key) ?? 0),
    countUpTo: async (windows) => {
      asked.push([...windows])
      if (windows.some(({ key, limit }) => (tallies.get(key) ?? 0) >= limit)) return false
      windows.forEach(increment)
      return true
    },
    count: async (windows) => {
      asked.push([...windows])
      return windows.map(increment)
    },
  }
}
