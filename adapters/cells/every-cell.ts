import { SitewrightError } from '../../core/errors.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Archiver } from '../../core/ports/archiver.ts'
import type { SiteRuntime, SiteStorage } from '../../core/ports/runtime.ts'

/** What one cell runs sites with. */
export interface CellParts {
  readonly runtime: SiteRuntime
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
 * All cells as one. A site is looked for in the cell that its record names; one without a record, such as a stray that a
 * lost process left, in every cell.
 * @param cellOf the name of the cell that a site's record names.
 * @param cells all that there are, by name.
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

  /** The cell that a site's record names: whatever is made for the site is made there. */
  const homeOf = async (siteId: SiteId): Promise<CellParts> =>
    inCellOf(siteId, await cellOf(siteId), await cells(), 'it cannot be started')

  const inEach = async <Item>(list: (cell: CellParts) => Promise<readonly Item[]>): Promise<readonly Item[]> =>
    (await Promise.all([...(await cells()).values()].map(list))).flat()

  return {
    runtime: {
      start: async (launch) => (await homeOf(launch.siteId)).runtime.start(launch),
      startBeside: async (launch) => {
        const { runtime } = await homeOf(launch.siteId)
        await (runtime.startBeside ?? runtime.start)(launch)
      },
      locate: async (siteId, launch) => {
        for (const { runtime } of await cellsOf(siteId)) {
          const endpoint = await runtime.locate(siteId, launch)
          if (endpoint !== undefined) return endpoint
        }
        return undefined
      },
      remove: async (siteId) => {
        for (const { runtime } of await cellsOf(siteId)) await runtime.remove(siteId)
      },
      list: () => inEach(({ runtime }) => runtime.list()),
    },
    storage: {
      prepare: async (home) => (await homeOf(home.siteId)).storage.prepare(home),
      remove: async (home) => {
        for (const { storage } of await cellsOf(home.siteId)) await storage.remove(home)
      },
      list: () => inEach(({ storage }) => storage.list()),
    },
  }
}

/**
 * The archivers of all cells as one: a site's data is looked after in the cell that its record names.
 * @param cellOf the name of the cell that a site's record names.
 * @param archivers of all cells that there are, by name.
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
