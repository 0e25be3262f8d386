import type * as z from 'zod'
import { SitewrightError } from '../../core/errors.ts'
import type { ArchiveId } from '../../core/ids.ts'
import { copiesOf } from '../../core/plan/plan.ts'
import type { Archive } from '../../core/site/archive.ts'
import { nextCopy } from '../../core/site/next-step.ts'
import type { HistoryEntry } from '../../core/site/owner-history.ts'
import { isKept, ownershipOf, type Site } from '../../core/site/site.ts'
import type { historySchema } from '../http/past-answers.ts'
import type { archivesPageSchema, copyScheduleView } from './answers.ts'
import type { SiteViewPorts } from './views.ts'

const archivesOf = (site: Site): readonly Archive[] => (isKept(site) ? site.archives : [])

const encode = (id: ArchiveId): string => Buffer.from(id).toString('base64url')

/** What people call an archive, such as `acme-pumps-2026-11-25-094500`, in UTC: a site is copied several times a day. */
export const archiveName = (site: Site, { at }: Archive): string =>
  `${ownershipOf(site)?.slug ?? site.id}-${at.slice(0, 19).replace('T', '-').replaceAll(':', '')}`

export const copyScheduleOf = (
  site: Site,
  { plans }: Pick<SiteViewPorts, 'plans'>,
): z.infer<typeof copyScheduleView> => {
  const schedule = copiesOf(plans, site.plan)
  if (schedule === undefined) return null
  return { ...schedule, nextAt: nextCopy(site, schedule)?.dueAt ?? null }
}

export const archivesPage = (
  site: Site,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  ports: Pick<SiteViewPorts, 'plans'>,
): z.infer<typeof archivesPageSchema> => {
  const all = archivesOf(site)
  const last = cursor === undefined ? -1 : all.findIndex(({ id }) => encode(id) === cursor)
  if (cursor !== undefined && last === -1) {
    throw new SitewrightError('InvalidRequest', 'The cursor is not valid. Request the first page without a cursor.', {
      fields: [{ path: 'cursor', message: 'is not valid' }],
    })
  }
  const page = all.slice(last + 1, last + 1 + limit)
  const end = page.at(-1)
  return {
    archives: page.map((archive) => ({
      ...archive,
      name: archiveName(site, archive),
      pausedMilliseconds: archive.pausedMilliseconds ?? null,
    })),
    schedule: copyScheduleOf(site, ports),
    ...(end === undefined || end.id === all.at(-1)?.id ? {} : { cursor: encode(end.id) }),
  }
}

/** @throws {SitewrightError} `NotFound`. */
export const requireArchive = (site: Site, archiveId: string): Archive => {
  const found = archivesOf(site).find(({ id }) => id === archiveId)
  if (found !== undefined) return found
  throw new SitewrightError('NotFound', 'This site has no such archive.')
}

/** An entry of a site's history. @param person the address of who did it, if it was somebody else than who reads it. */
export const historyView = (
  { personId: _, ...entry }: HistoryEntry,
  person?: string,
): z.infer<typeof historySchema>['entries'][number] => {
  const { about = null, plan = null, until = null, reason = null } = entry
  return { ...entry, person: person ?? null, about, plan, until, reason }
}
