import * as z from 'zod'
import { billingStates } from '../../core/billing/site-billing.ts'
import { billingIntervals } from '../../core/plan/plan.ts'

const instant = z.iso.datetime({ precision: 3 })

export const billingViewSchema = z
  .strictObject({
    state: z.enum(['none', ...billingStates]).meta({
      description: '`none` for trials and plans by agreement.',
    }),
    plan: z.string(),
    interval: z.enum(billingIntervals).nullable(),
    currency: z.string().nullable().meta({
      description: 'The currency of the account; null before the first purchase.',
    }),
    paidThrough: instant.nullable(),
    cancelsAtPeriodEnd: z.boolean().meta({ description: 'Whether the subscription ends with the current period.' }),
    pastDueSince: instant.nullable(),
    graceEndsAt: instant.nullable().meta({ description: 'When the site is suspended unless the invoice is paid.' }),
    runsUntil: instant.nullable().meta({
      description: 'Until when the site runs with a past-due, paused or ended subscription; null otherwise.',
    }),
    disputed: z.boolean().meta({ description: 'Whether a payment is disputed. A dispute does not change the site.' }),
    customerId: z.string().nullable().meta({
      description:
        "The account's customer id at Stripe, `cus_…`; null before the first checkout, when there is no portal.",
    }),
  })
  .meta({ id: 'Billing' })
