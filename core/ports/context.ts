import type { Id, IdPrefix } from '../ids.ts'
import type { Instant } from '../instant.ts'
import type { LogEvent } from '../log-events.ts'

/** Tells the present instant. */
export type Clock = () => Instant

/**
 * Two clocks. The domain clock rules deadlines and may be turned on one machine; the wall clock rules signatures, tokens,
 * codes, sessions and rate windows, and is never turned.
 */
export interface Clocks {
  readonly domain: Clock
  readonly wall: Clock
}

/** Where everything unpredictable comes from. */
export interface Randomness {
  /** A new id; ids made later in one process sort later. */
  readonly id: <Prefix extends IdPrefix>(prefix: Prefix) => Id<Prefix>
  /** 256 random bits as base64url: 43 characters. */
  readonly token: () => string
  /** A uniformly random integer of `[0, limit)`. */
  readonly integer: (limit: number) => number
}

interface LogFields {
  /** The code of a line that an alarm, the runbook or a test looks for; its sentence may change. */
  readonly event?: LogEvent
  readonly [field: string]: unknown
}

type Line = (fields: LogFields, message: string) => void

/** Structured log lines; pino's loggers fit. Never a code, a token, a secret or an address in either part. */
export interface Log {
  readonly info: Line
  readonly warn: Line
  readonly error: Line
}
