import type { Blueprint, DataOwner } from '../blueprint/blueprint.ts'
import type { Variables } from '../blueprint/interpolate.ts'
import type { SiteId } from '../ids.ts'
import type { Instant } from '../instant.ts'
import type { Size } from '../plan/plan.ts'
import type { DataHome, SitePlace } from '../site/location.ts'
import type { Endpoint } from '../site/site.ts'

export interface Launch extends SitePlace {
  readonly generation: number
  readonly blueprint: Blueprint
  readonly size: Size
  /** The id of its plan, which the platform's bill shows. */
  readonly plan: string
  /** Whether it may run on cheaper capacity that can be withdrawn at short notice. */
  readonly interruptible: boolean
  /** For every container: the site's id and keys to trust. */
  readonly environment: Readonly<Record<string, string>>
  /** By name. Each container gets those that its blueprint lists. */
  readonly secrets: Readonly<Record<string, string>>
  /** Of the secrets that were set, by name: the site and the version that set each, or the version alone if it is this site's. Another value has another text. */
  readonly given?: Readonly<Record<string, string>>
  /** The site's URL, features, limits and variables by the names that its blueprint interpolates; absent if it interpolates none. */
  readonly facts?: Variables
}

export interface RunningSite extends SitePlace {
  /** `stopped`: remains exist. `starting`: a self-healing platform is starting it and needs no further call. `asleep`: `stop` ended it. */
  readonly state: 'running' | 'starting' | 'stopped' | 'asleep'
  /** Set by self-healing platforms only. */
  readonly endpoint?: Endpoint
  /** When its task started; set by self-healing platforms only. */
  readonly startedAt?: Instant
}

export interface ContainerEnd {
  readonly exitCode?: number
  /** Such as `SIGKILL`. */
  readonly signal?: string
  readonly isOutOfMemory?: boolean
  /** The platform's own words. */
  readonly reason?: string
}

export interface ObservedContainer {
  readonly name: string
  readonly isRunning: boolean
  /** How often it ended by itself since its launch. */
  readonly ends: number
  readonly lastEnd?: ContainerEnd
  /** The last lines of its output, oldest first, at most `outputBounds`. They may contain the site's secrets. */
  readonly lines: readonly string[]
}

export interface Listener {
  readonly port: number
  /** On a loopback address alone. */
  readonly isLocal: boolean
}

export interface Observation {
  readonly containers: readonly ObservedContainer[]
  /** The value of its `PORT`. */
  readonly port?: number
  /** Where it listens by TCP; absent where the platform cannot tell. */
  readonly listeners?: readonly Listener[]
  /** Why its last start failed, in the platform's words. */
  readonly refusal?: string
}

/** Lines of one container, oldest first, and where the next ones begin, in the platform's words. */
export interface ContainerLog {
  readonly container: string
  readonly lines: readonly string[]
  readonly position: string
}

export interface OneOff {
  /** The same key is the same run, for as long as the runtime remembers it: it may run twice after a crash. */
  readonly key: string
  /** Runs in the traffic container instead of its own command. */
  readonly command: readonly string[]
  /** Instead of `command` where the site runs as plain processes. */
  readonly processCommand?: readonly string[]
  /** Further variables, which are as secret as secrets. */
  readonly environment: Readonly<Record<string, string>>
  /** The secrets of another site, which all containers have instead of the launch's own. The platform keeps them no longer than the run. */
  readonly secrets?: Readonly<Record<string, string>>
  /** Nobody may read what it and the containers beside it print, so the platform records none of it. */
  readonly hidesOutput?: true | undefined
  /** After this time it is ended. */
  readonly seconds: number
}

export type OneOffState =
  | { readonly state: 'running' }
  | {
      readonly state: 'ended'
      /** Absent if it was ended, by a signal or by the platform. */
      readonly exitCode?: number
      /** The last lines of its output, like those of {@link ObservedContainer}. */
      readonly lines: readonly string[]
    }

/** The bounds of a container's output in one answer. Longer lines are cut. */
export const outputBounds = { lines: 200, bytes: 65_536, lineLength: 2000 } as const

/**
 * Runs sites. Every call is idempotent, also concurrently, and is about one cell: what the site has in another one stays as it is.
 * A runtime restarts what ends by itself.
 */
export interface SiteRuntime {
  /**
   * Starts the containers, and replaces those of another blueprint version. Returns before they answer.
   * @throws {SitewrightError} `RuntimeUnavailable` if the engine does not answer: retry. `LaunchFailed` if the launch
   *   itself is wrong.
   */
  readonly start: (launch: Launch) => Promise<void>
  /** Makes what a start needs of a site that has no owner yet, so that its start takes less time. Absent if there is nothing to make. Throws like `start`. */
  readonly prepare?: (launch: Launch) => Promise<void>
  /**
   * Like `start`, for many sites: at the platform's pace, and without a wait for capacity. If the platform refuses it,
   * `list` says `stopped`, and the next call asks for other capacity. Present on self-healing platforms only. Throws like
   * `start`.
   */
  readonly startInBulk?: (launch: Launch) => Promise<void>
  /**
   * Starts a second task beside the running one, on shared data. `start` of either launch then ends the other. Absent
   * if a runtime cannot run two. Throws like `start`.
   */
  readonly startBeside?: (launch: Launch) => Promise<void>
  /**
   * The address of the traffic container; undefined if it is not running. The older of two tasks counts.
   * @param launch looks for the task of this launch only.
   */
  readonly locate: (place: SitePlace, launch?: Launch) => Promise<Endpoint | undefined>
  /**
   * Removes all of the site's containers there, and what the platform keeps for them; its data stays.
   * @param requireWanted is called before each part, because a visitor may wake the site meanwhile. What it throws ends the call.
   */
  readonly remove: (place: SitePlace, requireWanted?: () => Promise<unknown>) => Promise<void>
  /**
   * Ends the site's task and keeps what makes the next start faster. Waits until the task has ended. Absent if there is
   * nothing worth keeping: then `remove` does it.
   * @param requireWanted is called directly before, because a call may wait for its turn and a visitor may wake the site meanwhile. What
   *   it throws ends the call.
   */
  readonly stop?: (place: SitePlace, requireWanted?: () => Promise<unknown>) => Promise<void>
  /**
   * Everything in this runtime's cells, in any state: a site that is in two cells has two entries.
   * @param options.isThorough also what the runtime's own notes do not know.
   */
  readonly list: (options?: { readonly isThorough?: boolean }) => Promise<readonly RunningSite[]>
}

