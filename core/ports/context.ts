import type { Id, IdPrefix } from '../ids.ts'
import type { Instant } from '../instant.ts'
import type { LogEvent } from '../log-events.ts'

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

interface LogFields {
  /** The code of a line that an alarm, the runbook or a test looks for; its sentence may change. */
  readonly event?: LogEvent
  readonly [field: string]: unknown
}

type Line = (fields: LogFields, message: string) => void

/** Structured logging, as pino does it. Never log a code, a token, a secret or an address. */
export interface Log {
  readonly info: Line
  readonly warn: Line
  readonly error: Line
}
