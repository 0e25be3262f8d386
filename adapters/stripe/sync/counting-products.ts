import type { Found, FoundProduct } from './found.ts'

/** The product of each plan. Of several, as two runs at once may make them, the oldest active one counts. */
export const countingProducts = ({ products }: Pick<Found, 'products'>): ReadonlyMap<string, FoundProduct> => {
  const counting = new Map<string, FoundProduct>()
  for (const product of products.toSorted((one, other) => one.createdAt - other.createdAt)) {
    const known = counting.get(product.plan)
    if (known === undefined || (!known.isActive && product.isActive)) counting.set(product.plan, product)
  }
  return counting
}
