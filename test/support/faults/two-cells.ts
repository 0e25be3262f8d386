import { createSiteStorage, type DirectoryStorage } from '../../../adapters/files/site-storage.ts'
import { SitewrightError } from '../../../core/errors.ts'
import type { CellCounts } from '../../../core/ports/site-lists.ts'
import type { DataHome, SitePlace } from '../../../core/site/location.ts'
import type { CellDisk, CellDisks } from '../../../local/cells/cell-disks.ts'
import type { World } from './world.ts'

export const cell = 'local'
export const otherCell = 'fast'

/** The cells of a host. The disk of the other one may go away. */
export interface WorldCells {
  /** Changed in place, as those of a host are. */
  readonly names: string[]
  readonly capacities: { readonly name: string; readonly isNamed: boolean; sites: number }[]
  readonly isAway: (cell: string) => boolean
  /** Whether nobody has noticed yet that the disk is gone: what is in progress there is tried again meanwhile. */
  readonly isUnnoticed: () => boolean
  readonly takeAway: () => void
  /** An operator has noticed it. */
  readonly notice: () => void
  readonly bringBack: () => void
  /** Has new sites placed in the other cell alone, or in the first one again. */
  readonly placeIn: (cell: string) => void
}

const room = 1_000_000

/** Only a relocation that names it brings sites to the other cell, unless a scenario says otherwise. */
export const createWorldCells = (): WorldCells => {
  const state = { isAway: false, isNoticed: false, placed: cell }
  const names: string[] = []
  const capacities: WorldCells['capacities'] = []
  const refill = (): void => {
    const there = state.isAway ? [cell] : [cell, otherCell]
    names.splice(0, names.length, ...there)
    capacities.splice(
      0,
      capacities.length,
      ...there.map((name) => ({ name, isNamed: name !== state.placed, sites: room })),
    )
  }
  refill()
  const change = (changes: Partial<typeof state>): void => {
    Object.assign(state, changes)
    refill()
  }
  return {
    names,
    capacities,
    isAway: (name) => state.isAway && name === otherCell,
    isUnnoticed: () => state.isAway && !state.isNoticed,
    notice: () => change({ isNoticed: true }),
    takeAway: () => change({ isAway: true }),
    bringBack: () => change({ isAway: false }),
    placeIn: (placed) => change({ placed }),
  }
}

type Directories = Pick<World, 'dataDirectory' | 'otherDirectory'>

/** The data directories of both cells of a world, as those of one host. */
export const createCellStorage = ({ dataDirectory, otherDirectory }: Directories): DirectoryStorage => {
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

/** The disks as a host sees them: one that was declared lost is away, also if it is there. */
export const disksOf = (
  { cells, dataDirectory, otherDirectory }: Directories & Pick<World, 'cells'>,
  counts: Pick<CellCounts, 'read'>,
): CellDisks => {
  const isLost = async (name: string): Promise<boolean> =>
    (await counts.read()).some((count) => count.cell === name && count.closed === 'lost')
  const diskOf = (name: string, data: string): CellDisk => ({
    ...{ name, data, directory: data, isNamed: name === otherCell },
    isThere: () => !cells.isAway(name),
    check: async () => !cells.isAway(name) && !(await isLost(name)),
  })
  const all = [diskOf(cell, dataDirectory), diskOf(otherCell, otherDirectory)]
  return {
    all,
    find: (name) => all.find((disk) => disk.name === name),
    isThere: (name) => !cells.isAway(name),
    onChange: () => undefined,
    forsake: () => undefined,
    missing: [],
    forgetMissing: async () => undefined,
    close: () => undefined,
  }
}

/** Nothing is made, listed or removed on a disk that is away. */
export const whenThere = (disks: CellDisks, storage: DirectoryStorage): DirectoryStorage => {
  const isThere = async ({ cell: name }: SitePlace) => (await disks.find(name)?.check()) === true
  const requireThere = async (place: SitePlace): Promise<void> => {
    if (await isThere(place)) return
    throw new SitewrightError('RuntimeUnavailable', `The disk of the cell '${place.cell}' is not mounted.`)
  }
  return {
    directoryOf: storage.directoryOf,
    prepare: async (home, owner) => {
      await requireThere(home)
      await storage.prepare(home, owner)
    },
    handOver: storage.handOver,
    remove: async (home) => {
      await requireThere(home)
      await storage.remove(home)
    },
    list: async () => {
      const homes = await storage.list()
      const there = await Promise.all(homes.map(isThere))
      return homes.filter((_, index) => there[index])
    },
  }
}
