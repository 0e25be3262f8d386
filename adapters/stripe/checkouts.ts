import type { Stripe } from 'stripe'
import type { CheckoutSession, Payments } from '../../core/ports/payments.ts'
import type { StripeWorld } from './ours.ts'
import { idOf, isOurs, keyFor, marksOf } from './ours.ts'
import { findPrice } from './prices.ts'
import { isMissing, isRefusal, underFreshKey } from './stripe-errors.ts'

/** How tax is dealt with at a checkout: by Stripe Tax, or not at all. */
export type TaxPolicy = 'automatic' | 'none'

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

const read = (session: Stripe.Checkout.Session): CheckoutSession => {
  const status = statusOf(session)
  return {
    id: session.id,
    status,
    url: status === 'open' ? (session.url ?? undefined) : undefined,
    subscriptionId: session.subscription === null ? undefined : idOf(session.subscription),
  }
}

const gone = (id: string): CheckoutSession => ({ id, status: 'expired', url: undefined, subscriptionId: undefined })

export const createCheckouts = (
  world: StripeWorld,
  tax: TaxPolicy,
): Pick<Payments, 'openCheckout' | 'findCheckout' | 'expireCheckout'> => {
  const { stripe, installation, asking } = world

  const find = async (id: string): Promise<CheckoutSession | undefined> => {
    try {
      const session = await stripe.checkout.sessions.retrieve(id)
      return isOurs(installation, session.metadata) ? read(session) : undefined
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

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
          subscription_data: { metadata },
          allow_promotion_codes: true,
          success_url: order.successUrl,
          cancel_url: order.cancelUrl,
          ...taxParams(tax),
        }
        // An attempt that failed may have made a session, but nobody got its address: nobody can pay in it.
        return underFreshKey(keyFor(order.idempotencyKey, params), async (options) =>
          read(await stripe.checkout.sessions.create(params, options)),
        )
      }),

    findCheckout: (id) => asking('look at a checkout', () => find(id)),

    expireCheckout: (id) =>
      asking('expire a checkout', async () => {
        try {
          return read(await stripe.checkout.sessions.expire(id))
        } catch (error) {
          // It was paid, or had expired, a moment before.
          if (isRefusal(error)) return (await find(id)) ?? gone(id)
          throw error
        }
      }),
  }
}
