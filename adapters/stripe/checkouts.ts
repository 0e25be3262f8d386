import type { Stripe } from 'stripe'
import type { CheckoutSession, Payments } from '../../core/ports/payments.ts'
import { idOf, isOurs, keyFor, marksOf, type StripeWorld, type TaxPolicy } from './ours.ts'
import { findPrice } from './prices.ts'
import { isRefusal, underFreshKey, unlessMissing } from './stripe-errors.ts'

const taxParams = (tax: TaxPolicy): Stripe.Checkout.SessionCreateParams =>
  tax === 'none'
    ? {}
    : {
        automatic_tax: { enabled: true },
        tax_id_collection: { enabled: true },
        // Keeps the address, since it decides the tax of renewals.
        customer_update: { address: 'auto', name: 'auto' },
      }

const statusOf = ({ status }: Stripe.Checkout.Session): CheckoutSession['status'] => {
  if (status === 'open') return 'open'
  return status === 'complete' ? 'complete' : 'expired'
}

const isIntent = (intent: string | Stripe.PaymentIntent | null | undefined): intent is Stripe.PaymentIntent =>
  typeof intent === 'object' && intent !== null

/** Whether a bank decides about it, or the payer has instructions to follow. An unfinished 3-D Secure ends with its checkout. */
const isDelayed = ({ status, next_action }: Stripe.PaymentIntent): boolean =>
  status === 'processing' ||
  (status === 'requires_action' && !['redirect_to_url', 'use_stripe_sdk'].includes(next_action?.type ?? ''))

/** Longer than a session is open, a day, and a bank then takes for a payment, 14 days at most. */
const longestDelaySeconds = 15 * 86_400

/**
 * The payment of a complete session. A failed one leaves it `unpaid` as well, and in subscription mode only its invoice names
 * its intent. A session without an invoice may still get one, so it counts as delayed for as long as a bank may take.
 */
const paymentOf = async (stripe: Stripe, session: Stripe.Checkout.Session): Promise<CheckoutSession['payment']> => {
  if (session.payment_status !== 'unpaid') return 'done'
  if (session.invoice === null) return Date.now() / 1000 - session.created > longestDelaySeconds ? 'failed' : 'delayed'
  const expand = ['data.payment.payment_intent']
  const { data } = await stripe.invoicePayments.list({ invoice: idOf(session.invoice), limit: 100, expand })
  const isWaiting = data.some(({ payment: { payment_intent: intent } }) => isIntent(intent) && isDelayed(intent))
  return isWaiting ? 'delayed' : 'failed'
}

const read = async (stripe: Stripe, session: Stripe.Checkout.Session): Promise<CheckoutSession> => {
  const status = statusOf(session)
  return {
    id: session.id,
    status,
    url: status === 'open' ? (session.url ?? undefined) : undefined,
    subscriptionId: session.subscription === null ? undefined : idOf(session.subscription),
    payment: status === 'complete' ? await paymentOf(stripe, session) : 'done',
  }
}

const gone = (id: string): CheckoutSession => ({
  ...{ id, status: 'expired', url: undefined, subscriptionId: undefined, payment: 'done' },
})

export const createCheckouts = (
  world: StripeWorld,
): Pick<Payments, 'openCheckout' | 'findCheckout' | 'expireCheckout'> => {
  const { stripe, installation, tax, asking } = world

  const find = (id: string): Promise<CheckoutSession | undefined> =>
    unlessMissing(async () => {
      const session = await stripe.checkout.sessions.retrieve(id)
      return isOurs(installation, session.metadata) ? read(stripe, session) : undefined
    })

  return {
    openCheckout: (order) =>
      asking('open a checkout', async () => {
        const metadata = marksOf(installation, order)
        const params: Stripe.Checkout.SessionCreateParams = {
          mode: 'subscription',
          customer: order.customerId,
          client_reference_id: order.siteId,
          line_items: [{ price: await findPrice(world, order.price), quantity: 1 }],
          metadata,
          subscription_data: { metadata, description: order.description },
          allow_promotion_codes: true,
          success_url: order.successUrl,
          cancel_url: order.cancelUrl,
          ...taxParams(tax),
        }
        // An attempt that failed may have made a session, but nobody got its address: nobody can pay in it.
        return underFreshKey(keyFor(order.idempotencyKey, params), async (options) =>
          read(stripe, await stripe.checkout.sessions.create(params, options)),
        )
      }),

    findCheckout: (id) => asking('look at a checkout', () => find(id)),

    expireCheckout: (id) =>
      asking('expire a checkout', async () => {
        try {
          return await read(stripe, await stripe.checkout.sessions.expire(id))
        } catch (error) {
          // It was paid, or had expired, a moment before.
          if (isRefusal(error)) return (await find(id)) ?? gone(id)
          throw error
        }
      }),
  }
}
