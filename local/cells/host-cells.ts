import { createSiteStorage, type DirectoryStorage } from '../../adapters/files/site-storage.ts'
import { SitewrightError } from '../../core/errors.ts'
import { type Archiver, placeOfJob } from '../../core/ports/archives.ts'
import type { Log } from '../../core/ports/context.ts'
import type { SiteCommands, SiteRuntime } from '../../core/ports/runtime.ts'
import { homeCell, type SitePlace } from '../../core/site/location.ts'
import type { CellCapacity } from '../../lambdas/sites/cells/place-sites.ts'
import { createGrowingSites, type GrowthPorts } from '../../lambdas/sites/run/pause-growing-sites.ts'
import { type DiskReserve, diskOf, keepReserve } from '../disk-reserve.ts'
import { measureOnGrowth } from '../disk-space.ts'
import type { Home } from '../home/open-home.ts'
import type { Settings } from '../settings.ts'
import { type CellDisk, type CellDisks, openCellDisks } from './cell-disks.ts'

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
    /** Whether an upload of so many bytes leaves the reserve of it alone. */
    takes: async (cell: string, bytes: number): Promise<boolean> => (await reserves.get(cell)?.takes(bytes)) ?? true,
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

const awayOf = (cell: string): SitewrightError =>
  new SitewrightError('RuntimeUnavailable', `The disk of the cell '${cell}' is not mounted.`)

/** @throws {SitewrightError} `RuntimeUnavailable` while the disk of a cell is not mounted. */
const requireThere = async (cells: CellDisks, { cell }: Pick<SitePlace, 'cell'>): Promise<void> => {
  if ((await cells.find(cell)?.check()) !== true) throw awayOf(cell)
}

/** Makes work that fails so while the disk of the cell that it is given first is not mounted. */
const onDisksOf =
  (cells: CellDisks) =>
  <Given extends [Pick<SitePlace, 'cell'>, ...unknown[]], Answer>(work: (...given: Given) => Promise<Answer>) =>
  async (...given: Given): Promise<Answer> => {
    await requireThere(cells, given[0])
    return work(...given)
  }

/** The data of sites, each cell's on its own disk. Of a disk that is not mounted, nothing is listed, made or removed. */
export const storageIn = (cells: CellDisks): DirectoryStorage => {
  const storages = new Map(
    cells.all.map(({ name, data }) => [name, createSiteStorage({ root: data, cell: name })] as const),
  )
  const of = (cell: string): DirectoryStorage => {
    const storage = storages.get(cell)
    if (storage === undefined) throw awayOf(cell)
    return storage
  }
  const whenThere = onDisksOf(cells)
  return {
    directoryOf: (home) => of(home.cell).directoryOf(home),
    prepare: whenThere((home, owner) => of(home.cell).prepare(home, owner)),
    handOver: whenThere((home, blueprint) => of(home.cell).handOver(home, blueprint)),
    remove: whenThere((home) => of(home.cell).remove(home)),
    list: async () => {
      const there = cells.all.filter(({ isThere }) => isThere())
      return (await Promise.all(there.map(({ name }) => of(name).list()))).flat()
    },
  }
}

/** A runtime of all cells that starts nothing while the disk of its data is not mounted. */
export const runtimeIn = <Runtime extends SiteRuntime & SiteCommands>(cells: CellDisks, runtime: Runtime): Runtime => {
  const whenThere = onDisksOf(cells)
  const { startBeside } = runtime
  return {
    ...runtime,
    start: whenThere(runtime.start),
    ...(startBeside === undefined ? {} : { startBeside: whenThere(startBeside) }),
    runOnce: whenThere(runtime.runOnce),
  }
}

/** An archiver that does nothing on a disk that is not mounted. */
export const archiverIn = <Local extends Archiver>(cells: CellDisks, archiver: Local): Local => ({
  ...archiver,
  run: async (job) => {
    if (job.kind !== 'verify') await requireThere(cells, placeOfJob(job))
    return archiver.run(job)
  },
})
