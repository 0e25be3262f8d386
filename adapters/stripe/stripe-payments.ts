import { setTimeout as wait } from 'node:timers/promises'
import type { Stripe } from 'stripe'
import { SitewrightError } from '../../core/errors.ts'
import type { PlanCatalogue } from '../../core/plan/plan.ts'
import type { Log } from '../../core/ports/context.ts'
import type { Payments, Returned } from '../../core/ports/payments.ts'
import { chargesOf, disputesOf, paidInvoicesOf, refundedOf, sumOf } from './charges.ts'
import { createCheckouts } from './checkouts.ts'
import { createCustomers } from './customers.ts'
import { createSubscriptionList } from './list-subscriptions.ts'
import { isOurs, type StripeWorld, siteOf, type TaxPolicy } from './ours.ts'
import { createPrices } from './prices.ts'
import { askingStripe, isRefusal, unlessMissing, waitingForTurn } from './stripe-errors.ts'
import { createSubscriptionChanges } from './subscription-changes.ts'
import { createSubscriptions } from './subscriptions.ts'

const createDisputes = ({ stripe, installation, asking }: StripeWorld): Pick<Payments, 'customerOfDispute'> => ({
  customerOfDispute: (id) =>
    asking('look at a dispute', async () => {
      const dispute = await unlessMissing(() => stripe.disputes.retrieve(id, { expand: ['charge.customer'] }))
      const customer = typeof dispute?.charge === 'object' ? dispute.charge.customer : null
      if (customer === null || typeof customer === 'string' || customer.deleted === true) return undefined
      return isOurs(installation, customer.metadata) ? customer.id : undefined
    }),
})

/** Uses our own configuration: the account's default may let owners change plans, whose limits Stripe cannot know. */
const createPortal = ({ stripe, installation, asking, log }: StripeWorld): Pick<Payments, 'openPortal'> => {
  const findConfiguration = async (): Promise<Stripe.BillingPortal.Configuration | undefined> => {
    for await (const configuration of stripe.billingPortal.configurations.list({ active: true, limit: 100 })) {
      if (isOurs(installation, configuration.metadata)) return configuration
    }
    return undefined
  }
  return {
    openPortal: ({ customerId, returnUrl }) =>
      asking('open the customer portal', async () => {
        const configuration = await findConfiguration()
        if (configuration === undefined) {
          log.error({}, 'Stripe has no portal configuration of this installation: run stripe:sync')
          throw new SitewrightError('Unavailable', 'Payments cannot be managed at the moment. Try again later.', {
            retryAfterSeconds: 60,
          })
        }
        const session = { customer: customerId, return_url: returnUrl, configuration: configuration.id }
        return { url: (await stripe.billingPortal.sessions.create(session)).url }
      }),
  }
}

/** What an invoice took of its customer's credit and no credit note gave back, in minor units. */
const creditTakenBy = (invoice: Stripe.Invoice): number => {
  const { starting_balance: before, ending_balance: after, post_payment_credit_notes_amount: returned } = invoice
  // A credit is negative.
  return after === null ? 0 : Math.max(0, Math.min(after, 0) - Math.min(before, 0) - returned)
}

/** Invoices and refunds. Stripe never refunds more of a charge than is left of it, also when asked twice. */
const createRefunds = ({
  stripe,
  installation,
  asking,
  log,
}: StripeWorld): Pick<Payments, 'refund' | 'refundedOf' | 'lastInvoice'> => ({
  lastInvoice: (subscriptionId) =>
    asking('look at the last invoice of a subscription', async () => {
      // Newest first. A change of plan that is credited makes an invoice of nothing.
      const invoices = await paidInvoicesOf(stripe, subscriptionId)
      for (const { amount_paid: amount, currency, created, status_transitions, hosted_invoice_url: url } of invoices) {
        if (amount === 0 || !url) continue
        const paidAt = new Date((status_transitions.paid_at ?? created) * 1000).toISOString()
        return { amount, currency: currency.toUpperCase(), paidAt, url }
      }
      return undefined
    }),

  refund: (subscriptionId) =>
    asking('refund a subscription', async () => {
      const invoices = await paidInvoicesOf(stripe, subscriptionId)
      const siteId = siteOf(installation, invoices[0]?.parent?.subscription_details?.metadata)
      // The event of a failed refund may name no customer.
      const metadata = { installation, ...(siteId !== undefined && { siteId }) }
      for await (const { id: charge, amount_captured, amount_refunded } of chargesOf(stripe, invoices)) {
        if (amount_refunded >= amount_captured) continue
        await stripe.refunds.create({ charge, metadata }).catch((error: unknown) => {
          // Such as too small a balance, or a dispute: a person settles it.
          if (!isRefusal(error)) throw error
          log.warn({ subscriptionId, charge, err: error }, 'Stripe refuses to refund a charge')
        })
      }
    }),

  refundedOf: (subscriptionId, since) =>
    asking('look at the refunds of a subscription', async () => {
      const from = since === undefined ? 0 : Date.parse(since) / 1000
      const invoices = await paidInvoicesOf(stripe, subscriptionId)
      const payments = invoices
        .filter((invoice) => invoice.created >= from && creditTakenBy(invoice) > 0)
        .map((invoice): Returned => ({ amount: 0, left: creditTakenBy(invoice), currency: invoice.currency }))
      for await (const charge of chargesOf(stripe, invoices)) {
        if (charge.created < from) continue
        const amount = await refundedOf(stripe, charge)
        const { lost } = await disputesOf(stripe, charge)
        payments.push({ amount, left: Math.max(0, charge.amount_captured - amount - lost), currency: charge.currency })
      }
      const [first] = payments
      return (
        first && {
          amount: sumOf(payments.map(({ amount }) => amount)),
          left: sumOf(payments.map(({ left }) => left)),
          currency: first.currency.toUpperCase(),
        }
      )
    }),
})

export interface StripePaymentsOptions {
  readonly stripe: Stripe
  /** In the metadata of all that we make; what carries another one is not ours. */
  readonly installation: string
  /** A price that differs from it is not sold. */
  readonly catalogue: Pick<PlanCatalogue, 'plans'>
  readonly log: Log
  readonly tax?: TaxPolicy
  readonly pause?: (milliseconds: number) => Promise<unknown>
}

/** Payments by Stripe, or by another server that speaks its API. */
export const createStripePayments = ({
  tax = 'none',
  pause = (milliseconds) => wait(milliseconds),
  ...options
}: StripePaymentsOptions): Payments => {
  const patiently = waitingForTurn(pause)
  const world = { ...options, tax, patiently, asking: askingStripe(options.log) }
  return {
    ...createCustomers(world),
    ...createCheckouts(world),
    ...createPortal(world),
    ...createPrices(world),
    ...createSubscriptions(world),
    ...createSubscriptionList(world),
    ...createSubscriptionChanges(world),
    ...createRefunds(world),
    ...createDisputes(world),
    patiently,
  }
}
