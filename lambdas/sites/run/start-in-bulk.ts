import type { PlanCatalogue } from '../../../core/plan/plan.ts'
import type { RunningSite, SiteRuntime } from '../../../core/ports/runtime.ts'
import { isSameEndpoint } from '../../../core/site/location.ts'
import type { Endpoint } from '../../../core/site/site.ts'
import { type OpenSite, shouldRun } from '../../../core/site/site-facts.ts'
import { type BringUpPorts, giveUpOn, startIfNeeded } from './bring-up.ts'
import { noteAddress } from './follow-task.ts'
import { blueprintOf } from './prepare-launch.ts'
import { isNetworkAtFault } from './restart-silent.ts'
import { idOf, inTurn, type Parts } from './sweep-parts.ts'

/**
 * How long after its begin a sweep starts sites. The next one continues in the next minute. That is less than the function's
 * time, and few of the platform's calls are lost between two sweeps.
 */
const startingMilliseconds = 3 * 60_000 + 50_000
/** If a task runs for longer without an answer, its site no longer counts as starting. */
const bootMilliseconds = 3 * 60_000
/** Sites that the platform starts by itself and that a sweep starts too, in case a resource of theirs is gone. */
const helpedInASweep = 20
/** As long as paid sites wait, each fifth start is of another one, so that none waits forever. */
const paidInARow = 4

/** By how many sites the first one of a sweep differs from that of the sweep a minute before. */
const step = 50
/** The same for probes; fewer than a sweep makes if none of them responds. */
const probeStep = 200

/** Paid sites first. Within a kind each sweep begins elsewhere, so that sites that cannot start do not keep others back. */
export const startOrder = (sites: readonly OpenSite[], plans: PlanCatalogue, now: string): readonly OpenSite[] => {
  const trials = new Set(plans.plans.filter(({ kind }) => kind === 'trial').map(({ id }) => id))
  const isPaid = (site: OpenSite): boolean => site.status === 'active' && !trials.has(site.plan)
  const ofKind = (isOfKind: (site: OpenSite) => boolean) => inTurn(sites.filter(isOfKind), now, step)
  const paid = ofKind(isPaid)
  const others = [
    ...ofKind((site) => site.status === 'active' && !isPaid(site)),
    ...ofKind(({ status }) => status === 'ready'),
  ]
  const ordered: OpenSite[] = []
  let next = 0
  for (let first = 0; first < paid.length; first += paidInARow) {
    ordered.push(...paid.slice(first, first + paidInARow), ...others.slice(next, next + 1))
    next += 1
  }
  return [...ordered, ...others.slice(next)]
}

interface Bulk {
  /** When the sweep began, by the monotonic clock. */
  readonly began: number
  readonly sites: readonly OpenSite[]
  /** What the platform listed after `sites` were read. */
  readonly found: ReadonlyMap<string, RunningSite>
  readonly startInBulk: NonNullable<SiteRuntime['startInBulk']>
}

/**
 * Brings many sites up on a self-healing platform without a wait for any: records the addresses of those that answer, drops
 * those at which nothing runs, and starts those that the platform does not start by itself. Its events, or the next sweep,
 * tell the new addresses.
 */
export const startMany = async (
  ports: BringUpPorts,
  { began, sites, found, startInBulk }: Bulk,
  { each }: Pick<Parts, 'each'>,
  causationId: string,
): Promise<void> => {
  const { clocks, log, isStopping, monotonic } = ports
  /** False if it was asked: only such a one may hang. */
  const silent = new Map<string, boolean | undefined>()
  let probed = 0
  const until = began + startingMilliseconds
  // Half of the time that is left, so that many silent sites do not keep stopped ones from being started.
  const probingUntil = (monotonic() + until) / 2

  /** Keeps an address that was recorded after the record was read: the list may be older. */
  const note = async (site: OpenSite, endpoint: Endpoint | undefined): Promise<void> => {
    if (endpoint === undefined && site.endpoint === undefined) return
    const isAsRead = (now: Endpoint | undefined): boolean =>
      now === undefined ? site.endpoint === undefined : isSameEndpoint(now, site.endpoint)
    const mayBeNoted = (now: OpenSite): boolean => isAsRead(now.endpoint) && (endpoint === undefined || shouldRun(now))
    await noteAddress(ports, site.id, (now) => (mayBeNoted(now) ? endpoint : 'keep'), causationId)
  }

  await each(inTurn(sites, clocks.wall(), probeStep), idOf, async (site) => {
    const { state, endpoint, startedAt } = found.get(site.id) ?? { state: 'stopped' }
    if (endpoint === undefined && state === 'running') return
    // Another site may listen at the old address next, so it is dropped also while the new one is unknown or silent.
    if (endpoint === undefined || monotonic() >= probingUntil) return note(site, undefined)
    const { traffic } = await blueprintOf(ports.blueprints, site)
    probed += 1
    const isHealthy = await ports.probe.isHealthy(endpoint, traffic)
    await note(site, isHealthy ? endpoint : undefined)
    if (isHealthy || startedAt === undefined) return
    if (Date.parse(clocks.wall()) - Date.parse(startedAt) > bootMilliseconds) silent.set(site.id, isHealthy)
  })

  if (isNetworkAtFault(silent.size, probed)) {
    log.warn({ silent: silent.size, probed }, 'most new tasks do not respond: none counts as hung')
    silent.clear()
  }
  const mayHang = ({ id }: OpenSite) => silent.get(id) === false
  const stateOf = ({ id }: OpenSite) => found.get(id)?.state ?? 'stopped'
  const starting = inTurn(
    sites.filter((site) => stateOf(site) === 'starting'),
    clocks.wall(),
    helpedInASweep,
  )
  const down = sites.filter((site) => ['stopped', 'asleep'].includes(stateOf(site)) || mayHang(site))
  if (starting.length + down.length > 0) {
    log.info({ event: 'sites-down', starting: starting.length, down: down.length }, 'sites are down or starting')
  }
  let left = 0
  const ordered = [...starting.slice(0, helpedInASweep), ...startOrder(down, ports.plans, clocks.wall())]
  await each(ordered, idOf, async (site) => {
    if (isStopping() || monotonic() >= until) {
      left += 1
      return
    }
    await startIfNeeded(ports, site.id, startInBulk)
    if (mayHang(site)) await giveUpOn(ports, site.id, causationId)
  })
  if (left > 0) log.warn({ left }, 'the next sweep starts the other sites')
}
