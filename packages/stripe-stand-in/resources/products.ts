import type Stripe from 'stripe'
import * as z from 'zod'
import { endpoint, finder, flag, listEndpoint, mergeMetadata, metadataParameter, text } from '../api/endpoint.ts'
import { collection, metadata, record, seconds } from '../collection.ts'
import { nulls } from '../objects.ts'

const productSchema = z.object({ ...record, updated: seconds, name: z.string(), active: z.boolean(), metadata })
type Product = z.infer<typeof productSchema>

export const products = collection('product', productSchema)

export const requireProduct = finder(products.get, 'product')

export const productObject = (product: Product): Stripe.Product => ({
  id: product.id,
  object: 'product',
  active: product.active,
  created: product.created,
  images: [],
  livemode: false,
  marketing_features: [],
  metadata: product.metadata,
  name: product.name,
  type: 'service',
  updated: product.updated,
  ...nulls('default_price description package_dimensions shippable statement_descriptor tax_code tax_details'),
  ...nulls('unit_label url'),
})

export const productEndpoints = [
  endpoint('POST', '/v1/products', { name: text, metadata: metadataParameter.optional() }, (world, _id, given) => {
    const made = { updated: world.now, active: true, metadata: mergeMetadata({}, given.metadata) }
    return productObject(products.create(world, 'prod_', { ...made, name: given.name }))
  }),
  listEndpoint('/v1/products', 'product', {}, { find: (world) => products.list(world), show: productObject }),
  endpoint('POST', '/v1/products/:id', { active: flag.optional(), name: text.optional() }, (world, id, given) => {
    requireProduct(world, id)
    return productObject(products.change(world, id, { ...given, updated: world.now }))
  }),
]
