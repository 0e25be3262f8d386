import { randomBytes, randomInt } from 'node:crypto'
import { monotonicFactory } from 'ulid'
import type { Randomness } from '../core/ports/context.ts'

/** Randomness from the operating system. Ids keep their order within a millisecond and when the clock steps back. */
export const createRandomness = (): Randomness => {
  const nextUlid = monotonicFactory()
  return {
    id: (prefix) => `${prefix}_${nextUlid().toLowerCase()}`,
    token: () => randomBytes(32).toString('base64url'),
    integer: (limit) => randomInt(limit),
  }
}
