import type { Stripe } from 'stripe'
import { SitewrightError } from '../../core/errors.ts'
import type { ChangedSubscription, Payments } from '../../core/ports/payments.ts'
import { isSamePrice } from '../../core/ports/payments.ts'
import type { StripeWorld } from './ours.ts'
import { idOf, keyFor } from './ours.ts'
import { dropPendingChange, hasPendingChange, isPendingTo, settlePendingChange } from './pending-changes.ts'
import { findPrice, itemOfOurs } from './prices.ts'
import { isRefusal, underFreshKey } from './stripe-errors.ts'
import { findSubscription, readSubscription } from './subscriptions.ts'

const isOver = ({ status }: Stripe.Subscription): boolean => status === 'canceled' || status === 'incomplete_expired'

const ended = (): SitewrightError =>
  new SitewrightError('TransitionNotAllowed', 'The subscription has ended. Buy a plan again.')

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

  /** Bank debits have no pending updates: there the change applies if the payment is accepted. */
  const update = async (
    { id, latest_invoice }: Stripe.Subscription,
    {
      items,
      idempotencyKey,
    }: { readonly items: Stripe.SubscriptionUpdateParams.Item[]; readonly idempotencyKey: string },
  ): Promise<Stripe.Subscription> => {
    const ask = (payment_behavior: 'pending_if_incomplete' | 'error_if_incomplete') => {
      const params = { items, proration_behavior: 'always_invoice', payment_behavior } as const
      // The same key must not bring back the answer to an attempt that has ended since, with an invoice of its own.
      const key = keyFor(idempotencyKey, { params, after: latest_invoice && idOf(latest_invoice) })
      return underFreshKey(key, (options) => stripe.subscriptions.update(id, params, options))
    }
    try {
      return await ask('pending_if_incomplete')
    } catch (error) {
      if (!isRefusal(error)) throw error
      return ask('error_if_incomplete')
    }
  }

  const move = async (
    subscription: Stripe.Subscription,
    target: string,
    idempotencyKey: string,
  ): Promise<ChangedSubscription> => {
    const item = itemOfOurs(subscription)?.item
    if (item === undefined) throw ended()
    if (item.price.id === target) return readSubscription(world, subscription)
    const changed = await update(subscription, { items: [{ id: item.id, price: target }], idempotencyKey })
    return hasPendingChange(changed) ? settlePendingChange(world, changed) : readSubscription(world, changed)
  }

  return {
    changePrice: ({ subscriptionId, price, idempotencyKey }) =>
      asking('change the price of a subscription', async () => {
        const known = await findSubscription(world, subscriptionId)
        if (known === undefined || isOver(known)) throw ended()
        const target = await findPrice(world, price)
        if (isPendingTo(known, target)) return settlePendingChange(world, known)
        const found = hasPendingChange(known) ? await dropPendingChange(world, known) : known
        // Also at a former amount, which the catalogue's price of today would replace.
        const isPresent = isSamePrice(itemOfOurs(found)?.price, price)
        return isPresent ? readSubscription(world, found) : move(found, target, idempotencyKey)
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
