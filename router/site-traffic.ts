import type { Limits } from '../core/plan/plan.ts'
import { createSlidingMinute } from './sliding-minute.ts'

/** What of a site's plan is used up. */
export interface Exhausted {
  readonly what: 'requests' | 'bandwidth' | 'connections'
  /** Until one more may be let in; a guess where it hangs on others' going. */
  readonly retryAfterSeconds: number
}

/** What is asked of one site through this router. */
export interface SiteTraffic {
  /** Lets one more in, who has to `leave` again; or says why not, and counts nothing. */
  readonly enter: (limits: Limits) => Exhausted | undefined
  readonly leave: () => void
  /** Counts bytes of bodies and upgraded connections. It stops nobody who has been let in. */
  readonly carry: (bytes: number) => void
  readonly isBusy: () => boolean
}

const mebibyte = 1_048_576

/** @param now milliseconds of a clock that never goes back. */
export const createSiteTraffic = (now: () => number): SiteTraffic => {
  const requests = createSlidingMinute()
  const bytes = createSlidingMinute()
  let connections = 0

  const second = (): number => Math.floor(now() / 1000)

  return {
    enter: (limits) => {
      const present = second()
      if (connections >= limits.connections) return { what: 'connections', retryAfterSeconds: 1 }
      if (requests.total(present) >= limits.requestsPerMinute) {
        return {
          what: 'requests',
          retryAfterSeconds: requests.secondsUntilBelow(present, limits.requestsPerMinute),
        }
      }
      const mayCarry = limits.bandwidthMiBPerMinute * mebibyte
      if (bytes.total(present) >= mayCarry) {
        return { what: 'bandwidth', retryAfterSeconds: bytes.secondsUntilBelow(present, mayCarry) }
      }
      requests.add(present, 1)
      connections += 1
      return undefined
    },
    leave: () => {
      connections -= 1
    },
    carry: (count) => bytes.add(second(), count),
    isBusy: () => connections > 0,
  }
}
