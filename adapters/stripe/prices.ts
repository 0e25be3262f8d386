import type { Stripe } from 'stripe'
import { choiceOfLookupKey, lookupKeyOf } from '../../core/billing/lookup-key.ts'
import { SitewrightError } from '../../core/errors.ts'
import type { PriceChoice } from '../../core/ports/payments.ts'
import type { StripeWorld } from './ours.ts'

/**
 * The id of the price that is sold under this choice at this moment.
 * @throws {SitewrightError} `Unavailable` where Stripe has none: the catalogue was not brought there.
 */
export const findPrice = async ({ stripe, log }: StripeWorld, choice: PriceChoice): Promise<string> => {
  const key = lookupKeyOf(choice)
  const { data } = await stripe.prices.list({ lookup_keys: [key], active: true, limit: 1 })
  const [price] = data
  if (price !== undefined) return price.id
  log.error({ key }, 'Stripe has no active price of this lookup key: run stripe:sync')
  throw new SitewrightError(
    'Unavailable',
    `The plan '${choice.plan}' cannot be bought at the moment. Try again later.`,
    {
      retryAfterSeconds: 60,
    },
  )
}

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
