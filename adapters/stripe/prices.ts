import type { Stripe } from 'stripe'
import { choiceOfLookupKey, lookupKeyOf } from '../../core/billing/subscription.ts'
import { SitewrightError } from '../../core/errors.ts'
import type { PriceChoice } from '../../core/ports/payments.ts'
import type { Metadata, StripeWorld } from './ours.ts'

/** The id of the price that is sold under this choice now. @throws {SitewrightError} `Unavailable` where Stripe has none. */
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
 * Which of our prices a price at Stripe is. After a change of amount the old price loses its lookup key to the new one, but
 * keeps its subscribers: its metadata still hold the key.
 */
const choiceOfPrice = ({ lookup_key, metadata }: { readonly lookup_key: string | null; readonly metadata: Metadata }) =>
  choiceOfLookupKey(lookup_key ?? metadata?.['lookupKey'] ?? '')

/** The item of a subscription that has a price of ours. Items that somebody added in the dashboard do not count. */
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
