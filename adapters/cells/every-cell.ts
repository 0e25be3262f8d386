import { SitewrightError } from '../../core/errors.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Archiver } from '../../core/ports/archiver.ts'
import type { SiteRuntime, SiteStorage } from '../../core/ports/runtime.ts'

/** What one cell runs sites with. */
export interface CellParts {
  readonly runtime: SiteRuntime
  readonly storage: SiteStorage
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
    if (name === undefined) return [...all.values()]
    const cell = all.get(name)
    if (cell !== undefined) return [cell]
    throw new SitewrightError(
      'RuntimeUnavailable',
      `${siteId} is of the cell '${name}', which has not described itself.`,
    )
  }

  /** What is made for a site is made where its record says. */
  const homeOf = async (siteId: SiteId): Promise<CellParts> => {
    const name = await cellOf(siteId)
    const cell = name === undefined ? undefined : (await cells()).get(name)
    if (cell !== undefined) return cell
    const why = name === undefined ? 'has no record' : `is of the cell '${name}', which has not described itself`
    throw new SitewrightError('RuntimeUnavailable', `${siteId} ${why}: it cannot be started.`)
  }

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
  run: async (job) => {
    const name = await cellOf(job.siteId)
    const archiver = name === undefined ? undefined : (await archivers()).get(name)
    if (archiver !== undefined) return archiver.run(job)
    const why = name === undefined ? 'has no record' : `is of the cell '${name}', which has not described itself`
    throw new SitewrightError('RuntimeUnavailable', `${job.siteId} ${why}: ${job.id} cannot be done.`)
  },
})
