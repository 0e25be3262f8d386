import * as z from 'zod'
import { billingViewSchema } from './billing-view-schema.ts'

const linkSchema = z.strictObject({ url: z.url() })
const checkoutSchema = z.strictObject({
  id: z.string().meta({ description: 'Of the session at Stripe, `cs_…`.' }),
  url: z.url().meta({ description: 'Where the owner pays.' }),
})

/** What an owner is answered who pays for a site. */
export const billingAnswers = {
  getBilling: { 200: { description: 'How it is paid for.', schema: billingViewSchema } },
  beginCheckout: {
    200: { description: 'The checkout that is open for this choice already.', schema: checkoutSchema },
    201: { description: 'A new checkout. One that was open for another choice has expired.', schema: checkoutSchema },
  },
  changeOwnPlan: {
    200: {
      description: 'Changed, or as it was asked for already. Features follow in a moment.',
      schema: billingViewSchema,
    },
  },
  openPortal: { 200: { description: 'The way to the portal.', schema: linkSchema } },
} as const
