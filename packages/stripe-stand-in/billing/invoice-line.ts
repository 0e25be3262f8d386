import type { InvoiceLine } from '../records/invoice.ts'
import type { Price } from '../records/price.ts'
import type { World } from '../world.ts'

const nameOf = ({ records }: World, { product }: Price): string => records.products.get(product)?.name ?? product

/** One period of a price. */
export const periodLine = (
  world: World,
  price: Price,
  {
    quantity,
    subscriptionItem,
    periodStart,
    periodEnd,
  }: Omit<InvoiceLine, 'amount' | 'description' | 'id' | 'isProration' | 'price'>,
): InvoiceLine => ({
  id: world.newId('il_'),
  amount: price.unitAmount * quantity,
  description: `${quantity} × ${nameOf(world, price)}`,
  price: price.id,
  quantity,
  subscriptionItem,
  periodStart,
  periodEnd,
  isProration: false,
})

/** What is left of a period that has begun, as a credit or as a charge. */
export const prorationLine = (
  world: World,
  price: Price,
  part: {
    readonly kind: 'charge' | 'credit'
    readonly quantity: number
    readonly subscriptionItem: string
    readonly periodStart: number
    readonly periodEnd: number
  },
): InvoiceLine => {
  const { kind, quantity, subscriptionItem, periodStart, periodEnd } = part
  const left = Math.max(0, periodEnd - Math.max(world.now, periodStart)) / (periodEnd - periodStart)
  const worth = Math.round(price.unitAmount * quantity * left)
  return {
    id: world.newId('il_'),
    // Not a negative zero, which no two numbers make.
    amount: kind === 'credit' ? 0 - worth : worth,
    description: `${kind === 'credit' ? 'Unused' : 'Remaining'} time on ${nameOf(world, price)}`,
    price: price.id,
    quantity,
    subscriptionItem,
    periodStart: world.now,
    periodEnd,
    isProration: true,
  }
}
