import * as z from 'zod'
import { archiveJobSchema } from './archive-job.ts'

/** What a worker process on this machine is told on its standard input, as one line. */
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

/** What it says on its standard output when it has written the outcome. */
export const workerReportSchema = z.strictObject({
  state: z.enum(['done', 'failed']),
  /** The most memory that it had. */
  peakMebibytes: z.number(),
})
