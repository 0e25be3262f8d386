import * as z from 'zod'
import { mostListed } from '../../core/billing/reconciliation/billing-report.ts'
import { actorSchema } from '../../core/events/event.ts'
import { idSchema } from '../../core/ids.ts'

const instant = z.iso.datetime({ precision: 3 })
const count = z.int().nonnegative()

const listOf = <Listed extends z.ZodType>(listed: Listed, description: string) =>
  z
    .strictObject({
      count: count.meta({ description: 'How many there are, exactly.' }),
      first: z
        .array(listed)
        .max(mostListed)
        .meta({
          description: `The first ${mostListed}; the log of the run has every one.`,
        }),
    })
    .meta({ description })

const site = idSchema('site')

const reportSchema = z.strictObject({
  beganAt: instant,
  endedAt: instant,
  subscriptions: count.meta({ description: 'Subscriptions that Stripe has of ours, those that have ended included.' }),
  repaired: listOf(site, 'Sites whose record or subscription was not as it should be, and is now.'),
  withoutSite: listOf(z.string(), 'Subscriptions of sites that are not there, by their id at Stripe.'),
  withoutSubscription: listOf(site, 'Sites whose subscription Stripe did not list.'),
  byArrangement: listOf(site, 'Sites of a paid plan that nobody pays for.'),
  disputed: listOf(site, 'Sites, those that are gone included, of which a payment is disputed.'),
  unreturned: listOf(
    site,
    'Sites, those that are gone included, for which something was paid for nothing that could not be given back.',
  ),
  left: listOf(site, 'Sites that could not be reconciled; the next run tries again.'),
})

export const reconciliationViewSchema = z
  .strictObject({
    request: z
      .strictObject({
        at: instant,
        actor: actorSchema,
        reason: z.string(),
        waiting: z.boolean().meta({ description: 'Whether no run that began since has come to its end.' }),
      })
      .nullable()
      .meta({ description: 'Who asked last; null where nobody ever did.' }),
    attempt: z
      .strictObject({
        beganAt: instant,
        failedAt: instant.nullable().meta({ description: 'Null while it is under way, or where its process died.' }),
        error: z.string().nullable().meta({ description: 'A word for what it failed at; the log says more.' }),
      })
      .nullable()
      .meta({ description: 'A run that began after that of the report and has not come to its end.' }),
    report: reportSchema.nullable().meta({
      description: 'Of the last run that came to its end; null where none ever has. All times are by the wall clock.',
    }),
  })
  .meta({ id: 'BillingReconciliation' })
