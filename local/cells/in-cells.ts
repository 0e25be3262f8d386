import { createSiteStorage, type DirectoryStorage } from '../../adapters/files/site-storage.ts'
import { SitewrightError } from '../../core/errors.ts'
import { type Archiver, placeOfJob } from '../../core/ports/archives.ts'
import type { Launch, SiteCommands, SiteRuntime } from '../../core/ports/runtime.ts'
import type { SitePlace } from '../../core/site/location.ts'
import type { CellDisks } from './cell-disks.ts'

const awayOf = (cell: string): SitewrightError =>
  new SitewrightError('RuntimeUnavailable', `The disk of the cell '${cell}' is not mounted.`)

/** @throws {SitewrightError} `RuntimeUnavailable` while the disk of a cell is not mounted. */
const requireThere = async (cells: CellDisks, { cell }: Pick<SitePlace, 'cell'>): Promise<void> => {
  if ((await cells.find(cell)?.look()) !== true) throw awayOf(cell)
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
  const whenThere =
    <Given extends [SitePlace, ...unknown[]], Answer>(work: (...given: Given) => Promise<Answer>) =>
    async (...given: Given): Promise<Answer> => {
      await requireThere(cells, given[0])
      return work(...given)
    }
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
  const whenThere =
    <Given extends [Launch, ...unknown[]], Answer>(work: (...given: Given) => Promise<Answer>) =>
    async (...given: Given): Promise<Answer> => {
      await requireThere(cells, given[0])
      return work(...given)
    }
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
