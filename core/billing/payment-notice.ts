import * as z from 'zod'
import { idSchema } from '../ids.ts'
import { billingIntervals } from '../plan/plan.ts'

/**
 * The kinds of Stripe's events that can mean something for a site. The others are acknowledged and forgotten; the webhook
 * endpoint that `npm run stripe:sync` makes asks for these alone.
 */
export const paymentNoticeTypes = [
  'checkout.session.completed',
  'checkout.session.async_payment_succeeded',
  'checkout.session.async_payment_failed',
  'customer.subscription.created',
  'customer.subscription.updated',
  'customer.subscription.deleted',
  'customer.subscription.paused',
  'customer.subscription.resumed',
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

const meaningful: ReadonlySet<string> = new Set(paymentNoticeTypes)

export const isRelevant = ({ type }: Pick<PaymentNotice, 'type'>): boolean => meaningful.has(type)

/** What an event of Stripe's is about. Never what it says of it: that is asked of Stripe, since events come late and in any order. */
export const paymentNoticeSchema = z.strictObject({
  /** Stripe's, `evt_…`. */
  id: z.string().regex(/^evt_\w{1,200}$/),
  type: z.string().max(200),
  isLive: z.boolean(),
  /** `cus_…` */
  customerId: z.string().max(255).optional(),
  /** `sub_…` */
  subscriptionId: z.string().max(255).optional(),
  /** Of the object's metadata. */
  siteId: idSchema('site').optional(),
  /** `dp_…` */
  disputeId: z.string().max(255).optional(),
})
export type PaymentNotice = z.infer<typeof paymentNoticeSchema>

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
