import { setTimeout as pause } from 'node:timers/promises'

/**
 * Checks again until there is something to see; the test's own time limit ends a fruitless wait. It looks less often the longer it waits:
 * what it asks would otherwise take the processor from what it waits for.
 */
export const waitFor = async <Value>(
  check: () => Promise<Value | undefined | false> | Value | undefined | false,
): Promise<Value> => {
  for (let milliseconds = 20; ; milliseconds = Math.min(milliseconds * 1.2, 200)) {
    const seen = await check()
    if (seen !== undefined && seen !== false) return seen
    await pause(milliseconds)
  }
}
