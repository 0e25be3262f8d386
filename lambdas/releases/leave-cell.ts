import { SitewrightError } from '../../core/errors.ts'
import { type Instant, plusMilliseconds } from '../../core/instant.ts'
import { conflict, retryOnConflict } from '../../core/retry-on-conflict.ts'
import { homeCell } from '../../core/site/location.ts'
import { type PlacementPorts, readCells } from '../sites/cells/place-sites.ts'
import { type ControlRolloutPorts, contextOf, type Decision } from './control-rollout.ts'
import { type CellRollout, closureOf, freshCellWalk, isOpen, nothingDone, type Wave } from './rollout.ts'
import { withEvent } from './rollout-changes.ts'

export interface LeaveCellPorts extends ControlRolloutPorts, PlacementPorts {}

export interface DrainRequest extends Decision {
  readonly cell: string
  readonly waves?: readonly Wave[] | undefined
  readonly failureBudget?: number | undefined
}

const refuse = (message: string): never => {
  throw new SitewrightError('TransitionNotAllowed', message)
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
    const change = withEvent(next, 'RolloutStarted', contextOf(ports, request), reason)
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
    const change = withEvent(next, isConfirmed ? 'RolloutStarted' : 'RolloutChanged', contextOf(ports, request), reason)
    return (await ports.rollouts.write(change.next, change.event)) ? change.next : conflict
  })
}
