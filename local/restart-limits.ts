/**
 * How long the parts of a restart may take, in milliseconds. Routers hold requests meanwhile, so that an update fails none. What has no limit here,
 * such as mails and the database, has fifteen seconds. What is cut off is as after a kill, and the sweeps of the next start see to it.
 */
export const restartLimits = {
  /** Load balancers give up after 60 seconds. */
  routersHold: 50_000,
  requestsEnd: 5000,
  sweepsEnd: 5000,
  /** State machines, and deliveries of events. */
  workEnds: 5000,
  startsEnd: 5000,
  imagesArrive: 5000,
  firstSweeps: 10_000,
} as const

/** Waits for work to end, up to a limit in milliseconds. */
export const atMost = async (milliseconds: number, work: Promise<unknown>): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, milliseconds)
  await Promise.race([work, promise]).finally(() => clearTimeout(timer))
}
