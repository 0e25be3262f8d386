import { type CountCellsPorts, countCells } from '../../../core/config/count-cells.ts'
import { system } from '../../../core/events/event-names.ts'
import { type Instant, plusMilliseconds } from '../../../core/instant.ts'
import type { Clocks, Context } from '../../../core/ports/context.ts'
import type { RunningSite, SiteRuntime } from '../../../core/ports/runtime.ts'
import type { CellCounts } from '../../../core/ports/site-lists.ts'
import type { SiteStore } from '../../../core/ports/stores.ts'
import type { ReclaimPorts } from '../../../core/site/change-site.ts'
import { changeSite } from '../../../core/site/change-site.ts'
import { isSameEndpoint, type SitePlace } from '../../../core/site/location.ts'
import type { Site } from '../../../core/site/site.ts'
import { isWorkedOn, mayRunIn, type OpenSite, shouldRun, wasRetired } from '../../../core/site/site-facts.ts'
import { stopAs } from '../../endings/end-site.ts'
import { type FollowRolloutsPorts, followRollouts } from '../../releases/follow-rollouts.ts'
import { type FollowPlanPorts, followPlan, isPlanChangeDue } from '../../releases/swap/follow-plan.ts'
import { type BringUpPorts, bringUp } from './bring-up.ts'
import { noteAddress } from './follow-task.ts'
import { restartSilent, type SettledSite } from './restart-silent.ts'
import { type DownSite, noteDown } from './run-changes.ts'
import { startMany } from './start-in-bulk.ts'
import { idOf, inParts, type Parts, siteIdOf } from './sweep-parts.ts'

const toleratedMilliseconds = 5 * 60_000

/** More sites than this count and share are down by our fault: operators have alarms, and their owners get no mail. */
const manyCount = 5
const manyShare = 0.1

/** Whether a site has been without an address for five minutes, no workflow works on it, and its owner does not know it. */
const isDueToNote = (site: Site | undefined, now: Instant): site is DownSite =>
  site?.status === 'active' &&
  site.endpoint === undefined &&
  site.operation === undefined &&
  site.down !== undefined &&
  site.down.isTold === undefined &&
  plusMilliseconds(site.down.since, toleratedMilliseconds) <= now

/** Records which owners' sites do not answer, so that each owner gets one mail. */
export const noteDownSites = async (
  ports: ReclaimPorts,
  open: readonly OpenSite[],
  { each }: Pick<Parts, 'each'>,
  causationId: string,
): Promise<void> => {
  const { sites, clocks, log } = ports
  const due = open.filter((site) => isDueToNote(site, clocks.wall()))
  const owned = open.filter(({ status }) => status === 'active').length
  if (due.length > Math.max(manyCount, owned * manyShare)) {
    const message = 'so many sites do not answer that their owners get no mail'
    return log.error({ event: 'many-sites-down', down: due.length, owned }, message)
  }
  const context = { actor: system, causationId, ...ports }
  await each(due, idOf, async ({ id }) => {
    await changeSite(sites, id, (site) => (isDueToNote(site, clocks.wall()) ? noteDown(site, context) : undefined))
  })
}

/** `startsAtOnce` also bounds concurrent starts, so that a full machine can recover. */
export type ReconcileSitesPorts = BringUpPorts &
  FollowPlanPorts &
  FollowRolloutsPorts &
  CountCellsPorts & { readonly cellCounts: Pick<CellCounts, 'read'> }

/** Bounds a sweep, because each change of size interrupts a site. */
const changedAtMost = 5

/** A self-healing platform reports where sites run. */
const isSettled = (site: OpenSite, running: RunningSite | undefined): site is SettledSite =>
  running?.endpoint !== undefined && isSameEndpoint(running.endpoint, site.endpoint)

const openSites = async ({ sites }: ReconcileSitesPorts, cells: readonly string[]): Promise<readonly OpenSite[]> => {
  const open: OpenSite[] = []
  for await (const site of sites.listByStatus('active')) if (cells.includes(site.cell)) open.push(site)
  for await (const site of sites.listByStatus('ready')) if (cells.includes(site.cell)) open.push(site)
  return open
}

const lostCells = async ({ cellCounts }: ReconcileSitesPorts): Promise<readonly string[]> =>
  (await cellCounts.read()).flatMap(({ cell, closed }) => (closed === 'lost' ? [cell] : []))

export interface LeaveCellsPorts extends Omit<ReclaimPorts, 'log'> {
  readonly runtime: Pick<SiteRuntime, 'list' | 'remove'>
}

