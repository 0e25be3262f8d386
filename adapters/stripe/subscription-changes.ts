import type { Stripe } from 'stripe'
import { SitewrightError } from '../../core/errors.ts'
import { type Instant, toInstant } from '../../core/instant.ts'
import { type ChangedSubscription, isSamePrice, type Payments, type PricePreview } from '../../core/ports/payments.ts'
import { sumOf } from './charges.ts'
import { idOf, itemOfOurs, keyFor, type StripeWorld } from './ours.ts'
import { dropPendingChange, hasPendingChange, isPendingTo, settlePendingChange } from './pending-changes.ts'
import { findPrice } from './prices.ts'
import { isRefusal, underFreshKey } from './stripe-errors.ts'
import { cancelledFor, collectionOf, findSubscription, heldMark, readSubscription } from './subscriptions.ts'

const isOver = ({ status }: Stripe.Subscription): boolean => status === 'canceled' || status === 'incomplete_expired'

const ended = (): SitewrightError =>
  new SitewrightError('TransitionNotAllowed', 'The subscription has ended. Buy a plan again.')

/** A date that is set for later stays, unless the subscription is to end with its period. */
const endParams = (
  subscription: Stripe.Subscription,
  cancels: boolean,
): Stripe.SubscriptionUpdateParams | undefined => {
  if (cancels === (cancelledFor(subscription) === 'period')) return undefined
  return cancels || subscription.cancel_at_period_end ? { cancel_at_period_end: cancels } : { cancel_at: '' }
}

/** Charges or credits the difference at once; the preview and the change share this. */
const moveOf = (item: Stripe.SubscriptionItem, price: string, proratedAt: Instant | undefined) => ({
  items: [{ id: item.id, price }],
  proration_behavior: 'always_invoice' as const,
  ...(proratedAt === undefined ? {} : { proration_date: Math.floor(Date.parse(proratedAt) / 1000) }),
})
type PriceMove = ReturnType<typeof moveOf>

export const previewOf = ({ lines, total_taxes, ...invoice }: Omit<Stripe.Invoice, 'id'>): PricePreview => {
  const { amount_due: due, total, starting_balance: balance, currency } = invoice
  const charged = lines.data.filter(({ amount }) => amount > 0)
  const charge = sumOf(charged.map(({ amount }) => amount))
  const added = (total_taxes ?? []).filter(({ tax_behavior }) => tax_behavior === 'exclusive')
  const end = Math.max(...charged.map(({ period }) => period.end))
  return {
    ...{ due, credit: Math.max(0, -total - balance), currency: currency.toUpperCase(), charge },
    unused: charge - sumOf(lines.data.map(({ amount }) => amount)),
    tax: sumOf(added.map(({ amount }) => amount)),
    paysUntil: Number.isFinite(end) ? toInstant(new Date(end * 1000)) : undefined,
  }
}

/** Changes of subscriptions. Each sets a state, so that the same call again does nothing. */
export const createSubscriptionChanges = (
  world: StripeWorld,
): Pick<Payments, 'previewPrice' | 'changePrice' | 'setCancelAtPeriodEnd' | 'setCollection' | 'cancel'> => {
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
    move: PriceMove,
    idempotencyKey: string,
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
    const changed = await update(subscription, moveOf(item, target, proratedAt), idempotencyKey)
    return hasPendingChange(changed) ? settlePendingChange(world, changed) : readSubscription(world, changed)
  }

  return {
    previewPrice: ({ subscriptionId, price, proratedAt }) =>
      asking('preview a change of price', async () => {
        const found = await findSubscription(world, subscriptionId)
        const item = found === undefined || isOver(found) ? undefined : itemOfOurs(found)?.item
        if (item === undefined) throw ended()
        const changed = moveOf(item, await findPrice(world, price), proratedAt)
        const asked = { subscription: subscriptionId, subscription_details: changed }
        return previewOf(await stripe.invoices.createPreview(asked))
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

    setCollection: (subscription, collects) =>
      asking('set the collection of a subscription', async () => {
        const from = collects ? 'held' : 'retried'
        const to = { auto_advance: collects, metadata: collects ? { held: '' } : heldMark }
        const invoices = stripe.invoices.list({ subscription, limit: 100 })
        // The latest one last: it shows whether all was done.
        for (const invoice of (await invoices.autoPagingToArray({ limit: 10_000 })).toReversed()) {
          if (collectionOf(invoice) === from) await stripe.invoices.update(invoice.id, to)
        }
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
