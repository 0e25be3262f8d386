import type { Stripe } from 'stripe'
import { SitewrightError } from '../../core/errors.ts'
import type { Instant } from '../../core/instant.ts'
import { type ChangedSubscription, isSamePrice, type Payments } from '../../core/ports/payments.ts'
import { idOf, keyFor, type StripeWorld } from './ours.ts'
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

/** Charges or credits the difference at once; the preview and the change share this. */
const moveOf = (item: Stripe.SubscriptionItem, price: string, proratedAt: Instant | undefined) => ({
  items: [{ id: item.id, price }],
  proration_behavior: 'always_invoice' as const,
  ...(proratedAt === undefined ? {} : { proration_date: Math.floor(Date.parse(proratedAt) / 1000) }),
})
type PriceMove = ReturnType<typeof moveOf>

/** Changes of subscriptions. Each sets a state, so that the same call again does nothing. */
export const createSubscriptionChanges = (
  world: StripeWorld,
): Pick<Payments, 'previewPrice' | 'changePrice' | 'setCancelAtPeriodEnd' | 'cancel'> => {
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
    { move, idempotencyKey }: { readonly move: PriceMove; readonly idempotencyKey: string },
  ): Promise<Stripe.Subscription> => {
    const ask = (payment_behavior: 'pending_if_incomplete' | 'error_if_incomplete') => {
      const params = { ...move, payment_behavior } as const
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
    { idempotencyKey, proratedAt }: { readonly idempotencyKey: string; readonly proratedAt?: Instant | undefined },
  ): Promise<ChangedSubscription> => {
    const item = itemOfOurs(subscription)?.item
    if (item === undefined) throw ended()
    if (item.price.id === target) return readSubscription(world, subscription)
    const changed = await update(subscription, { move: moveOf(item, target, proratedAt), idempotencyKey })
    return hasPendingChange(changed) ? settlePendingChange(world, changed) : readSubscription(world, changed)
  }

  return {
    previewPrice: ({ subscriptionId, price, proratedAt }) =>
      asking('preview a change of price', async () => {
        const found = await findSubscription(world, subscriptionId)
        const item = found === undefined || isOver(found) ? undefined : itemOfOurs(found)?.item
        if (item === undefined) throw ended()
        const { amount_due, total, starting_balance, currency } = await stripe.invoices.createPreview({
          subscription: subscriptionId,
          subscription_details: moveOf(item, await findPrice(world, price), proratedAt),
        })
        return { due: amount_due, credit: Math.max(0, -total - starting_balance), currency: currency.toUpperCase() }
      }),

    changePrice: ({ subscriptionId, price, ...how }) =>
      asking('change the price of a subscription', async () => {
        const known = await findSubscription(world, subscriptionId)
        if (known === undefined || isOver(known)) throw ended()
        const target = await findPrice(world, price)
        if (isPendingTo(known, target)) return settlePendingChange(world, known)
        const found = hasPendingChange(known) ? await dropPendingChange(world, known) : known
        // Also at a former amount, which the catalogue's price of today would replace.
        const isPresent = isSamePrice(itemOfOurs(found)?.price, price)
        return isPresent ? readSubscription(world, found) : move(found, target, how)
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