export interface SiteImages {
  /**
   * Checks that the images of a blueprint can be had. One machine fetches those that it lacks, so that a start takes less time.
   * @throws {SitewrightError} `BlueprintUnavailable` if one is gone; `RuntimeUnavailable` if nobody can tell now: retry.
   */
  readonly require: (blueprint: Blueprint) => Promise<void>
}

export interface SiteCommands {
  /**
   * Starts a command, or checks how it is getting on. The containers that the traffic container waits for run beside it. On exclusive
   * data, and where there is no `startBeside`, what runs of the site is stopped first, and `start` ends the command or waits for it. `remove` and
   * `stop` always do. Throws like `start`.
   */
  readonly runOnce: (launch: Launch, run: OneOff) => Promise<OneOffState>
}

export interface BegunLaunch {
  readonly launch: Launch
  readonly since: Instant
}

export interface SiteObserver {
  /**
   * How often the container that ended most often did so by itself since the launch. It may be some seconds late.
   * @param of the launch that is meant, where another one of the site may run or have run, and when it began.
   */
  readonly countEnds: (place: SitePlace, of?: BegunLaunch) => Promise<number>
  /** Undefined if nothing of the site is known. @throws {SitewrightError} `RuntimeUnavailable`. */
  readonly observe: (place: SitePlace) => Promise<Observation | undefined>
  /**
   * The output of the containers that are there, at most `outputBounds` each: the last lines, or those after a position. They may
   * contain the site's secrets.
   * @param after positions by container. @throws {SitewrightError} `RuntimeUnavailable`.
   */
  readonly readLogs: (place: SitePlace, after: Readonly<Record<string, string>>) => Promise<readonly ContainerLog[]>
}

/** Stops a site that nobody uses; its data stays. */
export const stopForSleep = (
  { stop, remove }: Pick<SiteRuntime, 'remove' | 'stop'>,
  place: SitePlace,
  requireWanted?: () => Promise<unknown>,
): Promise<void> => (stop === undefined ? remove(place) : stop(place, requireWanted))

/** Removes what runs of a site in any cell. For a site that is gone for good, or of which nobody knows where it is. */
export const removeEverywhere = async (
  { runtime, cells }: { readonly runtime: Pick<SiteRuntime, 'remove'>; readonly cells: readonly string[] },
  siteId: SiteId,
): Promise<void> => {
  for (const cell of cells) await runtime.remove({ siteId, cell })
}

/** Tells whether a site runs; its user cannot change what runs. */
export interface SiteCheck {
  readonly isRunning: (place: SitePlace) => Promise<boolean>
}

export interface SiteStorage {
  /** @param owner as the blueprint says; a user of the site's own without it. */
  readonly prepare: (home: DataHome, owner?: DataOwner) => Promise<void>
  /** Deletes a data directory that was never used or has a verified copy. */
  readonly remove: (home: DataHome) => Promise<void>
  /** Gives back what the platform counts for a directory. Its data stays, and its next use makes the rest again. Absent if nothing counts. */
  readonly release?: (home: DataHome) => Promise<void>
  /** Released ones, too. */
  readonly list: () => Promise<readonly DataHome[]>
}

/** Secrets that stay the same for a site's life. */
export interface SiteSecrets {
  readonly valueOf: (siteId: SiteId, name: string) => Promise<string>
}

export const runtimeLeftoverKinds = ['task-definition', 'role', 'parameter'] as const

/** A platform resource of a site that a start creates again. */
export interface RuntimeLeftover {
  readonly kind: (typeof runtimeLeftoverKinds)[number]
  /** An ARN or a name. */
  readonly id: string
  readonly siteId: SiteId
  readonly cell: string
}

/** Lists only resources with Sitewright's tag and this installation's name, or with both in their path or name. */
export interface Leftovers {
  /** In this installation's cells, running sites included. @throws {SitewrightError} `RuntimeUnavailable`. */
  readonly list: () => Promise<readonly RuntimeLeftover[]>
  /** Checks the owner first. Idempotent. @throws {SitewrightError} `RuntimeUnavailable`. */
  readonly remove: (leftover: RuntimeLeftover) => Promise<void>
}

export interface OpenRequests {
  /** Requests in progress at an address, without upgraded connections; undefined if unknown. */
  readonly at: (endpoint: Endpoint) => Promise<number | undefined>
}

export interface StorageMeter {
  /** The disk usage of a running site's directory, in bytes. Undefined if unknown now: a measurement is running or was made recently. A full site is measured more often. */
  readonly measure: (home: DataHome, isFull?: boolean) => Promise<number | undefined>
}
