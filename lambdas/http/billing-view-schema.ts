import * as z from 'zod'
import { billingStates } from '../../core/billing/site-billing.ts'
import { billingIntervals } from '../../core/plan/plan.ts'

const instant = z.iso.datetime({ precision: 3 })

export const billingViewSchema = z
  .strictObject({
    state: z.enum(['none', ...billingStates]).meta({
      description: '`none` for a trial, and for a plan by arrangement.',
    }),
    plan: z.string(),
    interval: z.enum(billingIntervals).nullable(),
    currency: z.string().nullable().meta({
      description: "What the account's purchases are in; null before the first one.",
    }),
    paidThrough: instant.nullable(),
    cancelsAtPeriodEnd: z.boolean().meta({ description: 'That it ends with what is paid for, and is not renewed.' }),
    pastDueSince: instant.nullable(),
    graceEndsAt: instant.nullable().meta({ description: 'When the site is suspended unless what is due is paid.' }),
    runsUntil: instant.nullable().meta({
      description:
        'Until when the site may run with what is past due, paused or has ended; null where nothing ends by itself.',
    }),
    disputed: z.boolean().meta({ description: 'A payment of it is disputed. That alone changes nothing.' }),
    customerId: z.string().nullable().meta({
      description: 'Of the account at Stripe, `cus_…`; null before its first checkout, when there is no portal either.',
    }),
  })
  .meta({ id: 'Billing' })
