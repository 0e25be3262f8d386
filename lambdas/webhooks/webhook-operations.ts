import * as z from 'zod'
import { takesNothing } from '../_runtime/operation.ts'

/** What other services tell us. */
export const webhookOperations = {
  receiveStripeEvent: {
    ...takesNothing,
    id: 'receiveStripeEvent',
    method: 'POST',
    path: '/v1/webhooks/stripe',
    audience: 'public',
    summary: "Stripe's events come in here. One that came before, or that means nothing to us, is acknowledged too.",
    headers: z.object({
      'stripe-signature': z.string().optional().meta({ description: 'What shows that Stripe sent it, and when.' }),
    }),
    rawBody: { largestBytes: 1024 * 1024, description: 'The event as Stripe has signed it, byte by byte.' },
    errors: ['WebhookRefused', 'Unavailable'],
  },
} as const
