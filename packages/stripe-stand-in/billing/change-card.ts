import { changeCustomer, changeSubscription } from '../announce.ts'
import type { Customer } from '../records/customer.ts'
import type { PaymentMethod } from '../records/payment-method.ts'
import { declined } from '../stripe-fault.ts'
import type { TestCard } from '../test-cards.ts'
import type { World } from '../world.ts'
import { attachCard, makePaymentMethod } from './attach-card.ts'
import { collectInvoice } from './collect-invoice.ts'

/** What is owed for subscriptions that go on, and was tried before. */
const collectWhatIsOwed = (world: World, customer: string): void => {
  const { invoices, subscriptions } = world.records
  for (const invoice of invoices.list(customer)) {
    const status = subscriptions.get(invoice.subscription)?.status
    const isBehind = status === 'past_due' || status === 'unpaid'
    if (invoice.status === 'open' && invoice.isAttempted && isBehind) collectInvoice(world, invoice)
  }
}

/**
 * Does what the customer portal does with another card: it pays from now on for all that the customer has, and what is owed
 * is collected from it at once.
 * @throws {StripeFault} where the card cannot be kept; then nothing has changed.
 */
export const changeCard = (world: World, customer: Customer, card: TestCard, fingerprint: string): PaymentMethod => {
  if (card.refusal !== undefined) throw declined(card.refusal)
  const made = makePaymentMethod(world, card, { fingerprint, email: customer.email })
  const method = attachCard(world, made, customer.id)
  changeCustomer(world, customer.id, { defaultPaymentMethod: method.id })
  for (const { id, status } of world.records.subscriptions.list(customer.id)) {
    const isOver = status === 'canceled' || status === 'incomplete_expired'
    if (!isOver) changeSubscription(world, id, { defaultPaymentMethod: method.id })
  }
  collectWhatIsOwed(world, customer.id)
  return method
}
