import { lookupKeyOf } from '../../core/billing/subscription.ts'
import { SitewrightError } from '../../core/errors.ts'
import type { PriceChoice } from '../../core/ports/payments.ts'
import type { StripeWorld } from './stripe-world.ts'

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
