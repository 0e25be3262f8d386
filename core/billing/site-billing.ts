import * as z from 'zod'
import { billingIntervals } from '../plan/plan.ts'

const instant = z.iso.datetime({ precision: 3 })

/**
 * A subscription's state for its site. `active` also if it is cancelled for the end of its period; `past-due` while
 * Stripe retries; `paused` and `ended` last until the paid time ends.
 */
export const billingStates = ['active', 'past-due', 'paused', 'ended'] as const
export type BillingState = (typeof billingStates)[number]

/** A site's subscription, as it was when Stripe was last asked. */
export const siteBillingSchema = z.strictObject({
  subscriptionId: z.string().regex(/^sub_/),
  state: z.enum(billingStates),
  plan: z.string(),
  interval: z.enum(billingIntervals),
  currency: z.string().regex(/^[A-Z]{3}$/),
  cancelsAtPeriodEnd: z.boolean(),
  /** Because the site is deleted: revoking the deletion restores the renewal. */
  endsWithDeletion: z.boolean().default(false),
  /** The latest end of a period on a paid invoice; absent before the first payment. */
  paidThrough: instant.optional(),
  /** When we first saw it past due, by the domain clock; kept after Stripe gives up. */
  pastDueSince: instant.optional(),
  /** When we first saw it ended or paused, by the domain clock. */
  endedSince: instant.optional(),
  /** Subscriptions that counted before this one. */
  former: z.array(z.string()).readonly().optional(),
  /** Until when former subscriptions that have ended were paid; absent if refunded. */
  formerPaidThrough: instant.optional(),
  /** A payment is disputed. Only operators act on it. */
  isDisputed: z.boolean().default(false),
})
export type SiteBilling = z.infer<typeof siteBillingSchema>

/** Whether Stripe collects on it or retries. */
export const isCollected = ({ state }: Pick<SiteBilling, 'state'>): boolean =>
  state === 'active' || state === 'past-due'

const facts = (billing: SiteBilling | undefined): string =>
  JSON.stringify(Object.entries(billing ?? {}).toSorted(([one], [other]) => (one < other ? -1 : 1)))

export const isSameBilling = (one: SiteBilling | undefined, other: SiteBilling | undefined): boolean =>
  facts(one) === facts(other)
