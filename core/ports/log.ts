import type { LogEvent } from '../log-events.ts'

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
