import type { Randomness } from '../../../core/ports/context.ts'

/** Numbers from a seed, the same ones each time: mulberry32. */
export const seededInteger = (seed: number): ((limit: number) => number) => {
  let state = seed >>> 0
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
}

const letters = '0123456789abcdefghjkmnpqrstvwxyz'

/** Ids that count up, and whose last letter spreads as that of a ULID does; everything else from the seed. */
export const seededRandomness = (integer: (limit: number) => number): Randomness => {
  let count = 0
  const word = (length: number): string => Array.from({ length }, () => letters[integer(32)]).join('')
  return {
    id: (prefix) => {
      count += 1
      return `${prefix}_01jq3v${String(count).padStart(10, '0')}${word(10)}`
    },
    token: () => word(43),
    integer,
  }
}
