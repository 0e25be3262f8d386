import * as z from 'zod'
import { actorSchema } from '../../../core/events/actor.ts'
import { idSchema } from '../../../core/ids.ts'
import { unusualTerms } from '../../../core/ports/payments.ts'
import { monthlyRevenueSchema } from '../revenue.ts'

/** The stored item must stay below 400 KB; the log has all entries. */
export const maxListed = 500

const count = z.int().nonnegative()
const instant = z.iso.datetime({ precision: 3 })

const listOf = <Listed extends z.ZodType>(listed: Listed, description: string) =>
  z
    .strictObject({
      count: count.describe('The exact count.'),
      first: z.array(listed).max(maxListed).describe(`The first ${maxListed}; the log of the run has every one.`),
    })
    .meta({ description })

const sites = (description: string) => listOf(idSchema('site'), description)

/** What a reconciliation found, as operators see it. Times are by the wall clock. */
export const findingsSchema = z.strictObject({
  beganAt: instant,
  endedAt: instant,
  subscriptions: count.describe('Our subscriptions at Stripe, including ended ones.'),
  repaired: sites('Sites whose record or subscription was corrected.'),
  withoutSite: listOf(z.string(), 'Subscriptions of unknown sites, by Stripe id.'),
  withoutSubscription: sites('Sites whose subscription Stripe did not list.'),
  byArrangement: sites('Sites on a paid plan without a subscription that pays, such as an ended one for another plan.'),
  disputed: sites(
    'Sites, including purged ones, with a disputed payment, or with one that a dispute took back of a subscription that has not ended.',
  ),
  unreturned: sites('Sites, including purged ones, with a payment that a person has to refund.'),
  refused: listOf(
    z.strictObject({
      siteId: idSchema('site'),
      act: z.string(),
      code: z.string().describe("Stripe's code."),
      requestId: z.string().optional().describe("Finds the request in Stripe's dashboard."),
    }),
    'Sites for which Stripe permanently refuses a request: a person has to settle them.',
  ),
  unusual: listOf(
    z.strictObject({ siteId: idSchema('site'), subscriptionId: z.string(), term: z.enum(unusualTerms) }),
    'Subscriptions with terms that are not sold, most of them set by somebody at Stripe. A site without paid time ends.',
  ),
  revenue: z.array(monthlyRevenueSchema).describe('Monthly revenue by currency, in minor units.'),
  left: sites('Sites that could not be reconciled; the next run retries.'),
})

/** The findings of the latest complete reconciliation. */
export const billingReportSchema = findingsSchema.extend({
  schemaVersion: z.literal(1),
  /** Counts all runs, including failed ones. */
  run: z.int().positive(),
  /** The version of the latest request before it began; 0 if there was none. */
  answers: count,
  withoutSite: listOf(z.string().max(255), 'Subscriptions of unknown sites, `sub_…`.'),
})
export type BillingReport = z.infer<typeof billingReportSchema>

export const listed = <Listed>(all: readonly Listed[]): { readonly count: number; first: Listed[] } => ({
  count: all.length,
  first: all.slice(0, maxListed),
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
  at: instant,
  actor: actorSchema(),
  reason: z.string(),
})
export type ReconciliationRequest = z.infer<typeof reconciliationRequestSchema>
