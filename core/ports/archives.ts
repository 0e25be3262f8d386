import * as z from 'zod'
import { type ArchiveId, idSchema, isId, type SiteId } from '../ids.ts'
import type { Instant } from '../instant.ts'
import type { DataHome, SitePlace } from '../site/location.ts'

export interface StoredArchive {
  readonly key: string
  readonly bytes: number
}

interface PutOptions {
  /** `now`, or `later` where `flush` is called before anybody relies on the content. */
  readonly flush?: 'now' | 'later'
}

/** Stores archives. A key is words of `a-z`, `0-9`, `_`, `-` and `.`, separated by slashes, at most 180 characters; other keys throw a `TypeError`. */
export interface ArchiveStore {
  /** Stores the content whole or not at all, replacing an earlier one. Streams with little memory. @throws whatever the content throws. */
  readonly put: (key: string, content: AsyncIterable<Uint8Array>, options?: PutOptions) => Promise<void>
  /** Waits until content that was put with `flush: 'later'` survives a power cut. Absent where all content does once it is put. */
  readonly flush?: (key: string) => Promise<void>
  /** A stream to be read once; undefined for an unknown key. */
  readonly open: (key: string) => Promise<AsyncIterable<Uint8Array> | undefined>
  /** By prefix, in the order of keys. */
  readonly list: (prefix: string) => AsyncIterable<StoredArchive>
  readonly remove: (key: string) => Promise<void>
}

const word = /^(?!\.+$)[a-z0-9_.-]+$/

export const requireArchiveKey = (key: string): void => {
  if (key.length <= 180 && key.split('/').every((part) => word.test(part))) return
  throw new TypeError(`'${key}' cannot be the key of an archive`)
}

interface ArchiveLink {
  readonly url: string
  readonly manifestUrl: string
  readonly expiresAt: Instant
}

/** Makes short-lived download links that need no sign-in. */
export interface ArchiveLinks {
  /** @param name of the file to be saved, without its extension: letters, digits and hyphens. */
  readonly linkTo: (siteId: SiteId, archiveId: ArchiveId, name: string) => Promise<ArchiveLink>
}

export const archiveParts = ['content', 'manifest'] as const
export type ArchivePart = (typeof archiveParts)[number]

