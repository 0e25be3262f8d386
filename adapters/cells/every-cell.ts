import { SitewrightError } from '../../core/errors.ts'
import { type Archiver, placeOfJob } from '../../core/ports/archives.ts'
import {
  type SiteCommands,
  type SiteObserver,
  type SiteRuntime,
  type SiteStorage,
  stopForSleep,
} from '../../core/ports/runtime.ts'
import type { SitePlace } from '../../core/site/location.ts'

/** The parts of one cell that run sites. */
export interface CellParts {
  readonly runtime: SiteRuntime & SiteObserver & SiteCommands
  readonly storage: SiteStorage
}

const partOf = <Part>(parts: ReadonlyMap<string, Part>, { siteId, cell }: SitePlace): Part => {
  const part = parts.get(cell)
  if (part !== undefined) return part
  throw new SitewrightError(
    'RuntimeUnavailable',
    `${siteId} is of the cell '${cell}', which has not described itself: it cannot be reached.`,
  )
}

/**
 * All cells as one: each call goes to the cell that it names.
 * @param cells all cells by name.
 */
export const createEveryCell = (cells: () => Promise<ReadonlyMap<string, CellParts>>): CellParts => {
  const runtimeOf = async (place: SitePlace) => partOf(await cells(), place).runtime
  const storageOf = async (place: SitePlace) => partOf(await cells(), place).storage

  const inEach = async <Item>(list: (cell: CellParts) => Promise<readonly Item[]>): Promise<readonly Item[]> =>
    (await Promise.all([...(await cells()).values()].map(list))).flat()

  return {
    runtime: {
      start: async (launch) => (await runtimeOf(launch)).start(launch),
      prepare: async (launch) => (await runtimeOf(launch)).prepare?.(launch),
      startBeside: async (launch) => {
        const runtime = await runtimeOf(launch)
        await (runtime.startBeside ?? runtime.start)(launch)
      },
      startInBulk: async (launch) => {
        const runtime = await runtimeOf(launch)
        await (runtime.startInBulk ?? runtime.start)(launch)
      },
      runOnce: async (launch, run) => (await runtimeOf(launch)).runOnce(launch, run),
      locate: async (place, launch) => (await runtimeOf(place)).locate(place, launch),
      remove: async (place, requireWanted) => (await runtimeOf(place)).remove(place, requireWanted),
      stop: async (place, requireWanted) => stopForSleep(await runtimeOf(place), place, requireWanted),
      list: (options) => inEach(({ runtime }) => runtime.list(options)),
      countEnds: async (place, of) => (await runtimeOf(place)).countEnds(place, of),
      observe: async (place) => (await runtimeOf(place)).observe(place),
      readLogs: async (place, after) => (await runtimeOf(place)).readLogs(place, after),
    },
    storage: {
      prepare: async (home, owner) => (await storageOf(home)).prepare(home, owner),
      remove: async (home) => (await storageOf(home)).remove(home),
      release: async (home) => (await storageOf(home)).release?.(home),
      list: () => inEach(({ storage }) => storage.list()),
    },
  }
}

/**
 * The archivers of all cells as one.
 * @param archivers of all cells by name.
 */
export const createEveryArchiver = (archivers: () => Promise<ReadonlyMap<string, Archiver>>): Archiver => ({
  run: async (job) => partOf(await archivers(), placeOfJob(job)).run(job),
})
