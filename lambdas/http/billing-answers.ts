import * as z from 'zod'
import { billingViewSchema } from './billing-view-schema.ts'

const linkSchema = z.strictObject({ url: z.url() })
const checkoutSchema = z.strictObject({
  id: z.string().meta({ description: "The id of Stripe's session, `cs_…`." }),
  url: z.url().meta({ description: 'The payment page.' }),
})

/** What an owner is answered who pays for a site. */
export const billingAnswers = {
  getBilling: { 200: { description: 'The subscription.', schema: billingViewSchema } },
  beginCheckout: {
    200: { description: 'The open checkout for the same choice.', schema: checkoutSchema },
    201: { description: 'A new checkout. It replaces an open checkout for another choice.', schema: checkoutSchema },
  },
  changeOwnPlan: {
    200: {
      description: 'The plan is changed. Features follow in a moment.',
      schema: billingViewSchema,
    },
  },
  openPortal: { 200: { description: 'The link to the portal.', schema: linkSchema } },
} as const
