import { sessions } from '#stripe-stand-in/resources/checkout-sessions.ts'
import { customers } from '#stripe-stand-in/resources/customers.ts'
import { subscriptions } from '#stripe-stand-in/resources/subscriptions.ts'
import { createStripePayments } from '../../../../adapters/stripe/stripe-payments.ts'
import type { AccountId } from '../../../../core/ids.ts'
import config from '../../../../sitewright.config.ts'
import type { BillingWorld } from './billing-world.ts'
import type { Buyer } from './buyer.ts'
import { clientOn, installation } from './stripe-here.ts'

export const cards = {
  good: '4242424242424242',
  another: '5555555555554444',
  declined: '4000000000000002',
  /** Stripe keeps it, and never gets anything from it. */
  failing: '4000000000000341',
  /** Its bank wants each payment confirmed. */
  authenticates: '4000002760003184',
} as const

const customerOf = ({ stripe }: BillingWorld): string => {
  const [first] = stripe.check((at) => customers.list(at))
  if (first === undefined) throw new Error('Stripe has no customer')
  return first.id
}

/** Acts with a key of Stripe's, past Sitewright: no request of these fails. */
const ownClient = ({ stripe }: BillingWorld) => clientOn(stripe.port)

/** Pays in every tab that is still open, and no event arrives. */
export const payUnheard = (world: BillingWorld, card: string = cards.good): void => {
  const open = world.stripe.check((at) => sessions.list(at))
  for (const { id } of open) world.stripe.play(`/checkout/${id}/pay`, { card })
}

/** Pays in every tab that is still open, and the events arrive. */
export const payWhereverOpen = async (world: BillingWorld, card: string = cards.good): Promise<void> => {
  payUnheard(world, card)
  await world.deliver()
}

/** Somebody deletes the customer of a checkout that is open, in Stripe's dashboard. */
export const loseCustomer = (world: BillingWorld): void =>
  world.stripe.check((at) => {
    for (const { id } of customers.list(at)) customers.change(at, id, { isDeleted: true })
  })

/** A checkout that Sitewright knows nothing of: by a link of the sales team. */
export const beginBeside = async (world: BillingWorld, { id, accountId }: Buyer, plan: string): Promise<void> => {
  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }
  const payments = createStripePayments({ stripe: ownClient(world), installation, catalogue: config, log: silent })
  await payments.openCheckout({
    siteId: id,
    accountId: accountId as AccountId,
    customerId: customerOf(world),
    price: { plan, interval: 'month', currency: 'EUR' },
    successUrl: 'http://localhost:4000/',
    cancelUrl: 'http://localhost:4000/',
    description: 'acme.sites.example',
    idempotencyKey: `beside-${id}`,
  })
}

/** Another card, in the portal: what is owed is collected from it at once. */
export const giveCard = (world: BillingWorld, card: string): void => {
  if (!world.stripe.play(`/customers/${customerOf(world)}/card`, { card })) throw new Error(`${card} is not taken`)
}

/** Confirms with the bank what waits for that, on the page of the invoice. */
export const confirmPayment = async (world: BillingWorld): Promise<void> => {
  for (const { latestInvoice, pendingUpdate } of world.stripe.check((at) => subscriptions.list(at))) {
    if (pendingUpdate !== null) world.stripe.play(`/invoices/${latestInvoice}/pay`, {})
  }
  await world.deliver()
}

/** Ends the subscription with its period, in the portal. */
export const cancelInPortal = async (world: BillingWorld): Promise<void> => {
  const [newest] = world.stripe.check((at) => subscriptions.list(at))
  await ownClient(world).subscriptions.update(newest?.id ?? '', { cancel_at_period_end: true })
}

/** The bank takes back what was paid last. */
export const disputeLastPayment = (world: BillingWorld): void => {
  const [newest] = world.stripe.check((at) => subscriptions.list(at))
  if (!world.stripe.play('/disputes', { subscription: newest?.id })) throw new Error('nothing can be disputed')
}
