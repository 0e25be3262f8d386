import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { check } from '../trial/check.ts'

const patienceMilliseconds = 10_000
const lookMilliseconds = 5

/**
 * Looks until something is as it should be.
 * @returns how long that took, in milliseconds.
 * @throws {Error} that names it, where it is not so within ten seconds.
 */
export const awaitValue = async <Value>(what: string, look: () => Promise<Value>, expected: Value): Promise<number> => {
  const startedAt = performance.now()
  let found = await look()
  while (!isDeepStrictEqual(found, expected) && performance.now() - startedAt < patienceMilliseconds) {
    await sleep(lookMilliseconds)
    found = await look()
  }
  check(what, found, expected)
  return performance.now() - startedAt
}
