import type { OpenRequests } from '../../ports/runtime.ts'
import type { Endpoint } from '../location.ts'

export interface DrainPorts {
  readonly openRequests: OpenRequests
  /** For how long a router may still send somebody where a site was, in milliseconds. */
  readonly routerMemoryMilliseconds: number
  readonly pause: (milliseconds: number) => Promise<void>
  /** Milliseconds that pass evenly, whatever the clocks are set to. */
  readonly monotonic: () => number
}

/** In milliseconds. */
const lookEvery = 25
/** A request that was let in a moment before may not be counted yet. */
const calmLooks = 2
/** Where the routers cannot be asked, requests have so long; a site that is told to end lets what is left end, too. */
const blindPause = 2000

/**
 * Waits until no router sends anybody to a place any more, and until what was sent there has been answered, or its time is up: an event
 * stream never ends.
 * @param endpoint undefined where there was none: then nobody was sent there.
 */
export const drain = async (
  { openRequests, routerMemoryMilliseconds, pause, monotonic }: DrainPorts,
  endpoint: Endpoint | undefined,
  longestMilliseconds: number,
): Promise<void> => {
  if (endpoint === undefined) return
  await pause(routerMemoryMilliseconds)
  const givenUpAt = monotonic() + longestMilliseconds
  for (let calm = 0; calm < calmLooks && monotonic() < givenUpAt; ) {
    const open = await openRequests.at(endpoint)
    if (open === undefined) return pause(Math.min(blindPause, longestMilliseconds))
    calm = open === 0 ? calm + 1 : 0
    if (calm < calmLooks) await pause(lookEvery)
  }
}
