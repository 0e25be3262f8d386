import type { ArchiveId, SiteId } from '../ids.ts'
import { isId } from '../ids.ts'
import type { Instant } from '../instant.ts'
import type { DataHome } from '../site/location.ts'
import type { BlueprintReference } from '../site/site.ts'

export interface StoredArchive {
  readonly key: string
  readonly bytes: number
}

/**
 * Where archives are kept. A key is words of lower-case letters, digits, `_`, `-` and `.`, separated by slashes, such as
 * `site_01j…/01j….tar`, and at most 180 characters; every call throws a `TypeError` at any other.
 */
export interface ArchiveStore {
  /**
   * Stores what the content gives, whole or not at all, in the place of what the key had before. It takes the content as
   * fast as it can store it, and holds little of it in memory at a time.
   * @throws whatever the content throws.
   */
  readonly put: (key: string, content: AsyncIterable<Uint8Array>) => Promise<void>
  /** The content, to be read once and by whoever asked for it; undefined where the key has none. */
  readonly open: (key: string) => Promise<AsyncIterable<Uint8Array> | undefined>
  /** What has a key that begins so, in the order of their keys. */
  readonly list: (prefix: string) => AsyncIterable<StoredArchive>
  /** Removes what the key has, if it has anything. */
  readonly remove: (key: string) => Promise<void>
}

const word = /^(?!\.+$)[a-z0-9_.-]+$/

/** @throws {TypeError} */
export const requireArchiveKey = (key: string): void => {
  if (key.length <= 180 && key.split('/').every((part) => word.test(part))) return
  throw new TypeError(`'${key}' cannot be the key of an archive`)
}

interface ArchiveLink {
  readonly url: string
  readonly expiresAt: Instant
}

/** Lets somebody fetch an archive without asking us who they are: whoever has the link may, for a few minutes. */
export interface ArchiveLinks {
  readonly linkTo: (siteId: SiteId, archiveId: ArchiveId) => Promise<ArchiveLink>
}

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
