import type { Context } from '../../../core/ports/context.ts'
import type { OpenRequests } from '../../../core/ports/runtime.ts'
import type { Endpoint } from '../../../core/site/location.ts'

export interface DrainPorts extends Pick<Context, 'routerMemoryMilliseconds' | 'pause' | 'monotonic'> {
  readonly openRequests: OpenRequests
}

/** In milliseconds. */
const pollEvery = 25
/** A request that was just admitted may not be counted yet. */
const calmChecks = 2
/** The wait if routers cannot be asked. */
const blindPause = 2000

/**
 * Waits until no router sends requests to an address and those in progress are done, or the time is up: an event stream
 * never ends.
 */
export const drain = async (
  { openRequests, routerMemoryMilliseconds, pause, monotonic }: DrainPorts,
  endpoint: Endpoint | undefined,
  longestMilliseconds: number,
): Promise<void> => {
  if (endpoint === undefined) return
  await pause(routerMemoryMilliseconds)
  const givenUpAt = monotonic() + longestMilliseconds
  for (let calm = 0; calm < calmChecks && monotonic() < givenUpAt; ) {
    const open = await openRequests.at(endpoint)
    if (open === undefined) return pause(Math.min(blindPause, longestMilliseconds))
    calm = open === 0 ? calm + 1 : 0
    if (calm < calmChecks) await pause(pollEvery)
  }
}
