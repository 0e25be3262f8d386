import * as z from 'zod'
import { actorSchema } from '../events/actor.ts'
import { idSchema } from '../ids.ts'
import { sizeSchema } from '../plan/plan.ts'
import { endpointSchema } from './location.ts'

const instant = z.iso.datetime({ precision: 3 })

const everyOperation = {
  /** `<machine>-<siteId>-<version>`, with the version that began it. With the fence it names the execution. */
  id: z.string(),
  /** Raised by every attempt; tasks with an older one stop. */
  fence: z.int().positive(),
  /** By the wall clock, because the domain clock can be advanced. */
  startedAt: instant,
  /** Set while an abandoned attempt is cleaned up: how it will end. */
  ending: z
    .strictObject({
      outcome: z.enum(['refused', 'failed']),
      because: z.string(),
      /** When the step is tried again. */
      reprievedUntil: instant.optional(),
    })
    .optional(),
}

/** What an upgrade changes of a site: each part that it names, all in one write. Another blueprint name or cell always starts on a verified copy. */
export const targetSchema = z.strictObject({
  blueprint: z.strictObject({ name: z.string(), version: z.int().positive() }).optional(),
  /** The version of its own variables and secrets; 0 for none. */
  configuration: z.int().nonnegative().optional(),
  plan: z.string().optional(),
  size: sizeSchema.optional(),
  cell: z.string().optional(),
})
export type Target = z.infer<typeof targetSchema>

/** An operation on an owned site. Each kind is a state machine, `<kind>-site`. */
export const reclaimOperationSchema = z.discriminatedUnion('kind', [
  z.strictObject({ ...everyOperation, kind: z.literal('suspend') }),
  z.strictObject({
    ...everyOperation,
    kind: z.literal('archive'),
    /** Different for each attempt. */
    archiveId: idSchema('arc'),
    /** The data directory to archive and release. */
    generation: z.int().positive(),
    /** Set if its cell is drained: it is not due yet, and keeps the date of its purge. */
    early: z.literal(true).optional(),
    /** Set while the copy of the archived site cannot be read: its data is on the disk alone. */
    keepsDisk: z.literal(true).optional(),
  }),
  z.strictObject({
    ...everyOperation,
    kind: z.literal('restore'),
    archiveId: idSchema('arc'),
    /** The new data directory, different for each attempt. */
    generation: z.int().positive(),
    /** Set once the attempt has chosen the cell. */
    isPlaced: z.literal(true).optional(),
    /** The size that the attempt starts it with. */
    size: sizeSchema.optional(),
  }),
  z.strictObject({ ...everyOperation, kind: z.literal('purge') }),
  z.strictObject({
    ...everyOperation,
    kind: z.literal('copy'),
    archiveId: idSchema('arc'),
    generation: z.int().positive(),
    /** While set, the site must not run. */
    pausedAt: instant.optional(),
    pausedMilliseconds: z.int().nonnegative().optional(),
    /** A visitor came during the copy of an asleep site: it wakes after it. */
    wakeRequestedAt: instant.optional(),
    /** Set if the plan's schedule wants it: how many such copies are kept. */
    scheduled: z.strictObject({ keep: z.int().positive() }).optional(),
  }),
  z.strictObject({
    ...everyOperation,
    kind: z.literal('upgrade'),
    target: targetSchema,
    /** Who asked for other values alone: the event of the change names them. */
    actor: actorSchema().optional(),
    /** The version of the target was assigned to the site by a roll-out while it slept, and something else begins the upgrade. */
    isAssigned: z.literal(true).optional(),
    /** Set for the switch of a relocation, and for its way back. */
    relocates: z.literal(true).optional(),
    /** Set if somebody chose the cell of the target. */
    namesCell: z.literal(true).optional(),
    /** Set once the target is committed: only the former task is left. */
    moved: z.literal(true).optional(),
    /** Set if the data is copied first: the site then starts on a copy, in a directory of its own. Different for each attempt. */
    copy: z
      .strictObject({
        archiveId: idSchema('arc'),
        generation: z.int().positive(),
        /** Set if somebody restores this archive: the copy only keeps the present data. */
        restores: idSchema('arc').optional(),
        /** Set if its owner uploaded that archive: how much data it may have. */
        maxBytes: z.int().positive().optional(),
        /** Set if the new version starts without data: what there is belongs to other software. */
        empty: z.literal(true).optional(),
        askedBy: z.enum(['owner', 'operator', 'system']).optional(),
        /** Set if the site's cell is lost: there is no present data to keep, and no way back to it. */
        isLost: z.literal(true).optional(),
        /** Set once the copy is verified and the archive restored. */
        done: z
          .strictObject({
            bytes: z.int().nonnegative(),
            files: z.int().nonnegative(),
            dataBytes: z.int().nonnegative().optional(),
          })
          .optional(),
      })
      .optional(),
    /** Whether the version's command has run; absent if it has none. */
    command: z.enum(['due', 'done']).optional(),
    /** How that command failed, in a sentence for the owner. */
    problem: z.string().optional(),
    /** Set once the version was healthy, if commands are among its checks: how many of them have passed. */
    checking: z.int().nonnegative().optional(),
    /** Set if the site slept: it begins with its wake. */
    atWake: z.literal(true).optional(),
    launchedAt: instant.optional(),
    pausedAt: instant.optional(),
    leaving: endpointSchema.optional(),
  }),
  z.strictObject({
    ...everyOperation,
    kind: z.literal('sleep'),
    /** By the wall clock; the same for every attempt. A use since then cancels the sleep. */
    requestedAt: instant,
    /** The old address, whose requests may finish. */
    leaving: endpointSchema.optional(),
  }),
  z.strictObject({
    ...everyOperation,
    kind: z.literal('wake'),
    /** By the wall clock; the same for every attempt. */
    requestedAt: instant,
    /** Set if the attempt began late, after an outage: the start is timed from here. */
    launchedAt: instant.optional(),
    /** Set if the platform kept nothing of the site, so that the wake takes as long as a build. */
    fromDormancy: z.literal(true).optional(),
  }),
  z.strictObject({ ...everyOperation, kind: z.literal('dormancy') }),
  z.strictObject({
    ...everyOperation,
    kind: z.literal('handover'),
    /** By the wall clock; the same for every attempt. */
    requestedAt: instant,
    /** Set while a command has the data for itself: the site must not run. */
    pausedAt: instant.optional(),
  }),
])
export type ReclaimOperation = z.infer<typeof reclaimOperationSchema>
export type Ending = NonNullable<ReclaimOperation['ending']>
export type OperationKind = ReclaimOperation['kind']

export const isOperationKind = (word: string): word is OperationKind =>
  reclaimOperationSchema.options.some(({ shape }) => shape.kind.value === word)

export type OperationOf<Kind extends OperationKind> = Extract<ReclaimOperation, { kind: Kind }>

/** Whether an upgrade only gives a site the size of its plan, or tells its product its URL. No roll-out wants that, and a sweep retries it. */
export const isPlanChange = (operation: ReclaimOperation | undefined): boolean =>
  operation?.kind === 'upgrade' && Object.keys(operation.target).join() === 'size'

/** The input of every task of an operation. */
export interface OperationAttempt {
  readonly siteId: `site_${string}`
  readonly operationId: string
  readonly fence: number
}
