import type { Stripe } from 'stripe'
import { SitewrightError } from '../../core/errors.ts'
import type { Payments } from '../../core/ports/payments.ts'
import type { StripeWorld } from './ours.ts'
import { keyFor } from './ours.ts'
import { findPrice, itemOfOurs } from './prices.ts'
import { isRefusal, underFreshKey } from './stripe-errors.ts'
import { findSubscription, readSubscription } from './subscriptions.ts'

const isOver = ({ status }: Stripe.Subscription): boolean => status === 'canceled' || status === 'incomplete_expired'

/** The flexible mode of billing cancels by a date, which stands beside the flag or in its place. */
const endParams = (
  { cancel_at_period_end, cancel_at }: Stripe.Subscription,
  cancels: boolean,
): Stripe.SubscriptionUpdateParams | undefined => {
  if (cancels) return cancel_at_period_end || cancel_at !== null ? undefined : { cancel_at_period_end: true }
  if (cancel_at_period_end) return { cancel_at_period_end: false }
  return cancel_at === null ? undefined : { cancel_at: '' }
}

/** Changes of subscriptions. Each sets a state, so that the same call again does nothing. */
export const createSubscriptionChanges = (
  world: StripeWorld,
): Pick<Payments, 'changePrice' | 'setCancelAtPeriodEnd' | 'cancel'> => {
  const { stripe, asking } = world

  /** Whether it could not be cancelled because it has ended already. */
  const isEndedBy = async (error: unknown, id: string): Promise<boolean> => {
    if (!isRefusal(error)) return false
    const found = await findSubscription(world, id)
    return found === undefined || isOver(found)
  }

  return {
    changePrice: ({ subscriptionId, price, idempotencyKey }) =>
      asking('change the price of a subscription', async () => {
        const found = await findSubscription(world, subscriptionId)
        const ours = found === undefined ? undefined : itemOfOurs(found)
        if (found === undefined || ours === undefined || isOver(found)) {
          throw new SitewrightError('TransitionNotAllowed', 'The subscription has ended. Buy a plan again.')
        }
        const target = await findPrice(world, price)
        if (ours.item.price.id === target) return readSubscription(world, found)
        const params: Stripe.SubscriptionUpdateParams = {
          items: [{ id: ours.item.id, price: target }],
          proration_behavior: 'always_invoice',
          payment_behavior: 'error_if_incomplete',
        }
        // The same key must not bring back the answer to a change that another has overtaken since.
        const key = keyFor(idempotencyKey, { params, from: ours.item.price.id })
        const changed = await underFreshKey(key, (options) =>
          stripe.subscriptions.update(subscriptionId, params, options),
        )
        return readSubscription(world, changed)
      }),

    setCancelAtPeriodEnd: (subscriptionId, cancels) =>
      asking('set the end of a subscription', async () => {
        const found = await findSubscription(world, subscriptionId)
        const params = found === undefined || isOver(found) ? undefined : endParams(found, cancels)
        if (params !== undefined) await stripe.subscriptions.update(subscriptionId, params)
      }),

    cancel: (subscriptionId) =>
      asking('cancel a subscription', async () => {
        try {
          await stripe.subscriptions.cancel(subscriptionId, { invoice_now: false, prorate: false })
        } catch (error) {
          if (!(await isEndedBy(error, subscriptionId))) throw error
        }
      }),
  }
}
