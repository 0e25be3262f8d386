import * as z from 'zod'
import type { ArchiveJob, ArchiveJobState } from '../../core/ports/archiver.ts'
import { jobOutcomeKey } from '../../core/ports/archiver.ts'
import type { ArchiveStore } from '../../core/ports/archives.ts'

/** How a job ended. */
export type JobOutcome = Exclude<ArchiveJobState, { state: 'running' }>

const outcomeSchema: z.ZodType<JobOutcome> = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('done'), bytes: z.int().nonnegative(), files: z.int().nonnegative() }),
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
