import { isDeepStrictEqual } from 'node:util'

/** @throws {Error} that names what is not as it should be. */
export const check = (what: string, found: unknown, expected: unknown): void => {
  if (isDeepStrictEqual(found, expected)) return
  throw new Error(`${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`)
}
