import * as z from 'zod'
import { idSchema } from '../../core/ids.ts'
import { type ArchiveJob, type ArchiveJobState, type ArchiveStore, jobOutcomeKey } from '../../core/ports/archives.ts'

const every = { id: z.string().regex(/^[a-z0-9_-]{1,130}$/), siteId: idSchema('site') }
const home = z.strictObject({ siteId: idSchema('site'), cell: z.string(), generation: z.int().positive() })
const archiveId = idSchema('arc')
const directoryName = z.string().regex(/^\.[a-z0-9_-]{1,60}$/)

/** A job as it is handed to another process. */
export const archiveJobSchema: z.ZodType<ArchiveJob> = z.discriminatedUnion('kind', [
  z.strictObject({
    ...every,
    kind: z.literal('copy'),
    home,
    archiveId,
    blueprint: z.strictObject({ name: z.string(), version: z.int().positive() }),
    at: z.iso.datetime({ precision: 3 }),
    below: directoryName.optional(),
  }),
  z.strictObject({ ...every, kind: z.literal('verify'), cell: z.string(), archiveId }),
  z.strictObject({
    ...every,
    kind: z.literal('restore'),
    home,
    archiveId,
    mostBytes: z.int().positive().optional(),
    makes: directoryName.optional(),
  }),
  z.strictObject({ ...every, kind: z.literal('release'), home }),
  z.strictObject({ ...every, kind: z.literal('measure'), home }),
])

/** The task of a worker process on this machine: one line on its standard input. */
export const workerTaskSchema = z.strictObject({
  job: archiveJobSchema,
  /** Where the job's data directory is; a job on an archive alone makes no use of it. */
  directory: z.string(),
  /** Where archives are kept. */
  archiveDirectory: z.string(),
  scratch: z.string(),
  owner: z.strictObject({ uid: z.int().nonnegative(), gid: z.int().nonnegative() }).optional(),
})
export type WorkerTask = z.infer<typeof workerTaskSchema>

/** The report of a worker on its standard output, once it has written the outcome. */
export const workerReportSchema = z.strictObject({
  state: z.enum(['done', 'failed']),
  /** The most memory that it had. */
  peakMebibytes: z.number(),
})

/** How a job ended. */
export type JobOutcome = Exclude<ArchiveJobState, { state: 'running' }>

const outcomeSchema: z.ZodType<JobOutcome> = z.discriminatedUnion('state', [
  z.strictObject({
    state: z.literal('done'),
    bytes: z.int().nonnegative(),
    files: z.int().nonnegative(),
    dataBytes: z.int().nonnegative().optional(),
  }),
  z.strictObject({
    state: z.literal('failed'),
    error: z.enum(['ArchiveDamaged', 'ArchivingFailed']),
    message: z.string(),
  }),
])

/** Undefined while there is none. */
export const readOutcome = async (
  archives: Pick<ArchiveStore, 'open'>,
  job: ArchiveJob,
): Promise<JobOutcome | undefined> => {
  const content = await archives.open(jobOutcomeKey(job))
  if (content === undefined) return undefined
  const chunks: Uint8Array[] = []
  for await (const chunk of content) chunks.push(chunk)
  return outcomeSchema.parse(JSON.parse(Buffer.concat(chunks).toString()))
}

export const writeOutcome = (archives: ArchiveStore, job: ArchiveJob, outcome: JobOutcome): Promise<void> =>
  archives.put(
    jobOutcomeKey(job),
    (async function* () {
      yield Buffer.from(`${JSON.stringify(outcome)}\n`)
    })(),
  )
