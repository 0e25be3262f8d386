const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** By the domain clock, in milliseconds. */
export const domainTimes = {
  /** Whoever sets records waits for them to be seen; nobody waits any more after the first hours. */
  pendingLook: (age: number): number => (age < hour ? minute : age < day ? 10 * minute : 2 * hour),
  /** Records that nobody has set by then are not looked for any longer. */
  pendingLasts: 30 * day,
  verifiedLook: 6 * hour,
  /** What is about to go is looked at more often, so that it is kept as soon as it may be. */
  failingLook: hour,
  /** A zone that is moved from one provider to another is back within a day. */
  failingBeforeWarning: day,
  /** From the warning to the release. */
  warningLasts: 7 * day,
} as const
