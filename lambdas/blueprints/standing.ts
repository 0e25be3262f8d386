import * as z from 'zod'
import { blueprintSchema } from '../../core/blueprint/blueprint.ts'
import { idSchema } from '../../core/ids.ts'
import { type Instant, plusMilliseconds } from '../../core/instant.ts'
import { causes } from '../../core/site/causes.ts'
import { type ImageCause, imageCauses } from './image-cause.ts'

const instant = z.iso.datetime({ precision: 3 })

const troubleSchema = z.strictObject({
  /** The version of the blueprint. */
  version: z.int().positive(),
  cause: z.enum(imageCauses),
  /** For operators, in the platform's words. */
  detail: z.string(),
  since: instant,
  failures: z.int().positive(),
  /** New builds wait until then, by the wall clock. */
  retryAt: instant,
})
export type ImageTrouble = z.infer<typeof troubleSchema>

const draftFailureSchema = z.strictObject({
  siteId: idSchema('site'),
  at: instant,
  cause: z.enum(causes),
  detail: z.string(),
})

const draftSchema = z.strictObject({
  blueprint: blueprintSchema,
  /** Counts the contents. A site that is built from a draft refers to one of them. */
  revision: z.int().positive(),
  submittedAt: instant,
  /** `current`: a site was built from it, and it is a published version now. */
  state: z.enum(['trying', 'current', 'failed']),
  failures: z.int().nonnegative(),
  /** The last one. */
  failure: draftFailureSchema.exactOptional(),
  /** What keeps a site from answering that still starts. */
  soFar: draftFailureSchema.exactOptional(),
})
export type Draft = z.infer<typeof draftSchema>

/** A blueprint's draft and availability, beside its published versions. */
export const standingSchema = z.strictObject({
  schemaVersion: z.literal(1),
  name: z.string(),
  /** Raised by every change, which is written on condition of the version before. */
  version: z.int().positive(),
  /** The content that was submitted last. */
  draft: draftSchema.exactOptional(),
  /** Present while an image of a version cannot be had. */
  trouble: troubleSchema.exactOptional(),
})
export type Standing = z.infer<typeof standingSchema>

export const newStanding = (name: string): Standing => ({ schemaVersion: 1, name, version: 0 })

/** @returns the milliseconds to wait after so many failures in a row to get an image, from 15 s to 5 min. */
export const pauseAfter = (failures: number): number => Math.min(5 * 60_000, 15_000 * 2 ** (failures - 1))

/** Failures within the pause are of tries that began before it, and count once. */
export const troubleAfter = (
  before: ImageTrouble | undefined,
  found: { readonly version: number; readonly cause: ImageCause; readonly detail: string },
  now: Instant,
): ImageTrouble => {
  const same = before?.version === found.version ? before : undefined
  if (same !== undefined && same.retryAt > now) return { ...same, ...found }
  const failures = (same?.failures ?? 0) + 1
  return { ...found, since: same?.since ?? now, failures, retryAt: plusMilliseconds(now, pauseAfter(failures)) }
}

/** The trouble that keeps builds of a version from starting now. */
export const blockingTrouble = (
  standing: Standing | undefined,
  version: number,
  now: Instant,
): ImageTrouble | undefined => {
  const trouble = standing?.trouble
  return trouble?.version === version && trouble.retryAt > now ? trouble : undefined
}
