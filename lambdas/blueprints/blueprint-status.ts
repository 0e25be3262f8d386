import * as z from 'zod'
import { type Blueprint, blueprintSchema } from '../../core/blueprint/blueprint.ts'
import { idSchema } from '../../core/ids.ts'
import { inOrder } from '../../core/in-order.ts'
import { type Instant, plusMilliseconds } from '../../core/instant.ts'
import { causes } from '../../core/site/causes.ts'
import { type ImageCause, imageCauses } from './image-cause.ts'

const instant = z.iso.datetime({ precision: 3 })

const imageFailureSchema = z.strictObject({
  version: z.int().positive(),
  cause: z.enum(imageCauses),
  /** For operators, in the platform's words. */
  detail: z.string(),
  since: instant,
  failures: z.int().positive(),
  /** New builds wait until then, by the wall clock. */
  retryAt: instant,
})
export type ImageFailure = z.infer<typeof imageFailureSchema>

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
  failure: draftFailureSchema.exactOptional(),
  /** What keeps a site from answering that still starts. */
  soFar: draftFailureSchema.exactOptional(),
})
export type Draft = z.infer<typeof draftSchema>

/** A blueprint's draft and availability, beside its published versions. */
export const blueprintStatusSchema = z.strictObject({
  schemaVersion: z.literal(1),
  name: z.string(),
  /** Raised by every change, which is written on condition of the version before. */
  version: z.int().positive(),
  /** The content that was submitted last. */
  draft: draftSchema.exactOptional(),
  /** Present while an image of a version cannot be had. */
  imageFailure: imageFailureSchema.exactOptional(),
})
export type BlueprintStatus = z.infer<typeof blueprintStatusSchema>

export const newStatus = (name: string): BlueprintStatus => ({ schemaVersion: 1, name, version: 0 })

/** @returns the milliseconds to wait after so many failures in a row to get an image, from 15 s to 5 min. */
export const pauseAfter = (failures: number): number => Math.min(5 * 60_000, 15_000 * 2 ** (failures - 1))

/** Failures within the pause are of tries that began before it, and count once. */
export const imageFailureAfter = (
  before: ImageFailure | undefined,
  found: { readonly version: number; readonly cause: ImageCause; readonly detail: string },
  now: Instant,
): ImageFailure => {
  const same = before?.version === found.version ? before : undefined
  if (same !== undefined && same.retryAt > now) return { ...same, ...found }
  const failures = (same?.failures ?? 0) + 1
  return { ...found, since: same?.since ?? now, failures, retryAt: plusMilliseconds(now, pauseAfter(failures)) }
}

/** The failure that keeps builds of a version from starting now. */
export const blockingFailure = (
  status: BlueprintStatus | undefined,
  version: number,
  now: Instant,
): ImageFailure | undefined => {
  const imageFailure = status?.imageFailure
  return imageFailure?.version === version && imageFailure.retryAt > now ? imageFailure : undefined
}

/** A draft fails after so many builds whose cause nobody knows, or that listened nowhere: the machine may have been busy. */
const maxUnknown = 3

/** The draft of which a site may be built. An operator may have published its version, or a later one, in another way. */
export const openDraft = (status: BlueprintStatus | undefined, latest: Blueprint | undefined): Draft | undefined => {
  const draft = status?.draft
  if (draft?.state !== 'trying') return undefined
  return latest === undefined || draft.blueprint.version > latest.version ? draft : undefined
}

/**
 * Makes a blueprint the draft. The same content is tried again only if an operator asks for it.
 * @returns undefined if it is the draft already. If an operator asks, that is written once more, so that the pool looks at once.
 */
export const submitted = (
  before: BlueprintStatus,
  blueprint: Blueprint,
  { now, again }: { readonly now: Instant; readonly again: boolean },
): BlueprintStatus | undefined => {
  const { draft } = before
  const isSame = draft !== undefined && inOrder(draft.blueprint) === inOrder(blueprint)
  if (isSame && draft.state === 'trying') return again ? before : undefined
  if (isSame && !again) return undefined
  const revision = (draft?.revision ?? 0) + 1
  return { ...before, draft: { blueprint, revision, submittedAt: now, state: 'trying', failures: 0 } }
}

/** A site of this content came up healthy. */
export const proved = (before: BlueprintStatus, revision: number): BlueprintStatus | undefined => {
  const { draft } = before
  if (draft?.revision !== revision || draft.state === 'current') return undefined
  const { failure: _, soFar: __, ...kept } = draft
  return { ...before, draft: { ...kept, state: 'current' } }
}

/** A site of this content does not answer yet, for a reason that is known. It is noted once for each site. */
export const silentDraft = (
  before: BlueprintStatus,
  revision: number,
  soFar: NonNullable<Draft['soFar']>,
): BlueprintStatus | undefined => {
  const { draft } = before
  if (draft?.revision !== revision || draft.state !== 'trying' || draft.soFar?.siteId === soFar.siteId) return undefined
  return { ...before, draft: { ...draft, soFar } }
}

/**
 * A build of this content failed.
 * @param isSure whether the next build would fail too.
 */
export const failedDraft = (
  before: BlueprintStatus,
  revision: number,
  failure: NonNullable<Draft['failure']>,
  isSure: boolean,
): BlueprintStatus | undefined => {
  const { draft } = before
  if (draft?.revision !== revision || draft.state !== 'trying') return undefined
  // A repeated task.
  if (draft.failure?.siteId === failure.siteId) return undefined
  const { soFar: _, ...kept } = draft
  const failures = draft.failures + 1
  const isOver = isSure || failures >= maxUnknown
  return { ...before, draft: { ...kept, failures, failure, state: isOver ? 'failed' : 'trying' } }
}
