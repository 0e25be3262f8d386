import * as z from 'zod'
import { idSchema } from '../../core/ids.ts'

const archiveView = z
  .strictObject({
    id: idSchema('arc'),
    at: z.iso.datetime({ precision: 3 }),
    kind: z
      .enum(['reclaim', 'owner'])
      .meta({ description: 'Whether archiving made the copy, or its owner requested it.' }),
    bytes: z.int().nonnegative().meta({ description: 'The compressed size.' }),
    files: z.int().nonnegative(),
    blueprint: z.strictObject({ name: z.string(), version: z.int() }),
    pausedMilliseconds: z
      .int()
      .nonnegative()
      .nullable()
      .meta({ description: 'How long the site paused for the copy; null if it was not running.' }),
  })
  .meta({ id: 'Archive' })

export const archivesPageSchema = z.strictObject({ archives: z.array(archiveView), cursor: z.string().optional() })

export const archiveLinkSchema = z.strictObject({ url: z.url(), expiresAt: z.iso.datetime({ precision: 3 }) })
