/** RFC 3339 in UTC with milliseconds, such as `2026-01-31T09:30:00.000Z`. Sorts as text. */
export type Instant = string

const dayInMilliseconds = 86_400_000

/** After any other instant: they sort as text as long as their years have four digits. */
export const endOfTime: Instant = '9999-12-31T23:59:59.999Z'

export const toInstant = (date: Date): Instant => date.toISOString()

export const plusMilliseconds = (instant: Instant, milliseconds: number): Instant =>
  new Date(Date.parse(instant) + milliseconds).toISOString()

export const plusDays = (instant: Instant, days: number): Instant => plusMilliseconds(instant, days * dayInMilliseconds)

export const earliest = (instants: readonly (Instant | undefined)[]): Instant | undefined =>
  instants.filter((instant) => instant !== undefined).toSorted()[0]

/** Whole seconds since 1970, rounded up, for DynamoDB's time to live. */
export const toEpochSeconds = (instant: Instant): number => Math.ceil(Date.parse(instant) / 1000)
