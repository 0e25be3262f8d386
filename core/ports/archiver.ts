import type { ArchiveId, SiteId } from '../ids.ts'
import { isId } from '../ids.ts'
import type { Instant } from '../instant.ts'
import type { BlueprintReference } from '../site/site.ts'
import type { DataHome } from './runtime.ts'

/** A piece of work on a site's data, too long for a function. Its id is used for this very work and no other. */
export type ArchiveJob = { readonly id: string; readonly siteId: SiteId } & (
  | {
      /** Packs a data directory of a site that does not run, and writes what is in it to a manifest. */
      readonly kind: 'copy'
      readonly home: DataHome
      readonly archiveId: ArchiveId
      readonly blueprint: BlueprintReference
      readonly at: Instant
    }
  /** Reads an archive back from where it is kept, and compares every digest with the manifest. */
  | { readonly kind: 'verify'; readonly archiveId: ArchiveId }
  /**
   * Unpacks an archive into a data directory that is empty, or left over from this very job, and verifies what is there then. One
   * that holds all of it and nothing else is restored already.
   */
  | { readonly kind: 'restore'; readonly home: DataHome; readonly archiveId: ArchiveId }
  /** Deletes all that is in a data directory. The directory itself is its storage's to remove. */
  | { readonly kind: 'release'; readonly home: DataHome }
  /** Adds up what a data directory takes. */
  | { readonly kind: 'measure'; readonly home: DataHome }
)

export type ArchiveJobState =
  | { readonly state: 'running' }
  /** `bytes`: of the archive as stored, or of the directory as measured. */
  | { readonly state: 'done'; readonly bytes: number; readonly files: number }
  | {
      readonly state: 'failed'
      /** `ArchiveDamaged` where the copy is at fault, `ArchivingFailed` for anything else: a full disk, a bucket that refuses. */
      readonly error: 'ArchiveDamaged' | 'ArchivingFailed'
      readonly message: string
    }

/** Does the heavy work on sites' data: a process of its own on one machine, a task of its own on AWS. */
export interface Archiver {
  /**
   * Starts a job, or looks how it is getting on: to be called until it is no longer running. The outcome of a job outlives
   * whoever did it; one that was cut off without an outcome is started again.
   * @throws {SitewrightError} `RuntimeUnavailable` where it cannot be started or asked now.
   */
  readonly run: (job: ArchiveJob) => Promise<ArchiveJobState>
}

/** Where an archive's parts are kept, in an `ArchiveStore`. */
export const archiveKeys = (siteId: SiteId, archiveId: ArchiveId) => ({
  content: `${siteId}/${archiveId}.tar.zst`,
  manifest: `${siteId}/${archiveId}.manifest.jsonl`,
})

/** The archive that a key belongs to; undefined for a key of anything else. */
export const archiveOfKey = (key: string): { readonly siteId: SiteId; readonly archiveId: ArchiveId } | undefined => {
  const [siteId = '', name = '', ...others] = key.split('/')
  const archiveId = name.slice(0, name.indexOf('.'))
  if (others.length > 0 || !isId('site', siteId) || !isId('arc', archiveId)) return undefined
  return Object.values(archiveKeys(siteId, archiveId)).includes(key) ? { siteId, archiveId } : undefined
}

/** What a site's archives, manifests and outcomes of jobs begin with. */
export const archivePrefix = (siteId: SiteId): string => `${siteId}/`

/** The outcome of a job, written by whoever did it. */
export const jobOutcomeKey = ({ siteId, id }: ArchiveJob): string => `${siteId}/${id}.outcome.json`
