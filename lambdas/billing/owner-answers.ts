import * as z from 'zod'
import { named } from '../../core/named.ts'
import { billingIntervals } from '../../core/plan/plan.ts'
import { billingStates } from '../../core/site/site-billing.ts'

const instant = z.iso.datetime({ precision: 3 })

export const billingViewSchema = named('Billing', {
  state: z.enum(['none', ...billingStates]).describe('`none` for trials and plans by agreement.'),
  agreed: z
    .boolean()
    .describe(
      'Whether a contract covers the site. Then nothing can be bought, and no end of a subscription suspends it.',
    ),
  plan: z.string(),
  interval: z.enum(billingIntervals).nullable(),
  currency: z.string().nullable().describe('The currency of the account; null before the first purchase.'),
  amount: z
    .int()
    .nonnegative()
    .nullable()
    .describe(
      'What the subscription costs for an interval, in minor units, without discounts and tax that is added. A changed price of the plan leaves it as it is. Null without a subscription that can renew, or if Stripe has no whole amount.',
    ),
  paidThrough: instant.nullable(),
  cancelsAtPeriodEnd: z.boolean().describe('Whether the subscription ends with the current period.'),
  pastDueSince: instant.nullable(),
  graceEndsAt: instant.nullable().describe('When the site is suspended unless the invoice is paid.'),
  runsUntil: instant
    .nullable()
    .describe('Until when the site runs with a past-due, paused or ended subscription; null otherwise.'),
  pendingChange: z
    .strictObject({
      plan: z.string(),
      interval: z.enum(billingIntervals),
      confirmBy: instant.describe('When the change is dropped unless the payment is confirmed.'),
    })
    .nullable()
    .describe("A change of plan that waits for the owner's bank. Request it again for the link."),
  disputed: z.boolean().describe('Whether a payment is disputed. A dispute does not change the site.'),
  customerId: z
    .string()
    .nullable()
    .describe(
      "The account's customer id at Stripe, `cus_…`; null before the first checkout. A site with a `state` other than `none` has a portal also without it.",
    ),
})

const linkSchema = z.strictObject({ url: z.url() })
const checkoutSchema = z.strictObject({
  id: z.string().describe("The id of Stripe's session, `cs_…`."),
  url: z.url().describe('The payment page.'),
})

const checkoutPaymentSchema = z.strictObject({
  payment: z
    .enum(['none', 'done', 'delayed', 'failed'])
    .describe(
      '`delayed` while a bank decides, as about a direct debit; `failed` if it declined: buy again. `none` before a payment.',
    ),
})

const confirmationSchema = named('PlanConfirmation', {
  billing: billingViewSchema,
  confirmUrl: z.url().describe('The page at Stripe where the owner confirms or pays in another way.'),
})

const invoiceSchema = named('PaidInvoice', {
  amount: z.int().positive().describe('What was paid, in minor units, tax included.'),
  currency: z.string().describe('ISO 4217.'),
  paidAt: instant,
  url: z.url().describe('The invoice and its receipt at Stripe. Anybody with the link can see them.'),
})

const previewSchema = z.strictObject({
  due: z.int().nonnegative().describe('The charge at once, in minor units, tax included.'),
  credit: z.int().nonnegative().describe('The credit to later invoices, in minor units.'),
  currency: z.string().describe('ISO 4217.'),
  charge: z.int().nonnegative().describe('For the new plan, in minor units, without tax that is added.'),
  unused: z.int().nonnegative().describe('Given back for the time that is left of the present plan.'),
  tax: z.int().describe('Tax that is added to the difference; 0 if prices include it, or there is none.'),
  paysUntil: instant.nullable().describe('The end of the time that the charge is for: the next invoice.'),
  at: instant.describe('Send it as `previewedAt` of the change.'),
})

export const billingAnswers = {
  getBilling: { 200: { description: 'The subscription.', schema: billingViewSchema } },
  getLastInvoice: {
    200: {
      description: 'The invoice; null before the first payment.',
      schema: z.strictObject({ invoice: invoiceSchema.nullable() }),
    },
  },
  previewPlan: { 200: { description: 'What Stripe would charge now.', schema: previewSchema } },
  getCheckout: { 200: { description: 'The payment.', schema: checkoutPaymentSchema } },
  beginCheckout: {
    200: { description: 'The open checkout for the same choice.', schema: checkoutSchema },
    201: { description: 'A new checkout. It replaces an open checkout for another choice.', schema: checkoutSchema },
  },
  changeOwnPlan: {
    200: { description: 'The plan is changed. Features follow in a moment.', schema: billingViewSchema },
    202: {
      description: 'The bank wants the payment confirmed. The plan stays until the owner has done so.',
      schema: confirmationSchema,
    },
  },
  openPortal: { 200: { description: 'The link to the portal.', schema: linkSchema } },
} as const
