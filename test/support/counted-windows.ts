import type { RateWindow, RateWindows } from '../../core/ports/abuse.ts'

/** Rate windows in memory, and what was asked of them. */
export const countedWindows = (): RateWindows & { readonly asked: RateWindow[][] } => {
  const tallies = new Map<string, number>()
  const asked: RateWindow[][] = []
  return {
    asked,
    read: async (keys) => keys.map((key) => tallies.get(key) ?? 0),
    count: async (windows) => {
      asked.push([...windows])
      return windows.map(({ key }) => {
        const tally = (tallies.get(key) ?? 0) + 1
        tallies.set(key, tally)
        return tally
      })
    },
  }
}
