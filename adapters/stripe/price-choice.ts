import type { Stripe } from 'stripe'
import { choiceOfLookupKey } from '../../core/billing/subscription.ts'
import type { PriceChoice } from '../../core/ports/payments.ts'

/**
 * Which of our prices one of Stripe's is. A price whose amount has changed since loses its lookup key to its successor, and
 * whoever subscribed to it goes on paying it: such a price is known by the key that its metadata keeps.
 */
const choiceOfPrice = ({ lookup_key, metadata }: Pick<Stripe.Price, 'lookup_key' | 'metadata'>) =>
  choiceOfLookupKey(lookup_key ?? metadata['lookupKey'] ?? '')

/** The item of a subscription that is at a price of ours; whatever else somebody added to it in the dashboard is not looked at. */
export const itemOfOurs = ({
  items,
}: Pick<Stripe.Subscription, 'items'>):
  | { readonly item: Stripe.SubscriptionItem; readonly price: PriceChoice }
  | undefined => {
  for (const item of items.data) {
    const price = choiceOfPrice(item.price)
    if (price !== undefined) return { item, price }
  }
  return undefined
}
