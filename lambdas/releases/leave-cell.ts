import { refuse, SitewrightError } from '../../core/errors.ts'
import { isId } from '../../core/ids.ts'
import { type Instant, plusMilliseconds } from '../../core/instant.ts'
import { conflict, retryOnConflict } from '../../core/retry-on-conflict.ts'
import { type Act, type ActPorts, operateOnSite, requireIdle, requireSite } from '../../core/site/change-site.ts'
import { homeCell } from '../../core/site/location.ts'
import { isAgreed } from '../../core/site/relocation.ts'
import { isLive, type LiveSite, type Site } from '../../core/site/site.ts'
import { dataOf, type PlacementPorts, readCells, takesData } from '../sites/cells/place-sites.ts'
import type { ControlRolloutPorts, Decision } from './control-rollout.ts'
import { type CellRollout, closureOf, freshCellWalk, isOpen, nothingDone, type Wave } from './rollout.ts'
import { withEvent } from './rollout-changes.ts'
import { beginSwap } from './swap/begin-swap.ts'

export interface LeaveCellPorts extends ControlRolloutPorts, PlacementPorts {}

export interface DrainRequest extends Decision {
  readonly cell: string
  readonly waves?: readonly Wave[] | undefined
  readonly failureBudget?: number | undefined
}

/** The first site shows that the way is free. */
const drainWaves: readonly Wave[] = [{ sites: 1 }]

/** @throws {SitewrightError} `NotFound`; `TransitionNotAllowed` if its sites could go nowhere. */
const requireWayOut = async (ports: PlacementPorts, cell: string): Promise<void> => {
  const [cells, counts] = [await readCells(ports), await ports.cellCounts.read()]
  if (!cells.some(({ name }) => name === cell) && !counts.some((count) => count.cell === cell))
    throw new SitewrightError('NotFound', `There is no cell '${cell}'.`)
  if (cells.some(({ name, isNamed, room }) => name !== cell && !isNamed && room > 0)) return
  refuse(`No other cell takes the sites of '${cell}': open one with room first.`)
}

const begun = (
  found: CellRollout | undefined,
  { cell, waves = drainWaves, failureBudget, reason, actor }: DrainRequest,
  { kind, state, now }: Pick<CellRollout, 'kind' | 'state'> & { readonly now: string },
): CellRollout => ({
  schemaVersion: 1,
  cell,
  kind,
  version: (found?.version ?? 0) + 1,
  events: found?.events ?? 0,
  state,
  waves,
  ...(failureBudget !== undefined && { failureBudget }),
  reason,
  startedBy: actor,
  startedAt: now,
  triesFrom: now,
  ...nothingDone,
  held: [],
  restored: [],
  walk: freshCellWalk,
})

/**
 * Begins to drain a cell: it takes nothing new from now on, and its sites leave it. The same request again returns the roll-out.
 * @throws {SitewrightError} `NotFound`; `TransitionNotAllowed` while its disk is not mounted, while it is lost, and if no other cell has room.
 */
export const drainCell = async (ports: LeaveCellPorts, request: DrainRequest): Promise<CellRollout> => {
  const { cell, reason } = request
  await requireWayOut(ports, cell)
  if (!ports.capacities.some(({ name }) => name === cell))
    refuse(`The data of '${cell}' cannot be read. Mount its disk, or declare the cell lost.`)
  return retryOnConflict(`The cell ${cell}`, async () => {
    const found = await ports.rollouts.readOfCell(cell)
    if (found !== undefined && isOpen(found)) {
      return found.kind === 'drain' ? found : refuse(`The cell '${cell}' is lost. Abort that roll-out first.`)
    }
    const next = begun(found, request, { kind: 'drain', state: 'running', now: ports.clocks.wall() })
    const change = withEvent(next, 'RolloutStarted', { ...ports, ...request }, reason)
    return (await ports.rollouts.write(change.next, change.event)) ? change.next : conflict
  })
}

/** In milliseconds. */
const validity = 24 * 60 * 60_000

/** The record as it stands now: a request to declare the cell lost ends after a day. */
export const withoutExpired = (rollout: CellRollout, now: Instant): CellRollout => {
  const { lossRequest, ...kept } = rollout
  const until = lossRequest && plusMilliseconds(lossRequest.at, validity)
  if (until === undefined || until > now) return rollout
  return kept.state === 'requested' ? { ...kept, state: 'aborted', endedAt: until } : kept
}

