import type { PaymentMethod } from '../records/payment-method.ts'
import type { Subscription } from '../records/subscription.ts'
import type { World } from '../world.ts'
import { customerOf } from '../world.ts'

/** What a subscription is paid with: its own card before the customer's. */
export const paymentMethodOf = (world: World, subscription: Subscription): PaymentMethod | undefined => {
  const { paymentMethods } = world.records
  const attached = (id: string | null): PaymentMethod | undefined => {
    const method = id === null ? undefined : paymentMethods.get(id)
    return method?.customer === subscription.customer ? method : undefined
  }
  return (
    attached(subscription.defaultPaymentMethod) ??
    attached(customerOf(world, subscription.customer).defaultPaymentMethod)
  )
}
