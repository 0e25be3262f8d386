import type { SiteId } from '../../core/ids.ts'
import type { Instant } from '../../core/instant.ts'
import type { WakeAnswer, WakeCall } from './wake-on-request.ts'

/** When a running site is checked for use. Stands apart from the site's record, so that it causes no version and no event. */
export interface IdleCheck {
  readonly siteId: SiteId
  readonly at: Instant
}

/** How far the checks of all sites were scheduled again. */
export interface IdleWalk {
  /** Only sites of these plans; all if absent. */
  readonly plans?: readonly string[] | undefined
  readonly status: 'active' | 'asleep'
  /** Where the next page begins; absent at the first one of a status. */
  readonly cursor?: string | undefined
}

/** What the last sweep knew of the clock and the configuration. */
export interface IdleSweep {
  readonly sweptAt: Instant
  /** The clock jumped then, or the sweep did not run: earlier uses do not count. */
  readonly trustedSince: Instant
  /** By plan, as text. The checks of all sites follow them, or will after the walk. */
  readonly settings?: Readonly<Record<string, string>> | undefined
  /** Absent if no check has to be scheduled again. */
  readonly walk?: IdleWalk | undefined
}

export interface IdleChecks {
  /** Replaces an earlier check of the site. */
  readonly schedule: (check: IdleCheck) => Promise<void>
  readonly remove: (siteId: SiteId) => Promise<void>
  /** Replaces this check, or removes it; leaves a check alone that was scheduled since. */
  readonly replace: (check: IdleCheck, next: Instant | undefined) => Promise<void>
  /** Earliest first. @param after those up to it are left out. */
  readonly due: (until: Instant, after?: Instant) => AsyncIterable<IdleCheck>
  /** Undefined before the first sweep. */
  readonly lastSweep: () => Promise<IdleSweep | undefined>
  readonly noteSweep: (sweep: IdleSweep) => Promise<void>
}

/** All that a router can do to a site. */
export interface SiteWakes {
  readonly wake: (call: WakeCall) => Promise<WakeAnswer>
}
