import type { ArchiveId, SiteId } from '../../../core/ids.ts'
import { type RuntimeLeftover, runtimeLeftoverKinds } from '../../../core/ports/runtime.ts'
import { type DataHome, homeName, homeOf, nextGeneration, type SitePlace } from '../../../core/site/location.ts'
import { isKept, isLive, type Site } from '../../../core/site/site.ts'
import { isWorkedOn, wasNeverOpen } from '../../../core/site/site-facts.ts'

export const leftoverKinds = ['data', 'archive', 'running', ...runtimeLeftoverKinds] as const

export type Leftover = { readonly id: string; readonly siteId: SiteId } & (
  | { readonly kind: 'data'; readonly home: DataHome }
  /** Complete or not. */
  | { readonly kind: 'archive'; readonly archiveId: ArchiveId }
  /** A task, in any state. */
  | { readonly kind: 'running'; readonly cell: string }
  | RuntimeLeftover
)

export const leftData = (home: DataHome): Leftover => ({ kind: 'data', id: homeName(home), siteId: home.siteId, home })

export const leftArchive = (siteId: SiteId, archiveId: ArchiveId): Leftover => ({
  kind: 'archive',
  id: `${siteId}/${archiveId}`,
  siteId,
  archiveId,
})

export const leftRunning = ({ siteId, cell }: SitePlace): Leftover => ({
  kind: 'running',
  id: `${siteId} in ${cell}`,
  siteId,
  cell,
})

export const nameOfLeftover = ({ kind, id }: Pick<Leftover, 'kind' | 'id'>): string => `${kind} ${id}`

/**
 * `kept`: belongs to its site. `never-open`: nobody ever wrote to it. `passing`: was only there to build the site. `left-over`: the record says it is not needed.
 * `unexplained`: no record explains it, so it is never removed.
 */
export type Judgement = 'kept' | 'never-open' | 'passing' | 'left-over' | 'unexplained'

export const hasArchive = (site: Site, archiveId: ArchiveId): boolean =>
  isKept(site) && site.archives.some(({ id }) => id === archiveId)

export type IsThere = (home: DataHome) => boolean

const judgeHome = (home: DataHome, site: Site, isThere: IsThere): Judgement => {
  // A generation that the record does not know.
  if (home.generation >= nextGeneration(site)) return 'unexplained'
  if (wasNeverOpen(site)) return 'never-open'
  // Such as the copy that a command anonymised, after a crash.
  if (home.generation < (site.environmentOf?.opened ?? 0)) return 'passing'
  switch (site.status) {
    case 'purged':
      return 'left-over'
    case 'archived':
      // A restore uses a new generation.
      return site.archives.length > 0 ? 'left-over' : 'unexplained'
    case 'active':
    case 'asleep':
    case 'suspended':
    case 'ready':
      if (home.generation === site.generation && home.cell === site.cell) return 'kept'
      return isThere(homeOf(site)) ? 'left-over' : 'unexplained'
    case 'building':
    case 'failed':
      return 'kept'
  }
}

/** An archive that the record lacks comes from a failed attempt. It is removed only if the data itself exists. */
const judgeArchive = (archiveId: ArchiveId, site: Site, isThere: IsThere): Judgement => {
  if (archiveId === site.environmentOf?.result) return 'passing'
  if (site.status === 'purged') return 'left-over'
  if (hasArchive(site, archiveId)) return 'kept'
  if (site.status === 'archived') return site.archives.length > 0 ? 'left-over' : 'unexplained'
  return isThere(homeOf(site)) ? 'left-over' : 'unexplained'
}

/** Whether platform resources of a site are there for its next start. */
export const usesRuntime = (site: Site): boolean =>
  (isLive(site) && (site.status === 'active' || site.dormantSince === undefined)) || site.status === 'ready'

/** Judges a leftover by its site's record, read consistently. While a workflow works on the site, everything is kept. */
export const judgeLeftover = (leftover: Leftover, site: Site | undefined, isThere: IsThere): Judgement => {
  // A start creates everything but data again, so only data needs a record.
  if (site === undefined) return leftover.kind === 'data' || leftover.kind === 'archive' ? 'unexplained' : 'left-over'
  if (isWorkedOn(site)) return 'kept'
  if (leftover.kind === 'data') return judgeHome(leftover.home, site, isThere)
  if (leftover.kind === 'archive') return judgeArchive(leftover.archiveId, site, isThere)
  // Another sweep handles it.
  if (leftover.kind === 'running') return 'kept'
  return usesRuntime(site) ? 'kept' : 'left-over'
}
