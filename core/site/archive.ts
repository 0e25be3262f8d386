import * as z from 'zod'
import { idSchema } from '../ids.ts'

const instant = z.iso.datetime({ precision: 3 })

/** A verified copy of a site's data, as the site knows of it. The copy itself says more: docs/archives.md. */
export const archiveSchema = z.strictObject({
  id: idSchema('arc'),
  at: instant,
  /** `reclaim` was taken to give the disk back, `owner` because the owner asked for a copy. */
  kind: z.enum(['reclaim', 'owner']),
  /** As stored, packed. */
  bytes: z.int().nonnegative(),
  files: z.int().nonnegative(),
  /** What the site ran when the copy was taken. */
  blueprint: z.strictObject({ name: z.string(), version: z.int().positive() }),
  /** How long the site did not answer while an owner's copy was taken. */
  pausedMilliseconds: z.int().nonnegative().optional(),
})
export type Archive = z.infer<typeof archiveSchema>

/** So many of an owner's copies are kept; an older one goes when the next one is there. */
export const ownerArchivesKept = 3
