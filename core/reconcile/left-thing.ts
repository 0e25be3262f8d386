import type { ArchiveId, SiteId } from '../ids.ts'
import type { DataHome, Leftover } from '../ports/runtime.ts'
import { leftoverKinds } from '../ports/runtime.ts'
import { homeName } from '../site/data-home.ts'

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
