import * as z from 'zod'
import { idSchema } from '../../core/ids.ts'
import { named } from '../../core/named.ts'
import { causes } from '../../core/site/causes.ts'
import { imageCauses } from './image-cause.ts'

const instant = z.iso.datetime({ precision: 3 })

const capabilities = z
  .array(z.strictObject({ container: z.string(), capabilities: z.array(z.string()).readonly() }))
  .describe('The containers that start as root, and what they may do.')

export const blueprintStatusSchema = named('BlueprintStatus', {
  name: z.string(),
  current: z.int().nullable().describe('The version of new sites; null before the first.'),
  newest: z
    .int()
    .nullable()
    .describe(
      'The newest published version. It is higher than `current` if its roll-out halted or sites go down from it.',
    ),
  versions: z
    .array(z.strictObject({ version: z.int(), heldBack: z.boolean(), unavailable: z.boolean() }))
    .describe(
      'The last ten published versions, the oldest first. One is held back if its roll-out halted or sites go down from it, and unavailable if one of its images cannot be had.',
    ),
  capabilities,
  draft: z
    .strictObject({
      version: z.int(),
      capabilities,
      state: z.enum(['trying', 'current', 'failed']),
      submittedAt: instant,
      failures: z.int().nonnegative(),
      failure: z
        .strictObject({ siteId: idSchema('site'), at: instant, cause: z.enum(causes), detail: z.string() })
        .nullable()
        .describe('The last one. The failures of the site have its evidence.'),
    })
    .nullable(),
  unavailable: z
    .strictObject({
      version: z.int(),
      cause: z.enum(imageCauses),
      detail: z.string(),
      since: instant,
      failures: z.int().positive(),
      retryAt: instant,
    })
    .nullable()
    .describe('Why sites of a version cannot be built: one of its images is not available.'),
  pool: z.strictObject({ ready: z.int().nonnegative() }),
  isOffered: z.boolean().describe('Whether visitors can have it. Other blueprints have no pool.'),
  extends: z
    .strictObject({ name: z.string(), version: z.int(), newest: z.int() })
    .nullable()
    .describe(
      'What the newest published version extends, and the newest version of that. The extension is behind while it is higher than `version`.',
    ),
})

/** What may be told to whoever sells: nothing of images, failures or the pool. */
export const blueprintVersionsSchema = z.strictObject({
  versions: z.array(
    z.strictObject({
      name: z.string(),
      version: z.int(),
      plans: z.array(z.string()).nullable().describe('Null if it is for all plans.'),
    }),
  ),
})
