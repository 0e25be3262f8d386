type Line = (fields: object, message: string) => void

/** Structured log lines; pino's loggers fit. Never a code, a token, a secret or an address in either part. */
export interface Log {
  readonly info: Line
  readonly warn: Line
  readonly error: Line
}
