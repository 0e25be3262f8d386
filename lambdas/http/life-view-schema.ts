import * as z from 'zod'
import { suspensionReasons } from '../../core/site/site.ts'

const instant = z.iso.datetime({ precision: 3 })

/** The part of a site's answer that says what time, its owner and operators do with it. */
export const lifeForm = {
  nextStep: z
    .strictObject({ step: z.enum(['remind', 'suspend', 'archive', 'warn', 'purge']), at: instant })
    .nullable()
    .meta({ description: 'The next change by deadline.' }),
  suspended: z.strictObject({ at: instant, because: z.enum(suspensionReasons) }).nullable(),
  archived: z.strictObject({ at: instant, purgeAt: instant.nullable() }).nullable(),
  deletion: z
    .strictObject({
      requestedAt: instant,
      purgeAt: instant.nullable(),
      revocable: z.boolean().meta({ description: 'Whether the owner may cancel the deletion.' }),
    })
    .nullable()
    .meta({ description: 'The scheduled deletion; null if none is requested.' }),
  deletionDays: z.int().positive().nullable().meta({
    description: 'For how many days an owner may cancel a deletion; null if the site cannot be deleted.',
  }),
  extension: z.strictObject({ left: z.int().nonnegative(), days: z.int().positive() }).nullable().meta({
    description: 'How often and by how many days the owner may extend the trial; null if it is not a trial.',
  }),
  operation: z
    .enum(['suspend', 'archive', 'restore', 'purge', 'copy', 'resize'])
    .nullable()
    .meta({ description: 'The operation in progress.' }),
  storage: z.enum(['near', 'full']).nullable(),
}
