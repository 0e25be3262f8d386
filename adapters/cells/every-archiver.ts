import { SitewrightError } from '../../core/errors.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Archiver } from '../../core/ports/archives.ts'

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
