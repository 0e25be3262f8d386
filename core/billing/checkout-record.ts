import * as z from 'zod'
import { idSchema } from '../ids.ts'
import { billingIntervals } from '../plan/plan.ts'

/**
 * The checkout that was begun last for a site. It is written before Stripe is asked for a session, whose idempotency key its
 * version is part of: whoever dies in between leaves what to ask for once more.
 */
export const checkoutRecordSchema = z.strictObject({
  schemaVersion: z.literal(1),
  siteId: idSchema('site'),
  /** Counts the checkouts of the site. */
  version: z.int().positive(),
  customerId: z.string(),
  plan: z.string(),
  interval: z.enum(billingIntervals),
  currency: z.string().regex(/^[A-Z]{3}$/),
  /** `cs_…`; absent until Stripe has answered. */
  sessionId: z.string().optional(),
})
export type CheckoutRecord = z.infer<typeof checkoutRecordSchema>
