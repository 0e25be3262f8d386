import type { Stripe } from 'stripe'
import { SitewrightError } from '../../core/errors.ts'
import type { Payments, PriceChoice } from '../../core/ports/payments.ts'
import { lookupKeyOf, type StripeWorld } from './ours.ts'

/** The terms on which a price is sold: amount in minor units, currency and interval. */
const termsOf = ({ unit_amount, currency, recurring }: Stripe.Price): string => {
  const { interval = 'ever', interval_count = 1 } = recurring ?? {}
  const every = interval_count === 1 ? interval : `${interval_count} ${interval}s`
  return `${unit_amount ?? 'varying'} ${currency.toUpperCase()} a ${every}`
}

const wantedPrices = ({ catalogue }: Pick<StripeWorld, 'catalogue'>) =>
  catalogue.plans.flatMap(({ id: plan, prices }) =>
    prices.map(({ amount, currency, interval }) => ({
      lookupKey: lookupKeyOf({ plan, currency, interval }),
      wanted: `${amount} ${currency} a ${interval}`,
    })),
  )

/** As many as Stripe takes: https://docs.stripe.com/api/prices/list */
const maxLookupKeys = 10

const listPrices = async ({ stripe }: Pick<StripeWorld, 'stripe'>, lookupKeys: readonly string[]) => {
  const found = new Map<string, Stripe.Price>()
  for (let first = 0; first < lookupKeys.length; first += maxLookupKeys) {
    const part = lookupKeys.slice(first, first + maxLookupKeys)
    const { data } = await stripe.prices.list({ lookup_keys: part, active: true, limit: 100 })
    for (const price of data) if (price.lookup_key !== null) found.set(price.lookup_key, price)
  }
  return found
}

export const createPrices = (world: StripeWorld): Pick<Payments, 'pricesThatDiffer'> => ({
  pricesThatDiffer: () =>
    world.asking('compare prices', async () => {
      const all = wantedPrices(world)
      const prices = await listPrices(
        world,
        all.map(({ lookupKey }) => lookupKey),
      )
      return all.flatMap(({ lookupKey, wanted }) => {
        const price = prices.get(lookupKey)
        const found = price === undefined ? undefined : termsOf(price)
        return found === wanted ? [] : [{ lookupKey, wanted, found }]
      })
    }),
})

/**
 * The id of the price that is sold under this choice now.
 * @throws {SitewrightError} `Unavailable` if Stripe has none, or one with other terms than the owner was shown.
 */
export const findPrice = async (world: StripeWorld, choice: PriceChoice): Promise<string> => {
  const lookupKey = lookupKeyOf(choice)
  const wanted = wantedPrices(world).find((one) => one.lookupKey === lookupKey)?.wanted
  const price = (await listPrices(world, [lookupKey])).get(lookupKey)
  const found = price === undefined ? undefined : termsOf(price)
  if (price !== undefined && found === wanted) return price.id
  world.log.error(
    { event: 'price-differs', lookupKey, wanted, found },
    'Stripe does not have this price as configured: run stripe:sync',
  )
  throw new SitewrightError(
    'Unavailable',
    `The plan '${choice.plan}' cannot be bought at the moment. Try again later.`,
    { retryAfterSeconds: 60 },
  )
}
