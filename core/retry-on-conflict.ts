import { SitewrightError } from './errors.ts'

/** What an attempt returns when somebody else wrote first. */
export const conflict: unique symbol = Symbol('conflict')

/**
 * Repeats an optimistic write: each attempt reads again, decides again, and returns `conflict` if it lost.
 * @param what names the thing in the error message.
 * @param attempt gets its number, from 0.
 * @param attempts at least as many as may write at once: each time one of them wins.
 * @throws whatever an attempt throws, and {SitewrightError} `VersionConflict` after so many lost attempts.
 */
export const retryOnConflict = async <Result>(
  what: string,
  attempt: (index: number) => Promise<Result | typeof conflict>,
  attempts = 6,
): Promise<Result> => {
  for (let index = 0; index < attempts; index += 1) {
    const result = await attempt(index)
    if (result !== conflict) return result
  }
  throw new SitewrightError('VersionConflict', `${what} was changed at the same time. Try again.`)
}
