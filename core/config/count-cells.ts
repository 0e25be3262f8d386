import type { Log } from '../ports/context.ts'
import type { RunningSite } from '../ports/runtime.ts'
import type { CellCount, CellCounts } from '../ports/site-lists.ts'
import type { SiteStore } from '../ports/stores.ts'
import { mayRunIn, type OpenSite } from '../site/site-facts.ts'

export interface CapacityUse {
  readonly kind: 'access-points' | 'addresses' | 'cells' | 'network-interfaces' | 'parameters' | 'roles' | 'services'
  /** Absent for resources of the account. */
  readonly cell?: string
  readonly used: number
  readonly limit: number
}

export interface CountCellsPorts {
  readonly sites: Pick<SiteStore, 'listByStatus'>
  readonly cells: readonly string[]
  readonly cellCounts: Pick<CellCounts, 'write'>
  /** What so many sites use of the platform's quotas; nothing on one machine. */
  readonly capacityUse: (counts: readonly CellCount[]) => readonly CapacityUse[]
  readonly log: Log
}

/** An alarm sounds when `percent` is near 100. */
export const logCapacityUse = (log: Log, use: CapacityUse): void => {
  const percent = Math.round((1000 * use.used) / use.limit) / 10
  log.info({ event: 'capacity-counted', ...use, percent }, 'counted what sites use of a quota')
}

const countOne = (counts: Record<string, number>, name: string): void => {
  counts[name] = (counts[name] ?? 0) + 1
}

/**
 * Counts the sites of each cell for the placement of new ones, and logs how much of each quota they use.
 * @param open all sites that run or should run.
 * @param listed what the runtime lists: sites that sleep count where their platform keeps something of them. If it is
 *   undefined, the stored counts stay.
 */
export const countCells = async (
  ports: CountCellsPorts,
  open: readonly OpenSite[],
  listed: readonly RunningSite[] | undefined,
): Promise<void> => {
  if (listed === undefined) return
  const counts = new Map<string, { cell: string; sites: number; ready: Record<string, number> }>(
    // A site on its way to another cell has a place in both.
    ports.cells.map((cell) => [cell, { cell, sites: open.filter((site) => mayRunIn(site, cell)).length, ready: {} }]),
  )
  for (const { cell, status, blueprint } of open) {
    const count = status === 'ready' ? counts.get(cell) : undefined
    if (count !== undefined) countOne(count.ready, blueprint.name)
  }
  for (const { state, cell } of listed) {
    const count = state === 'asleep' ? counts.get(cell) : undefined
    if (count !== undefined) count.sites += 1
  }
  for await (const { cell } of ports.sites.listByStatus('building')) {
    const count = counts.get(cell)
    if (count !== undefined) count.sites += 1
  }
  const counted = [...counts.values()]
  await ports.cellCounts.write(counted)
  for (const use of ports.capacityUse(counted)) logCapacityUse(ports.log, use)
}
