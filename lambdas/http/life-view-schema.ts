import * as z from 'zod'
import { suspensionReasons } from '../../core/site/site.ts'

const instant = z.iso.datetime({ precision: 3 })

/** The part of a site's answer that says what time, its owner and operators do with it. */
export const lifeForm = {
  nextStep: z
    .strictObject({ step: z.enum(['remind', 'suspend', 'archive', 'warn', 'purge']), at: instant })
    .nullable()
    .meta({ description: 'What time does next, if nobody acts before.' }),
  suspended: z.strictObject({ at: instant, because: z.enum(suspensionReasons) }).nullable(),
  archived: z.strictObject({ at: instant, purgeAt: instant.nullable() }).nullable(),
  deletion: z
    .strictObject({
      requestedAt: instant,
      purgeAt: instant.nullable(),
      revocable: z.boolean().meta({ description: 'Whether its owner may still keep it.' }),
    })
    .nullable()
    .meta({ description: 'That it is to be deleted, and when it will be; null when nobody has asked for it.' }),
  deletionDays: z.int().positive().nullable().meta({
    description: 'For how many days an owner who deletes it may revoke that; null when it cannot be deleted.',
  }),
  extension: z.strictObject({ left: z.int().nonnegative(), days: z.int().positive() }).nullable().meta({
    description: 'How often the owner may still extend the trial, and by how much; null when it is no trial.',
  }),
  operation: z
    .enum(['suspend', 'archive', 'restore', 'purge', 'copy', 'resize'])
    .nullable()
    .meta({ description: 'What is being done with it at the moment.' }),
  storage: z.enum(['near', 'full']).nullable(),
}
