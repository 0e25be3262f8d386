import { SitewrightError } from '../../core/errors.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Archiver } from '../../core/ports/archives.ts'
import {
  type SiteCommands,
  type SiteObserver,
  type SiteRuntime,
  type SiteStorage,
  stopForSleep,
} from '../../core/ports/runtime.ts'

/** The parts of one cell that run sites. */
export interface CellParts {
  readonly runtime: SiteRuntime & SiteObserver & SiteCommands
  readonly storage: SiteStorage
}

const inCellOf = <Part>(
  siteId: SiteId,
  name: string | undefined,
  parts: ReadonlyMap<string, Part>,
  so: string,
): Part => {
  const part = name === undefined ? undefined : parts.get(name)
  if (part !== undefined) return part
  const why = name === undefined ? 'has no record' : `is of the cell '${name}', which has not described itself`
  throw new SitewrightError('RuntimeUnavailable', `${siteId} ${why}: ${so}.`)
}

/**
 * All cells as one. Looks for a site in the cell of its record; for one without a record, such as a stray, in every cell.
 * @param cellOf the name of the cell in a site's record.
 * @param cells all cells by name.
 */
export const createEveryCell = ({
  cellOf,
  cells,
}: {
  readonly cellOf: (siteId: SiteId) => Promise<string | undefined>
  readonly cells: () => Promise<ReadonlyMap<string, CellParts>>
}): CellParts => {
  const cellsOf = async (siteId: SiteId): Promise<readonly CellParts[]> => {
    const [name, all] = await Promise.all([cellOf(siteId), cells()])
    return name === undefined ? [...all.values()] : [inCellOf(siteId, name, all, 'it cannot be found')]
  }

  /** The cell of a site's record, where everything of the site is made. */
  const homeOf = async (siteId: SiteId): Promise<CellParts> =>
    inCellOf(siteId, await cellOf(siteId), await cells(), 'it cannot be reached')

  const inEach = async <Item>(list: (cell: CellParts) => Promise<readonly Item[]>): Promise<readonly Item[]> =>
    (await Promise.all([...(await cells()).values()].map(list))).flat()

  return {
    runtime: {
      start: async (launch) => (await homeOf(launch.siteId)).runtime.start(launch),
      prepare: async (launch) => (await homeOf(launch.siteId)).runtime.prepare?.(launch),
      startBeside: async (launch) => {
        const { runtime } = await homeOf(launch.siteId)
        await (runtime.startBeside ?? runtime.start)(launch)
      },
      startInBulk: async (launch) => {
        const { runtime } = await homeOf(launch.siteId)
        await (runtime.startInBulk ?? runtime.start)(launch)
      },
      runOnce: async (launch, run) => (await homeOf(launch.siteId)).runtime.runOnce(launch, run),
      locate: async (siteId, launch) => {
        for (const { runtime } of await cellsOf(siteId)) {
          const endpoint = await runtime.locate(siteId, launch)
          if (endpoint !== undefined) return endpoint
        }
        return undefined
      },
      remove: async (siteId, requireWanted) => {
        for (const { runtime } of await cellsOf(siteId)) await runtime.remove(siteId, requireWanted)
      },
      stop: async (siteId, requireWanted) => {
        for (const { runtime } of await cellsOf(siteId)) await stopForSleep(runtime, siteId, requireWanted)
      },
      list: (options) => inEach(({ runtime }) => runtime.list(options)),
      countEnds: async (siteId) => (await homeOf(siteId)).runtime.countEnds(siteId),
      observe: async (siteId) => (await homeOf(siteId)).runtime.observe(siteId),
      readLogs: async (siteId, after) => (await homeOf(siteId)).runtime.readLogs(siteId, after),
    },
    storage: {
      prepare: async (home, owner) => (await homeOf(home.siteId)).storage.prepare(home, owner),
      remove: async (home) => {
        for (const { storage } of await cellsOf(home.siteId)) await storage.remove(home)
      },
      release: async (home) => (await homeOf(home.siteId)).storage.release?.(home),
      list: () => inEach(({ storage }) => storage.list()),
    },
  }
}

/**
 * The archivers of all cells as one: the cell of a site's record does its jobs.
 * @param cellOf the name of the cell in a site's record.
 * @param archivers of all cells by name.
 */
export const createEveryArchiver = ({
  cellOf,
  archivers,
}: {
  readonly cellOf: (siteId: SiteId) => Promise<string | undefined>
  readonly archivers: () => Promise<ReadonlyMap<string, Archiver>>
}): Archiver => ({
  run: async (job) =>
    inCellOf(job.siteId, await cellOf(job.siteId), await archivers(), `${job.id} cannot be done`).run(job),
})
