import { createSiteStorage, type DirectoryStorage } from '../../../adapters/files/site-storage.ts'
import type { DataHome } from '../../../core/site/location.ts'
import type { World } from './world.ts'

export const cell = 'local'
export const otherCell = 'fast'

/** The data directories of both cells of a world, as those of one host. */
export const createCellStorage = ({
  dataDirectory,
  otherDirectory,
}: Pick<World, 'dataDirectory' | 'otherDirectory'>): DirectoryStorage => {
  const here = createSiteStorage({ root: dataDirectory, cell, mayGiveAway: false })
  const there = createSiteStorage({ root: otherDirectory, cell: otherCell, mayGiveAway: false })
  const of = (home: Pick<DataHome, 'cell'>): DirectoryStorage => (home.cell === otherCell ? there : here)
  return {
    directoryOf: (home) => of(home).directoryOf(home),
    prepare: (home, owner) => of(home).prepare(home, owner),
    handOver: (home, blueprint) => of(home).handOver(home, blueprint),
    remove: (home) => of(home).remove(home),
    list: async () => (await Promise.all([here.list(), there.list()])).flat(),
  }
}
