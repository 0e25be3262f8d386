import * as z from 'zod'
import { idSchema } from '../../core/ids.ts'
import type { ArchiveJob } from '../../core/ports/archives.ts'

const every = { id: z.string().regex(/^[a-z0-9_-]{1,130}$/), siteId: idSchema('site') }
const home = z.strictObject({ siteId: idSchema('site'), generation: z.int().positive() })
const archiveId = idSchema('arc')

/** A job as it is handed to another process. */
export const archiveJobSchema: z.ZodType<ArchiveJob> = z.discriminatedUnion('kind', [
  z.strictObject({
    ...every,
    kind: z.literal('copy'),
    home,
    archiveId,
    blueprint: z.strictObject({ name: z.string(), version: z.int().positive() }),
    at: z.iso.datetime({ precision: 3 }),
  }),
  z.strictObject({ ...every, kind: z.literal('verify'), archiveId }),
  z.strictObject({ ...every, kind: z.literal('restore'), home, archiveId }),
  z.strictObject({ ...every, kind: z.literal('release'), home }),
  z.strictObject({ ...every, kind: z.literal('measure'), home }),
])
