import * as z from 'zod'
import { operatorRoles } from '../../core/events/actor.ts'
import { idSchema } from '../../core/ids.ts'

const instant = z.iso.datetime({ precision: 3 })

export const attemptMinutes = 10
/** Wrong and right codes on one attempt. */
export const attemptTries = 5

/** A sign-in by code that has begun. It is stored for unknown addresses too, so that nobody sees a difference. */
export const operatorAttemptSchema = z.strictObject({
  schemaVersion: z.literal(1),
  id: idSchema('ops'),
  /** Absent for an address of nobody. */
  operator: z
    .strictObject({ operatorId: z.string(), email: z.string(), role: z.enum(operatorRoles), listedAs: z.string() })
    .optional(),
  createdAt: instant,
  expiresAt: instant,
  /** Includes right ones. */
  tries: z.int().nonnegative(),
  usedAt: instant.optional(),
})
export type OperatorAttempt = z.infer<typeof operatorAttemptSchema>
