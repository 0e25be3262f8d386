import { SitewrightError } from '../../errors.ts'
import { system } from '../../events/event-names.ts'
import type { SiteId } from '../../ids.ts'
import type { Size } from '../../plan/plan.ts'
import type { Clocks, Randomness } from '../../ports/context.ts'
import type { HealthProbe, SiteRuntime } from '../../ports/runtime.ts'
import type { BlueprintStore, SiteStore } from '../../ports/stores.ts'
import type { ChangeContext } from '../change.ts'
import { changeSite } from '../change-site.ts'
import { isSameEndpoint } from '../location.ts'
import type { ActiveSite, Endpoint, ReadySite } from '../site.ts'
import { isPaused } from '../site-facts.ts'
import { blueprintOf } from './prepare-launch.ts'
import { moveSite } from './run-changes.ts'

/** What a platform tells of a site's task. It may come late, twice and in any order. */
export interface TaskNews {
  readonly siteId: SiteId
  /** Where the task listens or listened; undefined before it had an address. */
  readonly endpoint?: Endpoint
  /** It has begun to stop, or has stopped. */
  readonly isEnding: boolean
}

export interface FollowTaskPorts {
  readonly sites: SiteStore
  readonly blueprints: BlueprintStore
  readonly runtime: Pick<SiteRuntime, 'locate'>
  readonly probe: HealthProbe
  readonly clocks: Clocks
  readonly randomness: Randomness
  readonly pause: (milliseconds: number) => Promise<void>
  readonly lookEveryMilliseconds: number
  /** Milliseconds that pass evenly, whatever the clocks are set to. */
  readonly monotonic: () => number
}

/** How long one call waits for a task that runs to answer; the news is delivered again after a failure. */
const patienceMilliseconds = 40_000

const contextOf = ({ clocks, randomness }: FollowTaskPorts, causationId: string) => ({
  actor: system,
  causationId,
  clocks,
  randomness,
})

/** An address never outlives its task: whoever listens there next must not be sent this site's visitors. */
const dropAddress = (ports: FollowTaskPorts, { siteId, endpoint }: TaskNews, causationId: string): Promise<void> =>
  noteAddress(
    ports.sites,
    siteId,
    (site) => (endpoint !== undefined && isSameEndpoint(endpoint, site.endpoint) ? undefined : 'keep'),
    contextOf(ports, causationId),
  )

/** A runtime may still show the task that ends. */
const locateNext = async ({ locate }: FollowTaskPorts['runtime'], { siteId, endpoint, isEnding }: TaskNews) => {
  const located = await locate(siteId)
  return isEnding && located !== undefined && isSameEndpoint(located, endpoint) ? undefined : located
}

/** Where an open site's task answers, other than the one that ends; `settled` where there is nothing to note. */
const look = async (ports: FollowTaskPorts, news: TaskNews): Promise<Endpoint | 'settled' | undefined> => {
  const site = await ports.sites.get(news.siteId)
  if (site?.status !== 'active' && site?.status !== 'ready') return 'settled'
  // What still answers is about to end, and the workflow says where the next one is.
  if (isPaused(site)) return 'settled'
  const located = await locateNext(ports.runtime, news)
  if (located === undefined) return undefined
  if (isSameEndpoint(located, site.endpoint)) return 'settled'
  const { traffic } = await blueprintOf(ports.blueprints, site)
  return (await ports.probe.isHealthy(located, traffic.healthPath)) ? located : undefined
}

const nextAddress = async (ports: FollowTaskPorts, news: TaskNews): Promise<Endpoint | 'settled'> => {
  const givenUpAt = ports.monotonic() + patienceMilliseconds
  for (;;) {
    const found = await look(ports, news)
    if (found !== undefined) return found
    // Its successor is news of its own, and takes a minute to come.
    if (news.isEnding) return 'settled'
    if (ports.monotonic() >= givenUpAt) {
      throw new SitewrightError('SiteNotReady', `${news.siteId} has no task that answers yet.`)
    }
    await ports.pause(ports.lookEveryMilliseconds)
  }
}

/**
 * Keeps an open site's recorded address true to its tasks. The news only says that something changed and which task is
 * going: the rest is asked of the runtime, so news in any order end alike.
 * @throws {SitewrightError} `SiteNotReady` where no task answers in time: deliver the news again.
 */
export const followTask = async (ports: FollowTaskPorts, news: TaskNews, causationId: string): Promise<void> => {
  if (news.isEnding) await dropAddress(ports, news, causationId)
  const endpoint = await nextAddress(ports, news)
  if (endpoint === 'settled') return
  await noteAddress(
    ports.sites,
    news.siteId,
    (site) => (isPaused(site) ? 'keep' : endpoint),
    contextOf(ports, causationId),
  )
}

/**
 * Records where an open site answers.
 * @param decide returns the address, undefined for none, or `keep`.
 * @param size the size it was started with.
 * @throws {SitewrightError} `VersionConflict`.
 */
export const noteAddress = async (
  sites: SiteStore,
  siteId: SiteId,
  decide: (site: ActiveSite | ReadySite) => Endpoint | undefined | 'keep',
  context: ChangeContext,
  size?: Size,
): Promise<void> => {
  await changeSite(sites, siteId, (site) => {
    if (site?.status !== 'active' && site?.status !== 'ready') return undefined
    const endpoint = decide(site)
    return endpoint === 'keep' ? undefined : moveSite(site, endpoint, context, size)
  })
}
