import type Stripe from 'stripe'
import * as z from 'zod'
import { endpoint, finder, flag, listEndpoint, mergeMetadata, metadataParameter, text, whole } from '../api/endpoint.ts'
import { amount, collection, currency, metadata, record } from '../collection.ts'
import { invalidRequest } from '../fault.ts'
import { nulls } from '../objects.ts'
import type { World } from '../world.ts'
import { requireProduct } from './products.ts'

const recurring = z.object({ interval: z.enum(['month', 'year']) })
export type Interval = z.infer<typeof recurring>['interval']

const priceSchema = z.object({
  ...record,
  product: z.string(),
  currency,
  unitAmount: amount,
  recurring,
  active: z.boolean(),
  lookupKey: z.string().nullable(),
  metadata,
})
export type Price = z.infer<typeof priceSchema>

export const prices = collection('price', priceSchema)

/** A price on the wire, where a decimal number is text. */
export type PriceObject = Omit<Stripe.Price, 'unit_amount_decimal'> & { unit_amount_decimal: string }

export const priceObject = (price: Price): PriceObject => ({
  id: price.id,
  object: 'price',
  active: price.active,
  billing_scheme: 'per_unit',
  created: price.created,
  currency: price.currency,
  livemode: false,
  lookup_key: price.lookupKey,
  metadata: price.metadata,
  product: price.product,
  recurring: {
    interval: price.recurring.interval,
    interval_count: 1,
    usage_type: 'licensed',
    ...nulls('meter trial_period_days'),
  },
  tax_behavior: 'unspecified',
  type: 'recurring',
  unit_amount: price.unitAmount,
  unit_amount_decimal: String(price.unitAmount),
  ...nulls('custom_unit_amount nickname tiers_mode transform_quantity'),
})

export type PlanObject = Omit<Stripe.Plan, 'amount_decimal'> & { amount_decimal: string }

/** A price under its old name, which subscription items still carry. */
export const planObject = (price: Price): PlanObject => ({
  id: price.id,
  object: 'plan',
  active: price.active,
  amount: price.unitAmount,
  amount_decimal: String(price.unitAmount),
  billing_scheme: 'per_unit',
  created: price.created,
  currency: price.currency,
  interval: price.recurring.interval,
  interval_count: 1,
  livemode: false,
  metadata: price.metadata,
  product: price.product,
  usage_type: 'licensed',
  ...nulls('meter nickname tiers_mode transform_usage trial_period_days'),
})

/** @throws {StripeFault} if there is none or it is archived. */
export const requireActivePrice = (world: World, id: string, param: string): Price => {
  const price = finder(prices.get, 'price')(world, id, param)
  if (price.active) return price
  throw invalidRequest('The price specified is inactive. This field only accepts active prices.', { param })
}

/** Takes a lookup key from the price that has it. @throws {StripeFault} if the key is not to be transferred. */
const claimLookupKey = (world: World, key: string | undefined, transfers: boolean | undefined): void => {
  const holder = key === undefined ? undefined : prices.list(world).find(({ lookupKey }) => lookupKey === key)
  if (holder === undefined) return
  if (transfers) prices.change(world, holder.id, { lookupKey: null })
  else {
    throw invalidRequest(
      `A price (${holder.id}) already uses that lookup key. Please use a different lookup key, ` +
        'or set `transfer_lookup_key=true` to transfer the lookup key to this price.',
      { param: 'lookup_key' },
    )
  }
}

const createParameters = {
  product: text,
  currency: z
    .string()
    .regex(/^[A-Za-z]{3}$/, 'must be an ISO 4217 code')
    .transform((code) => code.toLowerCase()),
  unit_amount: whole.pipe(z.int().nonnegative()),
  recurring: z.strictObject({ interval: z.enum(['month', 'year'], 'the stand-in knows months and years') }),
  lookup_key: text.optional(),
  transfer_lookup_key: flag.optional(),
  metadata: metadataParameter.optional(),
}

const create = (world: World, _id: string, given: z.output<z.ZodObject<typeof createParameters>>): object => {
  const { product, unit_amount: unitAmount, lookup_key: lookupKey = null } = given
  requireProduct(world, product, 'product')
  claimLookupKey(world, given.lookup_key, given.transfer_lookup_key)
  const terms = { product, currency: given.currency, unitAmount, recurring: given.recurring, active: true, lookupKey }
  return priceObject(prices.create(world, 'price_', { ...terms, metadata: mergeMetadata({}, given.metadata) }))
}

const listParameters = {
  active: flag.optional(),
  lookup_keys: z.array(z.string()).max(10, 'has more than 10 of them').optional(),
}

export const priceEndpoints = [
  endpoint('POST', '/v1/prices', createParameters, create),
  listEndpoint('/v1/prices', 'price', listParameters, {
    find: (world) => prices.list(world),
    isWanted: ({ active, lookupKey }, { active: wanted = active, lookup_keys: keys }) =>
      active === wanted && (keys === undefined || (lookupKey !== null && keys.includes(lookupKey))),
    show: priceObject,
  }),
  endpoint('POST', '/v1/prices/:id', { active: flag.optional() }, (world, id, { active }) => {
    finder(prices.get, 'price')(world, id)
    return priceObject(prices.change(world, id, { active }))
  }),
]
