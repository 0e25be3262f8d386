import type Stripe from 'stripe'
import type { Product } from '../records/product.ts'

export const productObject = (product: Product): Stripe.Product => ({
  id: product.id,
  object: 'product',
  active: product.active,
  created: product.created,
  default_price: product.defaultPrice,
  description: product.description,
  images: product.images,
  livemode: false,
  marketing_features: product.marketingFeatures.map((name) => ({ name })),
  metadata: product.metadata,
  name: product.name,
  package_dimensions: null,
  shippable: null,
  statement_descriptor: product.statementDescriptor,
  tax_code: product.taxCode,
  tax_details: null,
  type: 'service',
  unit_label: product.unitLabel,
  updated: product.updated,
  url: product.url,
})
