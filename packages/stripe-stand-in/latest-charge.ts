import { requireSubscription } from './api/subscriptions.ts'
import type { Charge } from './records/charge.ts'
import { invalidRequest } from './stripe-fault.ts'
import type { World } from './world.ts'

/**
 * The last payment of a subscription.
 * @throws {StripeFault} where nothing was paid.
 */
export const latestCharge = (world: World, subscriptionId: string): Charge => {
  const { records } = world
  const { customer } = requireSubscription(world, subscriptionId)
  for (const payment of records.invoicePayments.list(customer)) {
    if (payment.status !== 'paid' || records.invoices.get(payment.invoice)?.subscription !== subscriptionId) continue
    const charge = records.charges.get(records.intents.get(payment.paymentIntent)?.latestCharge ?? '')
    if (charge !== undefined) return charge
  }
  throw invalidRequest(`Nothing was paid for ${subscriptionId} yet.`)
}
