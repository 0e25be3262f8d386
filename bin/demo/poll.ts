import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Repeats a read until `isDone`, or until the patience has passed.
 * @returns the last value, for the caller to check.
 */
export const poll = async <Value>(
  look: () => Value | Promise<Value>,
  isDone: (value: Value) => boolean,
  { patience, pause }: { readonly patience: number; readonly pause: number | ((waited: number) => number) },
): Promise<Value> => {
  const startedAt = performance.now()
  for (;;) {
    const value = await look()
    const waited = performance.now() - startedAt
    if (isDone(value) || waited > patience) return value
    await sleep(typeof pause === 'number' ? pause : pause(waited))
  }
}
