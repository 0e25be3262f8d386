import * as z from 'zod'

/** What other services are answered. */
export const webhookAnswers = {
  receiveStripeEvent: {
    200: {
      description: 'The event is recorded, a duplicate, or not relevant.',
      schema: z.strictObject({ received: z.literal(true) }),
    },
  },
} as const