/** Where a part is put, once, with these headers. */
interface ArchiveUpload {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

/** Makes short-lived links to upload an archive, which need no sign-in. */
export interface ArchiveUploads {
  /** @param bytes of the part: no other size is accepted, and nothing that is there is replaced. */
  readonly uploadTo: (siteId: SiteId, archiveId: ArchiveId, part: ArchivePart, bytes: number) => Promise<ArchiveUpload>
}

const everyJob = { id: z.string().regex(/^[a-z0-9_-]{1,130}$/), siteId: idSchema('site') }
const home: z.ZodType<DataHome> = z.strictObject({
  siteId: idSchema('site'),
  cell: z.string(),
  generation: z.int().positive(),
})
const archiveId = idSchema('arc')
const directoryName = z.string().regex(/^\.[a-z0-9_-]{1,60}$/)

/** Work on a site's data that is too long for a function. An id is used for one job only. Each names the cell that does it. */
export const archiveJobSchema = z.discriminatedUnion('kind', [
  /** Packs a stopped site's data directory, with a manifest. */
  z.strictObject({
    ...everyJob,
    kind: z.literal('copy'),
    home,
    archiveId,
    blueprint: z.strictObject({ name: z.string(), version: z.int().positive() }),
    at: z.iso.datetime({ precision: 3 }),
    /** A directory in it that is packed instead. */
    below: directoryName.optional(),
    /** Set where the site runs again as soon as this is done: what can wait is left to the verification. */
    isAwaited: z.literal(true).optional(),
  }),
  /** Reads an archive back and compares every digest with the manifest. */
  z.strictObject({ ...everyJob, kind: z.literal('verify'), cell: z.string(), archiveId }),
  /**
   * Unpacks an archive into a directory that is empty or left by the same job, and verifies it. The directory may be another site's. A
   * complete directory is done.
   */
  z.strictObject({
    ...everyJob,
    kind: z.literal('restore'),
    home,
    archiveId,
    /** Set for one that its owner uploaded: it has no more data, and no link that leads out. */
    maxBytes: z.int().positive().optional(),
    /** The name of an empty directory that is made in it too. */
    makes: directoryName.optional(),
  }),
  /** Deletes the contents of a data directory, not the directory itself. */
  z.strictObject({ ...everyJob, kind: z.literal('release'), home }),
  z.strictObject({ ...everyJob, kind: z.literal('measure'), home }),
])
export type ArchiveJob = z.infer<typeof archiveJobSchema>

/** The cell that does a job: where its data directory is. */
export const placeOfJob = (job: ArchiveJob): SitePlace =>
  job.kind === 'verify' ? { siteId: job.siteId, cell: job.cell } : job.home

const jobOutcomeSchema = z.discriminatedUnion('state', [
  z.strictObject({
    state: z.literal('done'),
    /** The size of the stored archive or of the measured directory. */
    bytes: z.int().nonnegative(),
    files: z.int().nonnegative(),
    /** The size of the files in the archive; absent where there is none, and in outcomes of earlier releases. */
    dataBytes: z.int().nonnegative().optional(),
  }),
  z.strictObject({
    state: z.literal('failed'),
    /** `ArchiveDamaged`: the copy is bad. `ArchivingFailed`: anything else, such as a full disk. */
    error: z.enum(['ArchiveDamaged', 'ArchivingFailed']),
    message: z.string(),
  }),
])
export type JobOutcome = z.infer<typeof jobOutcomeSchema>

export type ArchiveJobState = { readonly state: 'running' } | JobOutcome

/** Runs jobs: in a process on one machine, in a task on AWS. */
export interface Archiver {
  /**
   * Starts a job or returns its state; call it until it is not running. Outcomes are kept; an interrupted job starts again.
   * @throws {SitewrightError} `RuntimeUnavailable`.
   */
  readonly run: (job: ArchiveJob) => Promise<ArchiveJobState>
}

export const archiveKeys = (siteId: SiteId, archiveId: ArchiveId) => ({
  content: `${siteId}/${archiveId}.tar.zst`,
  manifest: `${siteId}/${archiveId}.manifest.jsonl`,
})

/** Undefined for other keys. */
export const archiveOfKey = (key: string): { readonly siteId: SiteId; readonly archiveId: ArchiveId } | undefined => {
  const [siteId = '', name = '', ...others] = key.split('/')
  const archiveId = name.slice(0, name.indexOf('.'))
  if (others.length > 0 || !isId('site', siteId) || !isId('arc', archiveId)) return undefined
  return Object.values(archiveKeys(siteId, archiveId)).includes(key) ? { siteId, archiveId } : undefined
}

/** The key prefix of a site's archives, manifests and job outcomes. */
export const archivePrefix = (siteId: SiteId): string => `${siteId}/`

export const jobOutcomeKey = ({ siteId, id }: ArchiveJob): string => `${siteId}/${id}.outcome.json`

export const isJobOutcomeKey = (key: string): boolean => key.endsWith('.outcome.json')

/** Undefined while there is none. */
export const readOutcome = async (
  archives: Pick<ArchiveStore, 'open'>,
  job: ArchiveJob,
): Promise<JobOutcome | undefined> => {
  const content = await archives.open(jobOutcomeKey(job))
  if (content === undefined) return undefined
  const chunks: Uint8Array[] = []
  for await (const chunk of content) chunks.push(chunk)
  return jobOutcomeSchema.parse(JSON.parse(Buffer.concat(chunks).toString()))
}

export const writeOutcome = (archives: ArchiveStore, job: ArchiveJob, outcome: JobOutcome): Promise<void> =>
  archives.put(
    jobOutcomeKey(job),
    (async function* () {
      yield Buffer.from(`${JSON.stringify(outcome)}\n`)
    })(),
  )
