import * as z from 'zod'
import { productObject } from '../objects/product-object.ts'
import type { Product } from '../records/product.ts'
import { noSuch, StripeFault } from '../stripe-fault.ts'
import type { World } from '../world.ts'
import { endpoint } from './endpoint.ts'
import { pageOf, pageParameters } from './page.ts'
import { clearable, createdParameter, flag, isCreatedIn, mergeMetadata, metadataParameter, text } from './parameters.ts'

const what = 'product'

/** @throws {StripeFault} where there is none. */
export const requireProduct = ({ records }: Pick<World, 'records'>, id: string, param = 'product'): Product => {
  const product = records.products.get(id)
  if (product === undefined) throw noSuch(what, id, param)
  return product
}

const details = {
  active: flag.optional(),
  description: clearable.optional(),
  metadata: metadataParameter.optional(),
  tax_code: clearable.optional(),
  statement_descriptor: clearable.optional(),
  unit_label: clearable.optional(),
  url: clearable.optional(),
  images: z.array(z.string()).optional(),
  marketing_features: z.array(z.strictObject({ name: text })).optional(),
}

type Details = z.output<z.ZodObject<typeof details>>

const changeOf = (given: Details) => ({
  active: given.active,
  description: given.description,
  taxCode: given.tax_code,
  statementDescriptor: given.statement_descriptor,
  unitLabel: given.unit_label,
  url: given.url,
  images: given.images,
  marketingFeatures: given.marketing_features?.map(({ name }) => name),
})

const create = (
  world: World,
  _id: string,
  { id, name, ...given }: Details & { id?: string | undefined; name: string },
) => {
  const { records, newId, now, emit } = world
  if (id !== undefined && records.products.get(id) !== undefined) {
    const message = `Product already exists.`
    throw new StripeFault(400, { type: 'invalid_request_error', code: 'resource_already_exists', message, param: 'id' })
  }
  const made = records.products.put({
    id: id ?? newId('prod_'),
    created: now,
    updated: now,
    name,
    active: true,
    description: null,
    metadata: mergeMetadata({}, given.metadata),
    taxCode: null,
    statementDescriptor: null,
    unitLabel: null,
    url: null,
    images: [],
    marketingFeatures: [],
    defaultPrice: null,
  })
  const product = productObject(records.products.change(made.id, changeOf(given)))
  emit('product.created', product)
  return product
}

export const productEndpoints = [
  endpoint('POST', '/v1/products', { ...details, id: text.optional(), name: text }, create),
  endpoint(
    'GET',
    '/v1/products',
    {
      ...pageParameters,
      active: flag.optional(),
      ids: z.array(z.string()).optional(),
      created: createdParameter.optional(),
    },
    ({ records }, _id, { active, ids, created, ...page }) =>
      pageOf(
        records.products.list(),
        (product) =>
          (active === undefined || product.active === active) &&
          (ids === undefined || ids.includes(product.id)) &&
          isCreatedIn(product.created, created),
        page,
        { what, url: '/v1/products', show: productObject },
      ),
  ),
  endpoint('GET', '/v1/products/:id', {}, (world, id) => productObject(requireProduct(world, id, 'id'))),
  endpoint(
    'POST',
    '/v1/products/:id',
    { ...details, name: text.optional(), default_price: text.optional() },
    (world, id, { name, default_price, ...given }) => {
      const { metadata } = requireProduct(world, id, 'id')
      const product = productObject(
        world.records.products.change(id, {
          ...changeOf(given),
          name,
          defaultPrice: default_price,
          metadata: mergeMetadata(metadata, given.metadata),
          updated: world.now,
        }),
      )
      world.emit('product.updated', product)
      return product
    },
  ),
]
