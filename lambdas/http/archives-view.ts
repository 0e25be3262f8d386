import type * as z from 'zod'
import { SitewrightError } from '../../core/errors.ts'
import type { ArchiveId } from '../../core/ids.ts'
import type { Archive } from '../../core/site/archive.ts'
import type { Site } from '../../core/site/site.ts'
import { isKept } from '../../core/site/site.ts'
import type { archivesPageSchema } from './archives-view-schema.ts'

const archivesOf = (site: Site): readonly Archive[] => (isKept(site) ? site.archives : [])

const encode = (id: ArchiveId): string => Buffer.from(id).toString('base64url')

/** A site has a few of them, all in its record; they are given out by the page like everything that is a list. */
export const archivesPage = (
  site: Site,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): z.infer<typeof archivesPageSchema> => {
  const all = archivesOf(site)
  const last = cursor === undefined ? -1 : all.findIndex(({ id }) => encode(id) === cursor)
  if (cursor !== undefined && last === -1) {
    throw new SitewrightError('InvalidRequest', 'The cursor is not one of ours: start again without it.', {
      fields: [{ path: 'cursor', message: 'is not valid' }],
    })
  }
  const page = all.slice(last + 1, last + 1 + limit)
  const end = page.at(-1)
  return {
    archives: page.map((archive) => ({ ...archive, pausedMilliseconds: archive.pausedMilliseconds ?? null })),
    ...(end === undefined || end.id === all.at(-1)?.id ? {} : { cursor: encode(end.id) }),
  }
}

/** @throws {SitewrightError} `NotFound` where the site has no such archive. */
export const requireArchive = (site: Site, archiveId: string): Archive => {
  const found = archivesOf(site).find(({ id }) => id === archiveId)
  if (found !== undefined) return found
  throw new SitewrightError('NotFound', 'This site has no such archive.')
}
