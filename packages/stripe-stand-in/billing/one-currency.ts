import { invalidRequest } from '../stripe-fault.ts'
import type { World } from '../world.ts'

const isOver = (status: string): boolean => status === 'canceled' || status === 'incomplete_expired'

/**
 * A customer has one currency at a time: https://docs.stripe.com/billing/customer#currency
 * @throws {StripeFault} where something in another one is under way.
 */
export const requireOneCurrency = ({ records }: World, customer: string, currency: string): void => {
  const other = records.subscriptions
    .list(customer)
    .find((subscription) => !isOver(subscription.status) && subscription.currency !== currency)
  if (other === undefined) return
  throw invalidRequest(
    'You cannot combine currencies on a single customer. ' +
      `This customer has an active subscription, subscription schedule, discount, quote, or invoice item with currency ${other.currency}`,
  )
}
