import type { DatabaseSync } from 'node:sqlite'
import { collectionOf } from '../collection.ts'
import { chargeSchema } from './charge.ts'
import { checkoutSessionSchema } from './checkout-session.ts'
import { customerSchema } from './customer.ts'
import { disputeSchema } from './dispute.ts'
import { eventSchema } from './event.ts'
import { invoiceSchema } from './invoice.ts'
import { invoicePaymentSchema } from './invoice-payment.ts'
import { paymentIntentSchema } from './payment-intent.ts'
import { paymentMethodSchema } from './payment-method.ts'
import { portalConfigurationSchema } from './portal-configuration.ts'
import { portalSessionSchema } from './portal-session.ts'
import { priceSchema } from './price.ts'
import { productSchema } from './product.ts'
import { refundSchema } from './refund.ts'
import { subscriptionSchema } from './subscription.ts'
import { webhookEndpointSchema } from './webhook-endpoint.ts'

/** Stripe gives up on a first payment after that: https://docs.stripe.com/billing/subscriptions/overview */
const incompleteSeconds = 23 * 3600

/** All that the stand-in keeps, and when time does something to it. */
export const openRecords = (database: DatabaseSync) => {
  const customerOf = ({ customer }: { customer: string | null }): string | null => customer
  return {
    customers: collectionOf(database, 'customer', { schema: customerSchema }),
    products: collectionOf(database, 'product', { schema: productSchema }),
    prices: collectionOf(database, 'price', { schema: priceSchema }),
    sessions: collectionOf(database, 'checkout session', {
      schema: checkoutSessionSchema,
      customerOf,
      due: ({ status, expiresAt }) => (status === 'open' ? expiresAt : undefined),
    }),
    subscriptions: collectionOf(database, 'subscription', {
      schema: subscriptionSchema,
      customerOf,
      due: ({ status, created, item, cancelAt }) => {
        if (status === 'incomplete') return created + incompleteSeconds
        if (status === 'canceled' || status === 'incomplete_expired') return undefined
        return Math.min(item.periodEnd, cancelAt ?? Number.POSITIVE_INFINITY)
      },
    }),
    invoices: collectionOf(database, 'invoice', {
      schema: invoiceSchema,
      customerOf,
      due: ({ status, autoAdvance, finalizesAt, nextAttemptAt }) => {
        if (!autoAdvance) return undefined
        if (status === 'draft') return finalizesAt ?? undefined
        return status === 'open' ? (nextAttemptAt ?? undefined) : undefined
      },
    }),
    invoicePayments: collectionOf(database, 'invoice payment', { schema: invoicePaymentSchema, customerOf }),
    paymentMethods: collectionOf(database, 'payment method', { schema: paymentMethodSchema, customerOf }),
    intents: collectionOf(database, 'payment intent', { schema: paymentIntentSchema, customerOf }),
    charges: collectionOf(database, 'charge', { schema: chargeSchema, customerOf }),
    refunds: collectionOf(database, 'refund', { schema: refundSchema, customerOf }),
    disputes: collectionOf(database, 'dispute', { schema: disputeSchema, customerOf }),
    configurations: collectionOf(database, 'portal configuration', { schema: portalConfigurationSchema }),
    portalSessions: collectionOf(database, 'portal session', { schema: portalSessionSchema, customerOf }),
    endpoints: collectionOf(database, 'webhook endpoint', { schema: webhookEndpointSchema }),
    events: collectionOf(database, 'event', { schema: eventSchema }),
  }
}

export type Records = ReturnType<typeof openRecords>
