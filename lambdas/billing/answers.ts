import * as z from 'zod'
import { actorSchema } from '../../core/events/actor.ts'
import { idSchema } from '../../core/ids.ts'
import { unusualTerms } from '../../core/ports/payments.ts'
import { mostListed } from './reconciliation/billing-report.ts'
import { monthlyRevenueSchema } from './revenue.ts'

const instant = z.iso.datetime({ precision: 3 })
const count = z.int().nonnegative()

const listOf = <Listed extends z.ZodType>(listed: Listed, description: string) =>
  z
    .strictObject({
      count: count.meta({ description: 'The exact count.' }),
      first: z
        .array(listed)
        .max(mostListed)
        .meta({ description: `The first ${mostListed}; the log of the run has every one.` }),
    })
    .meta({ description })

const reportSchema = z.strictObject({
  beganAt: instant,
  endedAt: instant,
  subscriptions: count.meta({ description: 'Our subscriptions at Stripe, including ended ones.' }),
  repaired: listOf(idSchema('site'), 'Sites whose record or subscription was corrected.'),
  withoutSite: listOf(z.string(), 'Subscriptions of unknown sites, by Stripe id.'),
  withoutSubscription: listOf(idSchema('site'), 'Sites whose subscription Stripe did not list.'),
  byArrangement: listOf(idSchema('site'), 'Sites on a paid plan without a subscription.'),
  disputed: listOf(idSchema('site'), 'Sites, including purged ones, with a disputed payment.'),
  unreturned: listOf(idSchema('site'), 'Sites, including purged ones, with a payment that a person has to refund.'),
  refused: listOf(
    z.strictObject({
      siteId: idSchema('site'),
      act: z.string(),
      code: z.string().meta({ description: "Stripe's code." }),
      requestId: z.string().optional().meta({ description: "Finds the request in Stripe's dashboard." }),
    }),
    'Sites for which Stripe permanently refuses a request: a person has to settle them.',
  ),
  unusual: listOf(
    z.strictObject({ siteId: idSchema('site'), subscriptionId: z.string(), term: z.enum(unusualTerms) }),
    'Subscriptions with terms that are never sold, set by somebody at Stripe. A site without paid time ends.',
  ),
  revenue: z.array(monthlyRevenueSchema).meta({ description: 'Monthly revenue by currency, in minor units.' }),
  left: listOf(idSchema('site'), 'Sites that could not be reconciled; the next run retries.'),
})

export const reconciliationViewSchema = z
  .strictObject({
    request: z
      .strictObject({
        at: instant,
        actor: actorSchema(),
        reason: z.string(),
        waiting: z.boolean().meta({ description: 'Whether no later run has finished.' }),
      })
      .nullable()
      .meta({ description: 'The last request; null without one.' }),
    attempt: z
      .strictObject({
        beganAt: instant,
        failedAt: instant
          .nullable()
          .meta({ description: 'Null while the run is in progress, or if its process crashed.' }),
        error: z.string().nullable().meta({ description: 'The step that failed; the log has details.' }),
      })
      .nullable()
      .meta({ description: 'A run after the one in the report that has not finished.' }),
    report: reportSchema
      .nullable()
      .meta({ description: 'The last finished run; null before the first. Times use the wall clock.' }),
  })
  .meta({ id: 'BillingReconciliation' })