/** Stops what runs in cells that are lost or away, and drops its addresses, at which other sites may listen next. */
export const leaveCells = async (
  ports: LeaveCellsPorts,
  isLeft: (cell: string) => boolean,
  causationId: string,
): Promise<void> => {
  const { sites, runtime } = ports
  for (const status of ['active', 'ready'] as const) {
    for await (const { id, cell, endpoint } of sites.listByStatus(status)) {
      if (endpoint === undefined || !isLeft(cell)) continue
      await noteAddress(ports, id, (now) => (isLeft(now.cell) ? undefined : 'keep'), causationId)
    }
  }
  for (const place of await runtime.list()) if (isLeft(place.cell)) await runtime.remove(place)
}

/**
 * Makes running sites match their records: counts them, stops strays, starts missing sites, updates addresses, replaces
 * hung sites, gives sites the size of their plan, upgrades sites that a roll-out has not met. One failure does not stop the others.
 * @throws {SitewrightError} `Unavailable` at the end if a site failed.
 */
export const reconcileSites = async (ports: ReconcileSitesPorts, causationId: string): Promise<void> => {
  const parts = inParts({ atOnce: ports.startsAtOnce, log: ports.log })
  const began = ports.monotonic()
  const lost = await lostCells(ports)
  const cells = ports.cells.filter((cell) => !lost.includes(cell))
  if (lost.length > 0) await leaveCells(ports, (cell) => lost.includes(cell), causationId)
  const open = await openSites(ports, cells)
  const listing = ports.runtime.list()
  // First, because new sites are placed by these counts.
  await countCells({ ...ports, cells }, open, await listing.catch(() => undefined))
  const listed = await listing
  // Single sites are read only if the lists differ.
  const known = new Map(open.map((site) => [site.id, site]))
  const isExpected = ({ siteId, cell }: SitePlace) => {
    const site = known.get(siteId)
    return site !== undefined && mayRunIn(site, cell)
  }
  const strays = listed.filter((one) => one.state !== 'asleep' && !isExpected(one))
  await parts.each(strays, siteIdOf, (stray) => removeStray(ports, stray))
  const found = new Map(
    listed.filter(({ siteId, cell }) => known.get(siteId)?.cell === cell).map((site) => [site.siteId, site]),
  )
  const settled: SettledSite[] = []
  const others: OpenSite[] = []
  for (const site of open.filter(shouldRun)) {
    if (isSettled(site, found.get(site.id))) settled.push(site)
    else others.push(site)
  }
  const { startInBulk } = ports.runtime
  if (startInBulk === undefined) await parts.each(others, idOf, ({ id }) => bringUp(ports, id, causationId))
  await restartSilent(ports, settled, parts, causationId)
  if (startInBulk !== undefined) {
    await startMany(ports, { began, sites: others, found, startInBulk }, parts, causationId)
  }
  const due = open.filter((site) => isPlanChangeDue(site, ports.plans, ports.clocks.wall())).slice(0, changedAtMost)
  await parts.each(due, idOf, ({ id }) => followPlan(ports, id, causationId))
  await noteDownSites(ports, open, parts, causationId)
  await followRollouts(ports, open, parts, causationId)
  parts.end()
}

interface RemoveStrayPorts extends Pick<Context, 'log'> {
  readonly clocks: Pick<Clocks, 'wall'>
  readonly sites: Pick<SiteStore, 'get'>
  readonly runtime: Pick<SiteRuntime, 'remove' | 'stop'>
}

/** Longer than a sleep waits for requests in progress. */
const longestSleepMilliseconds = 60_000

/** Whether its sleep should have stopped it by now. */
const isSleepLate = (site: Site, now: Instant): boolean =>
  site.status === 'asleep' &&
  site.operation?.kind === 'sleep' &&
  plusMilliseconds(site.operation.startedAt, longestSleepMilliseconds) < now

const mayRun = (site: Site, now: Instant): boolean =>
  site.status === 'ready' || site.status === 'active' || (isWorkedOn(site) && !isSleepLate(site, now))

/**
 * Stops what runs of a site although its record says that it does not run, or not in this cell; its data stays. A site without a record goes through quarantine,
 * because the missing record may be the mistake.
 */
export const removeStray = async (
  { sites, runtime, clocks, log }: RemoveStrayPorts,
  { siteId, cell }: SitePlace,
): Promise<void> => {
  const site = await sites.get(siteId)
  if (site === undefined || (mayRun(site, clocks.wall()) && mayRunIn(site, cell))) return
  if (wasRetired(site)) log.info({ siteId }, 'stopping a retired site')
  else log.warn({ siteId, cell, status: site.status }, 'stopping a site that should not run')
  await stopAs(runtime, { ...site, cell })
}
