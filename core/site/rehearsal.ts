import * as z from 'zod'
import { idSchema } from '../ids.ts'
import { targetSchema } from './operation.ts'

const instant = z.iso.datetime({ precision: 3 })

/** What a rehearsal runs instead of what the original does: what the target of a relocation says, which has the size of its plan. */
export const rehearsalTargetSchema = targetSchema.omit({ size: true })
export type RehearsalTarget = z.infer<typeof rehearsalTargetSchema>

export const isSameTarget = (one: RehearsalTarget, other: RehearsalTarget): boolean =>
  // The schema orders their parts.
  JSON.stringify(rehearsalTargetSchema.parse(one)) === JSON.stringify(rehearsalTargetSchema.parse(other))

const milliseconds = z.int().nonnegative()

/** How long each step of a build from an archive took, by the wall clock, in milliseconds. Absent: it did not end, or there was nothing to do. */
export const stepDurationsSchema = z.strictObject({
  restore: milliseconds.optional(),
  command: milliseconds.optional(),
  start: milliseconds.optional(),
  checks: milliseconds.optional(),
})
export type StepDurations = z.infer<typeof stepDurationsSchema>

/** Makes a site a rehearsal of another one: a copy that its owner may try. It is counted, billed and reported nowhere. */
export const rehearsalSchema = z.strictObject({
  siteId: idSchema('site'),
  /** The archive that it was built from; absent while the original is copied for it. */
  archiveId: idSchema('arc').optional(),
  /** That archive came in a bundle: the original may be in another installation. */
  fromBundle: z.literal(true).optional(),
  /** The version whose data that archive has. The original forgets an archive once it has newer ones. */
  writtenBy: z.strictObject({ name: z.string(), version: z.int().positive() }).optional(),
  target: rehearsalTargetSchema,
  durations: stepDurationsSchema.optional(),
  passedAt: instant.optional(),
  /** Its end, by the domain clock. */
  until: instant,
})

interface MaybeRehearsal {
  readonly rehearsalOf?: z.infer<typeof rehearsalSchema> | undefined
}

export const isRehearsal = (site: MaybeRehearsal): boolean => site.rehearsalOf !== undefined

/** The site whose secrets a site has: its data knows those of the original. */
export const secretsOwner = <Id>({ id, rehearsalOf }: MaybeRehearsal & { readonly id: Id }) => rehearsalOf?.siteId ?? id
