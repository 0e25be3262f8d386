import { changeSubscription } from '../announce.ts'
import { checkoutSessionObject } from '../objects/checkout-session-object.ts'
import type { CheckoutSession } from '../records/checkout-session.ts'
import type { Invoice } from '../records/invoice.ts'
import type { Subscription } from '../records/subscription.ts'
import { declined, invalidRequest } from '../stripe-fault.ts'
import type { TestCard } from '../test-cards.ts'
import type { World } from '../world.ts'
import { attachCard, makePaymentMethod } from './attach-card.ts'
import { chargeInvoice } from './charge-invoice.ts'
import { createCustomer } from './create-customer.ts'
import { requireOneCurrency } from './one-currency.ts'
import { startSubscription } from './start-subscription.ts'

interface Order {
  readonly subscription: Subscription
  readonly invoice: Invoice
}

/** What an earlier attempt left, unless that has expired since. */
const earlierOrder = ({ records }: World, session: CheckoutSession): Order | undefined => {
  const subscription = records.subscriptions.get(session.subscription ?? '')
  const invoice = records.invoices.get(session.invoice ?? '')
  return subscription?.status === 'incomplete' && invoice !== undefined ? { subscription, invoice } : undefined
}

const newOrder = (world: World, session: CheckoutSession, customer: string): Order => {
  const { records } = world
  requireOneCurrency(world, customer, session.currency)
  const order = startSubscription(world, {
    customer,
    price: records.prices.change(session.price, {}),
    quantity: session.quantity,
    metadata: session.subscriptionMetadata,
    description: session.subscriptionDescription,
    hasAutomaticTax: session.hasAutomaticTax,
    defaultPaymentMethod: null,
  })
  records.sessions.change(session.id, { customer, subscription: order.subscription.id, invoice: order.invoice.id })
  return order
}

/**
 * Somebody pays at a checkout. The first attempt makes the subscription, which is incomplete until one succeeds.
 * @throws {StripeFault} where the session is not open or the card is declined; the attempt remains.
 */
export const paySession = (
  world: World,
  session: CheckoutSession,
  card: TestCard,
  fingerprint: string,
): CheckoutSession => {
  const { records, emit } = world
  if (session.status !== 'open') {
    throw invalidRequest(`This Checkout Session is ${session.status}, and cannot be paid.`)
  }
  const email = session.customerEmail ?? records.customers.get(session.customer ?? '')?.email ?? null
  const customer = session.customer ?? createCustomer(world, { email }).id
  const order = earlierOrder(world, session) ?? newOrder(world, session, customer)
  const method = makePaymentMethod(world, card, { fingerprint, email })
  const attempt = chargeInvoice(world, order.invoice, method)
  if (!attempt.paid) throw declined(attempt.decline, { ...attempt, keepsChanges: true })
  attachCard(world, method, customer)
  changeSubscription(world, order.subscription.id, { defaultPaymentMethod: method.id })
  const complete = records.sessions.change(session.id, { status: 'complete' })
  emit('checkout.session.completed', checkoutSessionObject(world, complete))
  return complete
}
