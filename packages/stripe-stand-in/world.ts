import type { Customer } from './records/customer.ts'
import type { Records } from './records/records.ts'

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

/** What Stripe's dashboard has rather than its API. */
export interface DunningSettings {
  /** Days between one attempt to collect and the next. */
  readonly retryAfterDays: readonly number[]
  /** What becomes of a subscription when the last attempt has failed. */
  readonly afterRetries: 'cancel' | 'leave' | 'unpaid'
}

/** What one step of the stand-in works with. All of what it does is committed, or none of it. */
export interface World {
  readonly records: Records
  /** Seconds since 1970, by the domain clock; of what time does, when it was due. */
  readonly now: number
  /** A new id that begins with this, such as `cus_`. */
  readonly newId: (prefix: string) => string
  /** Says that something happened, with the object as it is now and, of a change, what was different before. */
  readonly emit: (type: string, object: object, previous?: object) => void
  readonly dunning: DunningSettings
  /** How many endpoints have not had an event yet. */
  readonly pendingWebhooks: (eventId: string) => number
  /** Where pages are, without a slash at its end. */
  readonly address: string
}

/** @throws {Error} where there is none: it was looked up by an id that a record holds. */
export const customerOf = ({ records }: World, id: string): Customer => {
  const customer = records.customers.get(id)
  if (customer === undefined) throw new Error(`the stand-in for Stripe has no customer ${id}`)
  return customer
}
