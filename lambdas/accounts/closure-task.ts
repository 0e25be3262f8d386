import * as z from 'zod'
import { idSchema } from '../../core/ids.ts'

const instant = z.iso.datetime({ precision: 3 })

/** By the domain clock. */
const everyTask = { schemaVersion: z.literal(1), accountId: idSchema('acct'), at: instant }

/** An open task of a closed account. An account has one task of each kind at most. */
export const closureTaskSchema = z.discriminatedUnion('kind', [
  /** Brings the sites into line: deleted with the account, kept with it, or without their names after the erasure. */
  z.strictObject({
    ...everyTask,
    kind: z.literal('sites'),
    wanted: z.enum(['deleted', 'kept', 'nameless']),
    ownerId: idSchema('prsn'),
  }),
  /** Mails the link that revokes the closure. */
  z.strictObject({ ...everyTask, kind: z.literal('mail') }),
  /** Removes the person. What was being written meanwhile is removed by a second check. */
  z.strictObject({
    ...everyTask,
    kind: z.literal('person'),
    personId: idSchema('prsn'),
    emailHash: z.string().optional(),
    /** Of the last mail. */
    language: z.string().optional(),
    checkAgainAt: instant.optional(),
    /** Only mails on their way to the person are left. */
    isErased: z.literal(true).optional(),
  }),
  /** Removes name and addresses from the customer at Stripe. */
  z.strictObject({ ...everyTask, kind: z.literal('customer'), customerId: z.string() }),
])
export type ClosureTask = z.infer<typeof closureTaskSchema>
export type TaskOf<Kind extends ClosureTask['kind']> = Extract<ClosureTask, { kind: Kind }>
