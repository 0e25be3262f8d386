import type { ArchiveId, SiteId } from '../ids.ts'
import type { Leftover } from '../ports/runtime.ts'
import { leftoverKinds } from '../ports/runtime.ts'
import type { DataHome } from '../site/location.ts'
import { homeName, homeOf } from '../site/location.ts'
import type { Site } from '../site/site.ts'
import { isKept } from '../site/site.ts'
import { isWorkedOn, wasNeverOpen } from '../site/site-facts.ts'

/** Every kind of thing that a site may leave behind. */
export const leftKinds = ['data', 'archive', 'running', ...leftoverKinds] as const

/** Something that is there and may be left over. */
export type LeftThing = { readonly id: string; readonly siteId: SiteId } & (
  | { readonly kind: 'data'; readonly home: DataHome }
  /** A copy of the data, whole or not. */
  | { readonly kind: 'archive'; readonly archiveId: ArchiveId }
  /** What a runtime lists of a site, in whatever state. */
  | { readonly kind: 'running' }
  | Leftover
)

export const leftData = (home: DataHome): LeftThing => ({
  kind: 'data',
  id: homeName(home),
  siteId: home.siteId,
  home,
})

export const leftArchive = (siteId: SiteId, archiveId: ArchiveId): LeftThing => ({
  kind: 'archive',
  id: `${siteId}/${archiveId}`,
  siteId,
  archiveId,
})

export const leftRunning = (siteId: SiteId): LeftThing => ({ kind: 'running', id: siteId, siteId })

export const nameOfThing = ({ kind, id }: Pick<LeftThing, 'kind' | 'id'>): string => `${kind} ${id}`

/**
 * What is to become of a thing. `kept`: it belongs to a site that has it. `never-open`: nobody ever wrote to it. `left-over`:
 * its site's record says that it is of no use any more. `unexplained`: no record says what it is, so it is never removed.
 */
export type Judgement = 'kept' | 'never-open' | 'left-over' | 'unexplained'

/** Whether a site's record has this copy. */
export const hasArchive = (site: Site, archiveId: ArchiveId): boolean =>
  isKept(site) && site.archives.some(({ id }) => id === archiveId)

/** Whether a data directory is there. */
export type IsThere = (home: DataHome) => boolean

const judgeHome = (home: DataHome, site: Site, isThere: IsThere): Judgement => {
  // A generation that the record has not come to yet.
  if (home.generation > site.generation) return 'unexplained'
  if (wasNeverOpen(site)) return 'never-open'
  switch (site.status) {
    case 'purged':
      return 'left-over'
    case 'archived':
      // The verified copy is its data, and a restore takes a generation that was never used.
      return site.archives.length > 0 ? 'left-over' : 'unexplained'
    case 'active':
    case 'suspended':
    case 'ready':
      if (home.generation === site.generation) return 'kept'
      return isThere(homeOf(site)) ? 'left-over' : 'unexplained'
    case 'building':
    case 'failed':
      return 'kept'
  }
}

/** A copy that the record does not have is of a try that was given up. It goes only where the data itself is in its place. */
const judgeArchive = (archiveId: ArchiveId, site: Site, isThere: IsThere): Judgement => {
  if (site.status === 'purged') return 'left-over'
  if (hasArchive(site, archiveId)) return 'kept'
  if (site.status === 'archived') return site.archives.length > 0 ? 'left-over' : 'unexplained'
  return isThere(homeOf(site)) ? 'left-over' : 'unexplained'
}

/**
 * Judges a thing by its site's record, which is read strongly consistently. While a workflow is at work on the site, nothing of
 * it is left over.
 */
export const judgeThing = (thing: LeftThing, site: Site | undefined, isThere: IsThere): Judgement => {
  // What holds no data is made again by a start: a missing record makes it left over. Data needs a record to say so.
  if (site === undefined) return thing.kind === 'data' || thing.kind === 'archive' ? 'unexplained' : 'left-over'
  if (isWorkedOn(site)) return 'kept'
  if (thing.kind === 'data') return judgeHome(thing.home, site, isThere)
  if (thing.kind === 'archive') return judgeArchive(thing.archiveId, site, isThere)
  // What runs of a site that is recorded is another sweep's.
  if (thing.kind === 'running') return 'kept'
  return site.status === 'active' || site.status === 'ready' ? 'kept' : 'left-over'
}
