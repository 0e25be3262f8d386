import * as z from 'zod'
import { forAnybody } from '../_runtime/operation.ts'

export const webhookOperations = forAnybody({
  receiveStripeEvent: {
    post: '/v1/webhooks/stripe',
    summary: 'Receive Stripe events. Duplicate and unknown events are acknowledged too.',
    headers: z.object({
      'stripe-signature': z.string().max(4096).optional().describe("Stripe's signature with a timestamp."),
    }),
    rawBody: { largestBytes: 1024 * 1024, description: 'The signed event, unchanged.' },
    errors: ['WebhookRefused', 'Unavailable'],
  },
})

export const webhookAnswers = {
  receiveStripeEvent: {
    200: {
      description: 'The event is recorded, a duplicate, or not relevant.',
      schema: z.strictObject({ received: z.literal(true) }),
    },
  },
}
