import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'

/** A value that changes to and fro is no progress. */
const maxPatiences = 10

/**
 * Repeats a read until `isDone`, or until its value has not changed for the patience: a busy machine is slow, not at rest.
 * @returns the last value, for the caller to check.
 */
export const poll = async <Value>(
  read: () => Value | Promise<Value>,
  isDone: (value: Value) => boolean,
  { patience, pause }: { readonly patience: number; readonly pause: number | ((waited: number) => number) },
): Promise<Value> => {
  const startedAt = performance.now()
  let changedAt = startedAt
  let last: Value | undefined
  for (;;) {
    const value = await read()
    if (!isDeepStrictEqual(value, last)) changedAt = performance.now()
    last = value
    const waited = performance.now() - startedAt
    const isStuck = performance.now() - changedAt > patience || waited > maxPatiences * patience
    if (isDone(value) || isStuck) return value
    await sleep(typeof pause === 'number' ? pause : pause(waited))
  }
}
