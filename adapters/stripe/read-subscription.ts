import type { Stripe } from 'stripe'
import type { Instant } from '../../core/instant.ts'
import { toInstant } from '../../core/instant.ts'
import type { Subscription, SubscriptionStatus } from '../../core/ports/payments.ts'
import { subscriptionStatuses } from '../../core/ports/payments.ts'
import type { CustomerCharges } from './customer-charges.ts'
import { lookAtCharges } from './customer-charges.ts'
import { idOf } from './id-of.ts'
import { siteOf } from './ours.ts'
import { paidInvoicesOf } from './paid-invoices.ts'
import { itemOfOurs } from './price-choice.ts'

const instantOf = (seconds: number): Instant => toInstant(new Date(seconds * 1000))

/** @throws {Error} where Stripe has a status that we do not know: what follows from it is not to be guessed. */
const statusOf = ({ id, status }: Stripe.Subscription): SubscriptionStatus => {
  const known = subscriptionStatuses.find((one) => one === status)
  if (known === undefined) throw new Error(`Stripe says that ${id} is '${status}', which is no status that we know.`)
  return known
}

/**
 * A subscription with what was paid for it, in two requests, of which the second is one for each customer, and one more for each
 * charge that was ever disputed; of one that is none of ours, in none.
 * It also ends by a date: a portal cancels subscriptions in the flexible mode in this way.
 */
export const readSubscription = async (
  { stripe, installation }: { readonly stripe: Stripe; readonly installation: string },
  subscription: Stripe.Subscription,
  charges: CustomerCharges = lookAtCharges(stripe),
): Promise<Subscription> => {
  const siteId = siteOf(installation, subscription.metadata)
  const paid = siteId === undefined ? undefined : await paidInvoicesOf(stripe, subscription.id, charges)
  const paidThrough = await paid?.paidThrough()
  return {
    id: subscription.id,
    customerId: idOf(subscription.customer),
    siteId,
    status: statusOf(subscription),
    createdAt: instantOf(subscription.created),
    price: itemOfOurs(subscription)?.price,
    cancelsAtPeriodEnd: subscription.cancel_at_period_end || subscription.cancel_at !== null,
    paidThrough: paidThrough === undefined ? undefined : instantOf(paidThrough),
    isDisputed: (await paid?.isDisputed()) ?? false,
  }
}
