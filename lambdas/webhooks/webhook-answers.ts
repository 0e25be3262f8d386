import * as z from 'zod'

/** What other services are answered. */
export const webhookAnswers = {
  receiveStripeEvent: {
    200: {
      description: 'Taken note of, now or before, or of no meaning here.',
      schema: z.strictObject({ received: z.literal(true) }),
    },
  },
} as const
