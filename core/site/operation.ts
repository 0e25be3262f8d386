import * as z from 'zod'
import { idSchema } from '../ids.ts'
import { sizeSchema } from '../plan/plan.ts'
import { endpointSchema } from './location.ts'

const instant = z.iso.datetime({ precision: 3 })

const everyOperation = {
  /** `<machine>-<siteId>-<version>`, the version being the one that began it. With the fence it names the execution. */
  id: z.string(),
  /** Every attempt raises it; a task that carries an older one is turned away. */
  fence: z.int().positive(),
  /** By the wall clock: a turned domain clock must not time out what is under way. */
  startedAt: instant,
  /** Given up: what its attempt has made is being taken back, and this is how it ends then. */
  ending: z
    .strictObject({
      outcome: z.enum(['refused', 'failed']),
      because: z.string(),
      /** When what was due is asked for again. */
      reprievedUntil: instant.optional(),
    })
    .optional(),
}

/** Work in progress on a site that has an owner. Each kind is a state machine, `<kind>-site`. */
export const reclaimOperationSchema = z.discriminatedUnion('kind', [
  z.strictObject({ ...everyOperation, kind: z.literal('suspend') }),
  z.strictObject({
    ...everyOperation,
    kind: z.literal('archive'),
    /** Each attempt makes a copy of its own, so that two at once cannot mix. */
    archiveId: idSchema('arc'),
    /** The data directory that is copied and then released. */
    generation: z.int().positive(),
  }),
  z.strictObject({
    ...everyOperation,
    kind: z.literal('restore'),
    archiveId: idSchema('arc'),
    /** The fresh data directory; each attempt has one of its own. */
    generation: z.int().positive(),
  }),
  z.strictObject({ ...everyOperation, kind: z.literal('purge') }),
  z.strictObject({
    ...everyOperation,
    kind: z.literal('copy'),
    archiveId: idSchema('arc'),
    generation: z.int().positive(),
    /** While it is set the site is not to run. */
    pausedAt: instant.optional(),
    pausedMilliseconds: z.int().nonnegative().optional(),
  }),
  z.strictObject({
    ...everyOperation,
    kind: z.literal('resize'),
    /** What it is to run with. */
    size: sizeSchema,
    /** When the attempt has begun to make way; from here on its start is timed. */
    launchedAt: instant.optional(),
    /** Set where the one that runs has to end before the next one starts: from here on nobody is sent to it. */
    pausedAt: instant.optional(),
    /** Where it answered before: what is still asked there may end. */
    leaving: endpointSchema.optional(),
  }),
])
export type ReclaimOperation = z.infer<typeof reclaimOperationSchema>
export type Ending = NonNullable<ReclaimOperation['ending']>
export type OperationKind = ReclaimOperation['kind']

export const isOperationKind = (word: string): word is OperationKind =>
  reclaimOperationSchema.options.some(({ shape }) => shape.kind.value === word)

export type OperationOf<Kind extends OperationKind> = Extract<ReclaimOperation, { kind: Kind }>

/** What a state machine hands to every task of an operation. */
export interface OperationAttempt {
  readonly siteId: `site_${string}`
  readonly operationId: string
  readonly fence: number
}
