import type Stripe from 'stripe'
import type { Subscription } from '../records/subscription.ts'
import type { World } from '../world.ts'
import { planObject } from './plan-object.ts'
import type { PriceObject } from './price-object.ts'
import { priceObject } from './price-object.ts'

export type SubscriptionItemObject = Omit<Stripe.SubscriptionItem, 'plan' | 'price'> & {
  plan: ReturnType<typeof planObject>
  price: PriceObject
}

export const subscriptionItemObject = ({ records }: World, { id, item }: Subscription): SubscriptionItemObject => {
  const price = records.prices.get(item.price)
  if (price === undefined) throw new Error(`the stand-in for Stripe has no price ${item.price}`)
  return {
    id: item.id,
    object: 'subscription_item',
    billing_thresholds: null,
    created: item.created,
    current_period_end: item.periodEnd,
    current_period_start: item.periodStart,
    current_trial: null,
    discounts: [],
    metadata: {},
    plan: planObject(price),
    price: priceObject(price),
    quantity: item.quantity,
    subscription: id,
    tax_rates: [],
  }
}
