import type { Id, IdPrefix } from '../ids.ts'
import type { Instant } from '../instant.ts'

export type Clock = () => Instant

/**
 * The domain clock rules deadlines and can be advanced on one machine. The wall clock rules signatures, tokens, codes,
 * sessions and rate limits.
 */
export interface Clocks {
  readonly domain: Clock
  readonly wall: Clock
}

export interface Randomness {
  /** Ids made later in one process sort later. */
  readonly id: <Prefix extends IdPrefix>(prefix: Prefix) => Id<Prefix>
  /** 256 random bits as base64url: 43 characters. */
  readonly token: () => string
  /** Uniform in `[0, limit)`. */
  readonly integer: (limit: number) => number
}

type Line = (fields: object, message: string) => void

/** Structured logging, as pino does it. Never log a code, a token, a secret or an address. */
export interface Log {
  readonly info: Line
  readonly warn: Line
  readonly error: Line
}
