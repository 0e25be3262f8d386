import { setTimeout as sleep } from 'node:timers/promises'
import { UnexpectedAnswer } from '../demo/api.ts'

/** How often calls failed in a way that passes, by what came instead of an answer. */
export type Failures = Map<string, number>

const pauseMilliseconds = 200

/** What a client that does not give up tries again: no answer, and 5xx. */
const passes = (error: unknown): boolean => !(error instanceof UnexpectedAnswer) || error.status >= 500

const count = (failures: Failures, error: unknown): void => {
  const kind = error instanceof UnexpectedAnswer ? String(error.status) : 'no answer'
  failures.set(kind, (failures.get(kind) ?? 0) + 1)
}

/**
 * Makes a call as a client does that tries again until it is answered.
 * @throws the last failure after two minutes, and at once what no repetition puts right.
 */
export const patiently = async <Result>(failures: Failures, run: () => Promise<Result>): Promise<Result> => {
  const deadline = performance.now() + 120_000
  for (;;) {
    try {
      return await run()
    } catch (error) {
      if (!passes(error)) throw error
      count(failures, error)
      if (performance.now() > deadline) throw error
    }
    await sleep(pauseMilliseconds)
  }
}

/** Makes a call once. @returns whether it was answered as expected. @throws what no repetition puts right. */
export const once = async (failures: Failures, run: () => Promise<unknown>): Promise<boolean> => {
  try {
    await run()
    return true
  } catch (error) {
    if (!passes(error)) throw error
    count(failures, error)
    return false
  }
}
