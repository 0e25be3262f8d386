import * as z from 'zod'
import { idSchema } from '../../core/ids.ts'
import { billingIntervals } from '../../core/plan/plan.ts'

/** What an event of Stripe is about. Its contents are read from Stripe, because events come late and in any order. */
export const paymentNoticeSchema = z.strictObject({
  id: z.string().regex(/^evt_\w{1,200}$/),
  type: z.string().max(200),
  isLive: z.boolean(),
  customerId: z.string().max(255).optional(),
  subscriptionId: z.string().max(255).optional(),
  /** From the object's metadata. */
  siteId: idSchema('site').optional(),
  disputeId: z.string().max(255).optional(),
})
export type PaymentNotice = z.infer<typeof paymentNoticeSchema>

/** The types of Stripe's events that matter. `npm run stripe:sync` subscribes the webhook to these alone. */
export const paymentNoticeTypes = [
  'checkout.session.completed',
  'checkout.session.async_payment_succeeded',
  'checkout.session.async_payment_failed',
  'customer.subscription.created',
  'customer.subscription.updated',
  'customer.subscription.deleted',
  'customer.subscription.paused',
  'customer.subscription.resumed',
  'customer.subscription.pending_update_applied',
  'customer.subscription.pending_update_expired',
  'invoice.created',
  'invoice.paid',
  'invoice.payment_failed',
  'invoice.payment_action_required',
  'invoice.marked_uncollectible',
  'invoice.voided',
  'payment_intent.succeeded',
  'charge.refunded',
  'refund.failed',
  'charge.dispute.created',
  'charge.dispute.updated',
  'charge.dispute.closed',
] as const

/**
 * The latest checkout of a site. It is written before Stripe is asked, and its version is part of Stripe's idempotency
 * key, so that a crash in between can be resumed.
 */
export const checkoutRecordSchema = z.strictObject({
  schemaVersion: z.literal(1),
  siteId: idSchema('site'),
  version: z.int().positive(),
  customerId: z.string(),
  plan: z.string(),
  interval: z.enum(billingIntervals),
  currency: z.string().regex(/^[A-Z]{3}$/),
  /** The catalogue's amount when it began, in minor units. */
  amount: z.int().positive(),
  /** Absent until Stripe has answered. */
  sessionId: z.string().optional(),
})
export type CheckoutRecord = z.infer<typeof checkoutRecordSchema>
