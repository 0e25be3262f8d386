/** How far a clock has to be turned from one instant to another, as an ISO 8601 duration; to the full second after it. */
export const wayTo = (now: string, until: string): string =>
  `PT${Math.ceil((Date.parse(until) - Date.parse(now)) / 1000)}S`

/** @param hours to add. */
export const hoursAfter = (instant: string, hours: number): string =>
  new Date(Date.parse(instant) + hours * 3_600_000).toISOString()
