import { system } from '../../../core/events/event-names.ts'
import type { SiteId } from '../../../core/ids.ts'
import type { Size } from '../../../core/plan/plan.ts'
import type { Context } from '../../../core/ports/context.ts'
import type { HealthProbe } from '../../../core/ports/probes.ts'
import type { SiteRuntime } from '../../../core/ports/runtime.ts'
import { changeSite } from '../../../core/site/change-site.ts'
import { isSameEndpoint, placeOf, type SitePlace } from '../../../core/site/location.ts'
import type { ActiveSite, Endpoint, ReadySite, Site } from '../../../core/site/site.ts'
import { isBeingSwapped, isPaused } from '../../../core/site/site-facts.ts'
import type { BlueprintReader } from '../../blueprints/ports.ts'
import type { TaskPorts } from '../build/provision-site.ts'
import { blueprintOf } from './prepare-launch.ts'
import { changeAddress } from './run-changes.ts'

/** A platform's event about a site's task. It may be late, repeated and out of order. */
export interface TaskNews extends SitePlace {
  /** The task's address; undefined before it had one. */
  readonly endpoint?: Endpoint
  readonly isEnding: boolean
}

interface FollowTaskPorts extends TaskPorts, Pick<Context, 'pause' | 'pollMilliseconds' | 'monotonic'> {
  readonly blueprints: BlueprintReader
  readonly runtime: Pick<SiteRuntime, 'locate'>
  readonly probe: HealthProbe
}

/** How long one call waits for an answer. After that the sweep of each minute finds the address. */
const patienceMilliseconds = 40_000

/** An address must not outlive its task: another site may listen there next. */
const dropAddress = (ports: FollowTaskPorts, { siteId, endpoint }: TaskNews, causationId: string): Promise<void> =>
  noteAddress(
    ports,
    siteId,
    (site) => (endpoint !== undefined && isSameEndpoint(endpoint, site.endpoint) ? undefined : 'keep'),
    causationId,
  )

/** Its workflow records the next address: of an upgrade only when it has passed its checks, also where the former task runs beside. */
const isLeftToWorkflow = (site: Site): boolean => isPaused(site) || isBeingSwapped(site)

const isHealthy = async (ports: FollowTaskPorts, site: Site, endpoint: Endpoint): Promise<boolean> => {
  const { traffic } = await blueprintOf(ports.blueprints, site)
  return (await ports.probe.isHealthy(endpoint, traffic)) === true
}

/**
 * The address of the site's task if it answers; `settled` if there is nothing to record. The runtime is asked only if the site has
 * another address, to tell which of two tasks counts: the platform limits calls, and after an outage thousands of tasks start.
 */
const check = async (ports: FollowTaskPorts, news: TaskNews): Promise<Endpoint | 'settled' | undefined> => {
  const site = await ports.sites.get(news.siteId)
  if (site?.status !== 'active' && site?.status !== 'ready') return 'settled'
  // One of a cell that the site has left, or has not moved to.
  if (isLeftToWorkflow(site) || site.cell !== news.cell) return 'settled'
  const own = news.endpoint ?? (await ports.runtime.locate(placeOf(site)))
  if (own === undefined) return undefined
  if (isSameEndpoint(own, site.endpoint)) return 'settled'
  if (!(await isHealthy(ports, site, own))) return undefined
  if (site.endpoint === undefined) return own
  const located = await ports.runtime.locate(placeOf(site))
  if (located === undefined || isSameEndpoint(located, own)) return located
  if (isSameEndpoint(located, site.endpoint)) return 'settled'
  return (await isHealthy(ports, site, located)) ? located : undefined
}

const nextAddress = async (ports: FollowTaskPorts, news: TaskNews): Promise<Endpoint | 'settled'> => {
  const givenUpAt = ports.monotonic() + patienceMilliseconds
  for (;;) {
    const found = await check(ports, news)
    if (found !== undefined) return found
    // Without a question to the platform: after an outage thousands would ask, and the sweep could not list its tasks.
    if (ports.monotonic() >= givenUpAt) return 'settled'
    await ports.pause(ports.pollMilliseconds)
  }
}

/**
 * Keeps an open site's address up to date: drops that of a task that ends, and records that of a task that answers. Events may
 * come in any order: a task that has ended does not answer, and a sweep finds what events missed or what answers late.
 */
export const followTask = async (ports: FollowTaskPorts, news: TaskNews, causationId: string): Promise<void> => {
  // The next task has its own event.
  if (news.isEnding) return dropAddress(ports, news, causationId)
  const endpoint = await nextAddress(ports, news)
  if (endpoint === 'settled') return
  await noteAddress(ports, news.siteId, (site) => (isLeftToWorkflow(site) ? 'keep' : endpoint), causationId)
}

/** Records where an open site answers. @param decide returns the address, undefined for none, or `keep`. @throws {SitewrightError} `VersionConflict`. */
export const noteAddress = async (
  ports: TaskPorts,
  siteId: SiteId,
  decide: (site: ActiveSite | ReadySite) => Endpoint | undefined | 'keep',
  causationId: string,
  size?: Size,
): Promise<void> => {
  const context = { actor: system, causationId, ...ports }
  await changeSite(ports.sites, siteId, (site) => {
    if (site?.status !== 'active' && site?.status !== 'ready') return undefined
    const endpoint = decide(site)
    return endpoint === 'keep' ? undefined : changeAddress(site, endpoint, context, size)
  })
}

export const followTaskEvent = async (
  ports: FollowTaskPorts & { readonly readTaskNews: (detail: unknown) => Promise<TaskNews | undefined> },
  detail: unknown,
  eventId: string,
): Promise<void> => {
  const news = await ports.readTaskNews(detail)
  if (news !== undefined) await followTask(ports, news, eventId)
}
