import * as z from 'zod'
import { idSchema } from '../../core/ids.ts'

const archiveView = z
  .strictObject({
    id: idSchema('arc'),
    at: z.iso.datetime({ precision: 3 }),
    kind: z
      .enum(['reclaim', 'owner'])
      .meta({ description: 'Whether it was taken when the site was archived, or because its owner asked for it.' }),
    bytes: z.int().nonnegative().meta({ description: 'As stored, packed.' }),
    files: z.int().nonnegative(),
    blueprint: z.strictObject({ name: z.string(), version: z.int() }),
    pausedMilliseconds: z
      .int()
      .nonnegative()
      .nullable()
      .meta({ description: 'How long the site did not answer for the copy; null where it did not run anyway.' }),
  })
  .meta({ id: 'Archive' })

export const archivesPageSchema = z.strictObject({ archives: z.array(archiveView), cursor: z.string().optional() })

export const archiveLinkSchema = z.strictObject({ url: z.url(), expiresAt: z.iso.datetime({ precision: 3 }) })
