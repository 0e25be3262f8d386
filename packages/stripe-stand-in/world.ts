import type { Store } from './store.ts'

type Line = (fields: object, message: string) => void

/** Takes structured log lines; pino's loggers fit. */
export interface Log {
  readonly info: Line
  readonly warn: Line
  readonly error: Line
}

/** Two clocks that tell instants such as `2026-01-31T09:30:00.000Z`. */
export interface Clocks {
  /** Rules subscriptions, invoices and checkouts. A test may turn it. */
  readonly domain: () => string
  /** Signs and retries webhooks. Nobody turns it. */
  readonly wall: () => string
}

/** What one step of the stand-in works with. A step is committed as a whole or not at all. */
export interface World {
  readonly store: Store
  /** Seconds since 1970, by the domain clock; for what time does, when it was due. */
  readonly now: number
  /** A new id that begins with this, such as `cus_`. */
  readonly newId: (prefix: string) => string
  /** Records an event with the object as it is now and, after a change, the members that were different before. */
  readonly emit: (type: string, object: object, previous?: object) => void
  /** Where the stand-in answers, without a slash at its end. */
  readonly address: string
}
