import * as z from 'zod'
import { idSchema } from '../../core/ids.ts'

export const manifestHeadSchema = z.strictObject({
  format: z.literal('sitewright-archive'),
  version: z.literal(1),
  site: idSchema('site'),
  /** Which of the site's data directories it is a copy of. */
  generation: z.int().positive(),
  archiveId: idSchema('arc'),
  /** What the site ran: a restored one runs the same. */
  blueprint: z.strictObject({ name: z.string(), version: z.int().positive() }),
  at: z.iso.datetime({ precision: 3 }),
})
/** The first line of a manifest. */
export type ManifestHead = z.infer<typeof manifestHeadSchema>

/** The last line of a manifest. Digests are SHA-256 in hexadecimal. */
export interface ManifestEnd {
  /** The lines between the first and the last. */
  readonly entries: number
  /** Those of them that are neither directories nor skipped. */
  readonly files: number
  /** What is in the files, all together. */
  readonly bytes: number
  /** The `.tar.zst` as it is stored. */
  readonly storedBytes: number
  readonly contentSha256: string
  /** Of all lines before this one, with their ends. */
  readonly linesSha256: string
}

/** In bytes: a path and a target of the longest kind, every byte of them escaped. */
export const longestLine = 64 * 1024
