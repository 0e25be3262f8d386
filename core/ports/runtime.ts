import type { Blueprint } from '../blueprint/blueprint.ts'
import type { SiteId } from '../ids.ts'
import type { Size } from '../plan/plan.ts'
import type { DataHome } from '../site/location.ts'
import type { Endpoint } from '../site/site.ts'

/** Everything needed to run one site; the same launch twice is one site. */
export interface Launch {
  readonly siteId: SiteId
  /** Which of its data directories it runs on. */
  readonly generation: number
  readonly blueprint: Blueprint
  readonly size: Size
  /** Whether it may run where it can be taken away at short notice and starts elsewhere: cheaper, where a platform offers it. */
  readonly interruptible: boolean
  /** Added to every container: who the site is and whom it may believe. */
  readonly environment: Readonly<Record<string, string>>
  /** By name. A container is given those that the blueprint names for it, and no other's. */
  readonly secrets: Readonly<Record<string, string>>
}

export interface RunningSite {
  readonly siteId: SiteId
  /**
   * `stopped` where something is left of it that does not run; `starting` where a platform that looks after it by itself is
   * still bringing it up.
   */
  readonly state: 'running' | 'starting' | 'stopped'
  /** Where it runs, told only by a platform that replaces by itself what ends: a sweep then needs no look at it. */
  readonly endpoint?: Endpoint
}

/**
 * Where sites run. Every call is idempotent: it may be repeated after a lost reply, and two at once have the effect of
 * one. A runtime restarts by itself what ends by itself.
 */
export interface SiteRuntime {
  /**
   * Starts the site's containers, or finds them started. It returns when they have been launched, which is before they
   * answer. What runs by another blueprint version is replaced.
   * @throws {SitewrightError} `RuntimeUnavailable` where the engine does not answer (try again), `LaunchFailed` where the
   *   launch itself is at fault (trying again will not help).
   */
  readonly start: (launch: Launch) => Promise<void>
  /**
   * Starts a launch beside what runs of the site by another one, whose data has to bear that; `start` of the same launch ends
   * that other one, and `start` of the other one ends this. A platform that ends it by itself once this one runs does so. Absent where
   * a runtime has no place for two. Throws like `start`.
   */
  readonly startBeside?: (launch: Launch) => Promise<void>
  /**
   * Where the traffic container listens; undefined while it does not run, or has begun to stop. Of two beside each other the one
   * that was there before, unless the platform replaces it by itself.
   * @param launch the one of this very launch alone, which need not be that one.
   */
  readonly locate: (siteId: SiteId, launch?: Launch) => Promise<Endpoint | undefined>
  /** Ends and removes the site's containers, both where there are two beside each other; its data stays. */
  readonly remove: (siteId: SiteId) => Promise<void>
  /** Everything of this runtime's cells, whatever state it is in. */
  readonly list: () => Promise<readonly RunningSite[]>
}

/** Where sites keep their data. */
export interface SiteStorage {
  /** Makes the site's data directory, or finds it made. */
  readonly prepare: (home: DataHome) => Promise<void>
  /** Deletes a data directory that nobody needs: of a site that was never open, or of which there is a verified copy. */
  readonly remove: (home: DataHome) => Promise<void>
  /** The data directories there are. */
  readonly list: () => Promise<readonly DataHome[]>
}

/** Asks a site whether it is well. */
export interface HealthProbe {
  /** True on a 2xx answer; false on anything else, silence included. Never throws. */
  readonly isHealthy: (endpoint: Endpoint, path: string) => Promise<boolean>
}

/** Values that are secret to one site and stay the same for its life. */
export interface SiteSecrets {
  readonly valueOf: (siteId: SiteId, name: string) => Promise<string>
}

export const leftoverKinds = ['task-definition', 'role', 'parameter'] as const

/** Something a platform keeps for a site besides what runs and its data. It holds nothing that a start does not make again. */
export interface Leftover {
  readonly kind: (typeof leftoverKinds)[number]
  /** Names it among those of its kind: an ARN, or a name. */
  readonly id: string
  readonly siteId: SiteId
  readonly cell: string
}

/**
 * What platforms keep for sites. Only what carries the tag of Sitewright and the name of this installation is listed; what
 * cannot carry tags has both in its path or name.
 */
export interface Leftovers {
  /**
   * All there is in this installation's cells, of sites that run as well.
   * @throws {SitewrightError} `RuntimeUnavailable`.
   */
  readonly list: () => Promise<readonly Leftover[]>
  /**
   * Removes it, after a look at whether it is this installation's. Removed already is as good.
   * @throws {SitewrightError} `RuntimeUnavailable`.
   */
  readonly remove: (leftover: Leftover) => Promise<void>
}

/** What routers still carry. */
export interface OpenRequests {
  /** How many requests are under way to a place, upgraded connections left out; undefined where nobody here can tell. */
  readonly at: (endpoint: Endpoint) => Promise<number | undefined>
}

/** Tells how much sites store. */
export interface StorageMeter {
  /**
   * The bytes of disk that a data directory takes, while its site runs. Undefined where that is not known now, and another
   * time will be: a measurement that takes long is still under way, or it was measured not long ago.
   */
  readonly measure: (home: DataHome) => Promise<number | undefined>
}
