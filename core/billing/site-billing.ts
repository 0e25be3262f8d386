import * as z from 'zod'
import { billingIntervals } from '../plan/plan.ts'

const instant = z.iso.datetime({ precision: 3 })

/**
 * What a subscription comes down to for a site. `active` also where it ends with its period; `past-due` while Stripe tries
 * again to collect; `ended` where nothing more is collected, `paused` where nothing is for now: both last until what was
 * paid for is over.
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
  /** Nothing is collected after the present period. */
  cancelsAtPeriodEnd: z.boolean(),
  /** It does so because the site is deleted: revoking that restores the renewal. */
  endsWithDeletion: z.boolean().default(false),
  /** The latest end of a period on a line of a paid invoice; absent before the first one is paid. */
  paidThrough: instant.optional(),
  /** When we first saw that Stripe tries again to collect, by the domain clock; kept where it then gives up. */
  pastDueSince: instant.optional(),
  /** When its present end or pause was first seen, by the domain clock. */
  endedSince: instant.optional(),
  /** The subscriptions that counted before this one, the last ones: what was paid on them was for something. */
  former: z.array(z.string()).readonly().optional(),
  /** Until when was paid on those of them that have ended; absent where nothing was, or it was given back. */
  formerPaidThrough: instant.optional(),
  /** A payment of it is disputed: operators look, nothing happens by itself. */
  isDisputed: z.boolean().default(false),
})
export type SiteBilling = z.infer<typeof siteBillingSchema>

/** Whether Stripe collects on it, or tries to: it goes on by itself. */
export const isCollected = ({ state }: Pick<SiteBilling, 'state'>): boolean =>
  state === 'active' || state === 'past-due'

const facts = (billing: SiteBilling | undefined): string =>
  JSON.stringify(Object.entries(billing ?? {}).toSorted(([one], [other]) => (one < other ? -1 : 1)))

/** Whether two say the same of one subscription: then nothing is written. */
export const isSameBilling = (one: SiteBilling | undefined, other: SiteBilling | undefined): boolean =>
  facts(one) === facts(other)
