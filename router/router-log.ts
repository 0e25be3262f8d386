/** What the router needs of a log; pino's loggers fit. */
export interface RouterLog {
  readonly warn: (fields: object, message: string) => void
  readonly error: (fields: object, message: string) => void
}
