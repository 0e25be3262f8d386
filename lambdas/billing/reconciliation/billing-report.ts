import * as z from 'zod'
import { actorSchema } from '../../../core/events/actor.ts'
import { idSchema } from '../../../core/ids.ts'
import { unusualTerms } from '../../../core/ports/payments.ts'
import { monthlyRevenueSchema } from '../revenue.ts'

/** The stored item must stay below 400 KB; the log has all entries. */
export const mostListed = 500

const count = z.int().nonnegative()
const instant = z.iso.datetime({ precision: 3 })

const listOf = <Listed extends z.ZodType>(listed: Listed) =>
  z.strictObject({ count, first: z.array(listed).max(mostListed) })

const sites = listOf(idSchema('site'))

/** The findings of the latest complete reconciliation. */
export const billingReportSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** Counts all runs, including failed ones. */
  run: z.int().positive(),
  /** By the wall clock. */
  beganAt: instant,
  endedAt: instant,
  /** The version of the latest request before it began; 0 if there was none. */
  answers: count,
  /** Includes ended ones. */
  subscriptions: count,
  /** Sites that were corrected. */
  repaired: sites,
  /** Subscriptions of unknown sites, `sub_…`. */
  withoutSite: listOf(z.string().max(255)),
  /** Sites whose subscription Stripe did not list. */
  withoutSubscription: sites,
  /** Sites of a paid plan without a subscription. */
  byArrangement: sites,
  /** Sites with a disputed payment, including purged ones. */
  disputed: sites,
  /** Sites with a payment that a person has to refund, including purged ones. */
  unreturned: sites,
  /** What Stripe refused, so that a person has to settle it. */
  refused: listOf(
    z.strictObject({ siteId: idSchema('site'), act: z.string(), code: z.string(), requestId: z.string().optional() }),
  ),
  /** Subscriptions with terms that we never sell. */
  unusual: listOf(z.strictObject({ siteId: idSchema('site'), subscriptionId: z.string(), term: z.enum(unusualTerms) })),
  left: sites,
  /** */
  revenue: z.array(monthlyRevenueSchema),
})
export type BillingReport = z.infer<typeof billingReportSchema>

export const listed = <Listed>(all: readonly Listed[]): { readonly count: number; first: Listed[] } => ({
  count: all.length,
  first: all.slice(0, mostListed),
})

/** The latest attempt. Without a failure it is running, complete or has crashed. */
export const reconciliationAttemptSchema = z.object({
  run: z.int().positive(),
  beganAt: instant,
  /** The kind of error, or `Unexpected`; the log has the message. */
  failure: z.strictObject({ at: instant, error: z.string() }).optional(),
})
export type ReconciliationAttempt = z.infer<typeof reconciliationAttemptSchema>

/** An operator's latest request for a reconciliation. */
export const reconciliationRequestSchema = z.strictObject({
  schemaVersion: z.literal(1),
  version: z.int().positive(),
  at: z.iso.datetime({ precision: 3 }),
  actor: actorSchema(),
  reason: z.string(),
})
export type ReconciliationRequest = z.infer<typeof reconciliationRequestSchema>