/** Whether another administrator has declared the cell lost. @throws {SitewrightError} `TransitionNotAllowed` if this one has. */
const confirms = (found: CellRollout | undefined, operatorId: string): boolean => {
  const asked = found?.lossRequest
  if (asked === undefined) return false
  if (asked.operatorId !== operatorId) return true
  return refuse('You have declared this cell lost already. Another administrator must confirm it within a day.')
}

/**
 * Declares a cell lost: the first administrator requests it, another one within a day confirms it. Its sites are then restored elsewhere.
 * @throws {SitewrightError} `NotFound`; `TransitionNotAllowed` if the same administrator asks again, for the cell of the host itself, and if no other
 *   cell has room.
 */
export const declareLost = async (
  ports: LeaveCellPorts,
  { operatorId, ...request }: DrainRequest & { readonly operatorId: string },
): Promise<CellRollout> => {
  const { cell, reason } = request
  if (cell === homeCell) refuse('The cell in the home of the host is lost with the host. Restore a backup instead.')
  await requireWayOut(ports, cell)
  return retryOnConflict(`The cell ${cell}`, async () => {
    const now = ports.clocks.wall()
    const read = await ports.rollouts.readOfCell(cell)
    const found = read && withoutExpired(read, now)
    if (found?.kind === 'loss' && isOpen(found)) return found
    const isConfirmed = confirms(found, operatorId)
    const begin = (state: CellRollout['state']) => begun(found, { waves: [], ...request }, { kind: 'loss', state, now })
    const next = isConfirmed
      ? begin('running')
      : {
          // A request alone opens no cell.
          ...(found && closureOf(found) !== null ? { ...found, version: found.version + 1 } : begin('requested')),
          lossRequest: { operatorId, at: now, reason },
        }
    const change = withEvent(next, isConfirmed ? 'RolloutStarted' : 'RolloutChanged', { ...ports, ...request }, reason)
    return (await ports.rollouts.write(change.next, change.event)) ? change.next : conflict
  })
}

export interface RelocateSitePorts extends Omit<ActPorts, 'policies'>, PlacementPorts {}

/** Takes a place in a cell. @throws {SitewrightError} `TransitionNotAllowed` where there is none. */
const takePlaceIn = async (ports: PlacementPorts, site: LiveSite, cell: string): Promise<void> => {
  const wanted = (await readCells(ports)).find(({ name }) => name === cell)
  if (wanted === undefined) {
    return refuse(
      `There is no open cell '${cell}'. The cells are in the list of cells; the disk of one has to be mounted.`,
    )
  }
  if (!takesData(wanted, dataOf(site))) return refuse(`The disk of the cell '${cell}' has no room for the data.`)
  if (wanted.room > 0 && (await ports.cellCounts.add(cell, wanted.sites))) return
  refuse(`The cell '${cell}' has no room.`)
}

const isUnderWay = (site: Site, cell: string): boolean =>
  isLive(site) && site.operation?.kind === 'upgrade' && site.operation.target.cell === cell

const requireRelocatable = (site: Site, cell: string): LiveSite => {
  if (!isLive(site)) return refuse(`A site that is ${site.status} cannot be relocated. It has to be active or asleep.`)
  if (site.cell === cell) return refuse(`The site is in the cell '${cell}' already.`)
  if (isAgreed(site.relocation)) return refuse('A relocation of this site is agreed on. Confirm or withdraw it first.')
  if (site.operation?.kind !== 'wake') requireIdle(site)
  return site
}

/**
 * Begins to relocate a site to another cell: its data is copied there, verified, and the site runs there if it answers; otherwise it stays. A
 * repeated request begins nothing.
 * @throws {SitewrightError} `NotFound`; `TransitionNotAllowed` unless the site is active or asleep, and for a cell that is not open, has no room, also
 *   on its disk, or is the site's own; `OperationInProgress`; `VersionConflict`.
 */
export const relocateSite = async (
  ports: RelocateSitePorts,
  act: Act,
  { cell, reason }: { readonly cell: string; readonly reason: string },
): Promise<Site> => {
  const { siteId } = act
  const known = requireSite(isId('site', siteId) ? await ports.sites.get(siteId) : undefined)
  if (isUnderWay(known, cell)) return known
  await takePlaceIn(ports, requireRelocatable(known, cell), cell)
  return operateOnSite(ports, act, (found, context) => {
    if (isUnderWay(found, cell)) return undefined
    const live = requireRelocatable(found, cell)
    const swap = { target: { cell }, copies: true, runs: false, namesCell: true, reason } as const
    return beginSwap(live, swap, context)
  })
}
