import { SitewrightError } from '../../core/errors.ts'
import { isId } from '../../core/ids.ts'
import { type Act, type ActPorts, actContext, changeNamedSite, requireSite } from '../../core/site/change-site.ts'
import { requireIdle, startOperationSoon } from '../../core/site/operation-changes.ts'
import { isAgreed } from '../../core/site/relocation.ts'
import { isLive, type LiveSite, type Site } from '../../core/site/site.ts'
import { dataOf, type PlacementPorts, readCells, takesData } from '../sites/cells/place-sites.ts'
import { beginSwap } from './swap/begin-swap.ts'

export interface RelocateSitePorts extends Omit<ActPorts, 'policies'>, PlacementPorts {}

const refuse = (message: string): never => {
  throw new SitewrightError('TransitionNotAllowed', message)
}

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
  const site = await changeNamedSite(ports, act, (found) => {
    if (isUnderWay(found, cell)) return undefined
    const live = requireRelocatable(found, cell)
    const swap = { target: { cell }, copies: true, runs: false, namesCell: true, reason } as const
    return beginSwap(live, swap, actContext(ports, act))
  })
  await startOperationSoon(ports, site)
  return site
}
