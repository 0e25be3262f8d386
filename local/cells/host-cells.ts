import type { Log } from '../../core/ports/context.ts'
import type { CellCounts } from '../../core/ports/site-lists.ts'
import { homeCell } from '../../core/site/location.ts'
import type { Site } from '../../core/site/site.ts'
import { mayRunIn } from '../../core/site/site-facts.ts'
import type { CellCapacity } from '../../lambdas/sites/cells/place-sites.ts'
import { createGrowingSites, type GrowthPorts } from '../../lambdas/sites/run/pause-growing-sites.ts'
import { type LeaveCellsPorts, leaveCells } from '../../lambdas/sites/run/reconcile-sites.ts'
import { type DiskReserve, diskOf, keepReserve } from '../disk-reserve.ts'
import { measureOnGrowth } from '../disk-space.ts'
import type { Home } from '../home/open-home.ts'
import type { Settings } from '../settings.ts'
import { type CellDisk, type CellDisks, openCellDisks } from './cell-disks.ts'
import { storageIn } from './in-cells.ts'

const roomOf = (reserve: DiskReserve | undefined): number => reserve?.room() ?? Number.MAX_SAFE_INTEGER

/** The machine itself is the limit: a disk without room is closed. */
const capacityOf = ({ name, isNamed }: CellDisk, reserve: DiskReserve | undefined): CellCapacity => ({
  name,
  isNamed,
  get sites() {
    return reserve?.isShort() === true ? 0 : Number.MAX_SAFE_INTEGER
  },
  get bytes() {
    return roomOf(reserve)
  },
})

/** Opens the cells of a host and keeps a reserve of free space on each disk. @throws {StartUpError} */
export const openHostCells = async (
  home: Home,
  { cells: settings, diskReserveMiB: reserveMiB }: Pick<Settings, 'cells' | 'diskReserveMiB'>,
  log: Log,
) => {
  const disks = await openCellDisks(home, settings, log)
  const reserveOf = async ({ name, directory, isThere }: CellDisk) => {
    // The host's own database is on the disk of the home, and only there it needs more than a reserve.
    const isOwn = name === homeCell
    const disk = async () => {
      if (!isThere()) throw new Error('the disk is not mounted')
      return diskOf(directory)
    }
    return keepReserve({ directory, reserveMiB, log, ...(isOwn ? {} : { disk, hasBallast: false }) })
  }
  const reserves = new Map(
    await Promise.all(disks.all.map(async (cell) => [cell.name, await reserveOf(cell)] as const)),
  )
  const isShort = (cell: string): boolean => reserves.get(cell)?.isShort() === true
  const names: string[] = []
  const capacities: CellCapacity[] = []
  const refill = async (): Promise<void> => {
    const there = disks.all.filter(({ isThere }) => isThere())
    names.splice(0, names.length, ...there.map(({ name }) => name))
    capacities.splice(0, capacities.length, ...there.map((cell) => capacityOf(cell, reserves.get(cell.name))))
  }
  await refill()
  disks.onChange(refill)
  return {
    ...disks,
    storage: storageIn(disks),
    /** Whether less than the reserve of a cell's disk is free. */
    isShort,
    /** How many bytes are free on it beyond that. */
    roomIn: (cell: string): number => roomOf(reserves.get(cell)),
    /** The names of the cells whose disks are mounted: sweeps see only their sites. Changes with the disks. */
    names,
    /** Changes with the disks, too: nothing is placed in a cell without its disk, or without room. */
    capacities,
    /** From now on, sites that fill a disk are measured, and paused. @returns a function that stops the measurements. */
    relieveBy: (ports: GrowthPorts, measure: () => Promise<unknown>): (() => void) => {
      const stops = disks.all.map(({ name, data }) => {
        reserves.get(name)?.relieveBy(createGrowingSites(ports, name))
        return measureOnGrowth(data, measure)
      })
      return () => stops.forEach((stop) => void stop())
    },
    close: (): void => {
      disks.close()
      for (const reserve of reserves.values()) reserve.close()
    },
  }
}

export type HostCells = Awaited<ReturnType<typeof openHostCells>>

const withData = ['building', 'ready', 'active', 'asleep', 'suspended', 'archived'] as const

/** What is archived has its data elsewhere, unless it is being restored. */
const mayHaveDataIn = (site: Site, cell: string): boolean =>
  mayRunIn(site, cell) && (site.status !== 'archived' || site.operation !== undefined)

/** Forgets the cells that the settings no longer have, unless sites are in them. */
const forgetMissing = async (
  { missing, forgetMissing: forget }: Pick<CellDisks, 'missing' | 'forgetMissing'>,
  sites: LeaveCellsPorts['sites'],
): Promise<void> => {
  const used = new Set<string>()
  for (const status of missing.length === 0 ? [] : withData) {
    for await (const site of sites.listByStatus(status)) {
      for (const cell of missing) if (mayHaveDataIn(site, cell)) used.add(cell)
    }
  }
  await forget((cell) => used.has(cell))
}

/** How often the host looks for cells that were declared lost, or no longer are. */
const lostMilliseconds = 1000

/**
 * Forgets cells that are no longer used. Stops the sites whose disk is gone, and drops their addresses, at which other sites may listen next. Starts them again when it is back.
 * @param sweep starts what should run.
 * @returns a function that no longer looks for cells that were declared lost.
 */
export const followDisks = async (
  cells: CellDisks,
  ports: LeaveCellsPorts & { readonly log: Pick<Log, 'warn'>; readonly cellCounts: Pick<CellCounts, 'read'> },
  sweep: () => Promise<unknown>,
): Promise<() => void> => {
  const { randomness, log } = ports
  await forgetMissing(cells, ports.sites)
  const leave = (): Promise<void> => leaveCells(ports, (cell) => !cells.isThere(cell), randomness.id('evt'))
  const leaveAll = (): Promise<void> =>
    leave().catch((err: unknown) => log.warn({ err }, 'sites of a disk that is not mounted could not be stopped'))
  cells.onChange(async (cell) => (cell.isThere() ? sweep() : leaveAll()))
  const readLost = async (): Promise<void> => {
    const counts = await ports.cellCounts.read()
    cells.forsake(counts.flatMap(({ cell, closed }) => (closed === 'lost' ? [cell] : [])))
    for (const { look } of cells.all) await look()
  }
  if (cells.all.length > 1) await readLost()
  if (cells.all.some(({ isThere }) => !isThere())) await leaveAll()
  // The home's own cell cannot be lost.
  const looks = setInterval(() => cells.all.length > 1 && readLost().catch(() => undefined), lostMilliseconds)
  looks.unref()
  return () => clearInterval(looks)
}
