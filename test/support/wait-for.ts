import { setTimeout as pause } from 'node:timers/promises'

/** Looks again until there is something to see; the test's own time limit ends a fruitless wait. */
export const waitFor = async <Value>(
  look: () => Promise<Value | undefined | false> | Value | undefined | false,
): Promise<Value> => {
  for (;;) {
    const seen = await look()
    if (seen !== undefined && seen !== false) return seen
    await pause(20)
  }
}
