import * as z from 'zod'
import { priceObject } from '../objects/price-object.ts'
import type { Price } from '../records/price.ts'
import { invalidRequest, noSuch } from '../stripe-fault.ts'
import type { World } from '../world.ts'
import { endpoint } from './endpoint.ts'
import { pageOf, pageParameters } from './page.ts'
import {
  clearable,
  count,
  createdParameter,
  currencyCode,
  flag,
  isCreatedIn,
  mergeMetadata,
  metadataParameter,
  text,
  whole,
} from './parameters.ts'
import { requireProduct } from './products.ts'

const what = 'price'
const interval = z.enum(['day', 'week', 'month', 'year'])
const taxBehavior = z.enum(['inclusive', 'exclusive', 'unspecified'])

/** @throws {StripeFault} where there is none. */
export const requirePrice = ({ records }: Pick<World, 'records'>, id: string, param = 'price'): Price => {
  const price = records.prices.get(id)
  if (price === undefined) throw noSuch(what, id, param)
  return price
}

/**
 * A lookup key names one price, unless it is to be taken from another.
 * @throws {StripeFault}
 */
const claimLookupKey = (
  { records, emit }: World,
  key: string | null | undefined,
  id: string,
  transfers: boolean,
): void => {
  if (typeof key !== 'string') return
  const holder = records.prices.list().find((price) => price.lookupKey === key && price.id !== id)
  if (holder === undefined) return
  if (!transfers) {
    throw invalidRequest(
      `A price (${holder.id}) already uses that lookup key. Please use a different lookup key, ` +
        'or set `transfer_lookup_key=true` to transfer the lookup key to this price.',
      { param: 'lookup_key' },
    )
  }
  emit('price.updated', priceObject(records.prices.change(holder.id, { lookupKey: null })), { lookup_key: key })
}

const createParameters = {
  product: text,
  currency: currencyCode,
  unit_amount: whole.pipe(z.int().nonnegative()),
  recurring: z
    .strictObject({ interval, interval_count: count.optional(), usage_type: z.literal('licensed').optional() })
    .optional(),
  active: flag.optional(),
  lookup_key: text.optional(),
  transfer_lookup_key: flag.optional(),
  nickname: clearable.optional(),
  tax_behavior: taxBehavior.optional(),
  billing_scheme: z.literal('per_unit').optional(),
  metadata: metadataParameter.optional(),
}

const create = (world: World, _id: string, given: z.output<z.ZodObject<typeof createParameters>>): object => {
  const { records, newId, now, emit } = world
  requireProduct(world, given.product)
  const id = newId('price_')
  claimLookupKey(world, given.lookup_key, id, given.transfer_lookup_key ?? false)
  const price = priceObject(
    records.prices.put({
      id,
      created: now,
      product: given.product,
      currency: given.currency,
      unitAmount: given.unit_amount,
      recurring:
        given.recurring === undefined
          ? null
          : { interval: given.recurring.interval, intervalCount: given.recurring.interval_count ?? 1 },
      active: given.active ?? true,
      lookupKey: given.lookup_key ?? null,
      nickname: given.nickname ?? null,
      taxBehavior: given.tax_behavior ?? 'unspecified',
      metadata: mergeMetadata({}, given.metadata),
    }),
  )
  emit('price.created', price)
  return price
}

const listParameters = {
  ...pageParameters,
  active: flag.optional(),
  currency: currencyCode.optional(),
  product: z.string().optional(),
  type: z.enum(['one_time', 'recurring']).optional(),
  lookup_keys: z.array(z.string()).max(10, 'has more than 10 of them').optional(),
  recurring: z.strictObject({ interval: interval.optional() }).optional(),
  created: createdParameter.optional(),
}

const isWanted =
  (wanted: z.output<z.ZodObject<typeof listParameters>>) =>
  (price: Price): boolean =>
    [
      wanted.active === undefined || price.active === wanted.active,
      wanted.currency === undefined || price.currency === wanted.currency,
      wanted.product === undefined || price.product === wanted.product,
      wanted.type === undefined || (price.recurring !== null) === (wanted.type === 'recurring'),
      wanted.lookup_keys === undefined || (price.lookupKey !== null && wanted.lookup_keys.includes(price.lookupKey)),
      wanted.recurring?.interval === undefined || price.recurring?.interval === wanted.recurring.interval,
      isCreatedIn(price.created, wanted.created),
    ].every(Boolean)

export const priceEndpoints = [
  endpoint('POST', '/v1/prices', createParameters, create),
  endpoint('GET', '/v1/prices', listParameters, ({ records }, _id, wanted) =>
    pageOf(records.prices.list(), isWanted(wanted), wanted, { what, url: '/v1/prices', show: priceObject }),
  ),
  endpoint('GET', '/v1/prices/:id', {}, (world, id) => priceObject(requirePrice(world, id))),
  endpoint(
    'POST',
    '/v1/prices/:id',
    {
      active: flag.optional(),
      lookup_key: clearable.optional(),
      transfer_lookup_key: flag.optional(),
      nickname: clearable.optional(),
      tax_behavior: taxBehavior.optional(),
      metadata: metadataParameter.optional(),
    },
    (world, id, given) => {
      const before = requirePrice(world, id)
      if (given.tax_behavior !== undefined && before.taxBehavior !== 'unspecified') {
        if (given.tax_behavior !== before.taxBehavior) {
          throw invalidRequest('The tax behavior of this price cannot be changed.', { param: 'tax_behavior' })
        }
      }
      claimLookupKey(world, given.lookup_key, id, given.transfer_lookup_key ?? false)
      const price = priceObject(
        world.records.prices.change(id, {
          active: given.active,
          lookupKey: given.lookup_key,
          nickname: given.nickname,
          taxBehavior: given.tax_behavior,
          metadata: mergeMetadata(before.metadata, given.metadata),
        }),
      )
      world.emit('price.updated', price)
      return price
    },
  ),
]
