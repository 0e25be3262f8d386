import { setTimeout as wait } from 'node:timers/promises'
import type { Stripe } from 'stripe'
import type { PlanCatalogue } from '../../core/plan/plan.ts'
import type { Log } from '../../core/ports/context.ts'
import type { Payments, Returned } from '../../core/ports/payments.ts'
import { chargesOf, creditTakenBy, paidInvoicesOf, refundedOf } from './charges.ts'
import { createCheckouts, type TaxPolicy } from './checkouts.ts'
import { createCustomers, createDisputes, createPortal } from './customers.ts'
import type { StripeWorld } from './ours.ts'
import { createPrices } from './prices.ts'
import { askingStripe, isRefusal, waitingForTurn } from './stripe-errors.ts'
import { createSubscriptionChanges } from './subscription-changes.ts'
import { createSubscriptions } from './subscriptions.ts'

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
      for await (const { id: charge, amount_captured, amount_refunded } of chargesOf(stripe, invoices)) {
        if (amount_refunded >= amount_captured) continue
        await stripe.refunds.create({ charge, metadata: { installation } }).catch((error: unknown) => {
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
        payments.push({ amount, left: charge.amount_captured - amount, currency: charge.currency })
      }
      const [first] = payments
      return (
        first && {
          amount: payments.reduce((sum, { amount }) => sum + amount, 0),
          left: payments.reduce((sum, { left }) => sum + left, 0),
          currency: first.currency.toUpperCase(),
        }
      )
    }),
})

export interface StripePaymentsOptions {
  /** Of `createStripeClient`. */
  readonly stripe: Stripe
  /** In the metadata of all that we make; what carries another one is not ours. */
  readonly installation: string
  /** A price that differs from it is not sold. */
  readonly catalogue: Pick<PlanCatalogue, 'plans'>
  readonly log: Log
  readonly tax?: TaxPolicy
  /** Waits before a request is repeated. */
  readonly pause?: (milliseconds: number) => Promise<unknown>
}

/** Payments by Stripe, or by another server that speaks its API. */
export const createStripePayments = ({
  tax = 'none',
  pause = (milliseconds) => wait(milliseconds),
  ...options
}: StripePaymentsOptions): Payments => {
  const patiently = waitingForTurn(pause)
  const world = { ...options, patiently, asking: askingStripe(options.log) }
  return {
    ...createCustomers(world),
    ...createCheckouts(world, tax),
    ...createPortal(world),
    ...createPrices(world),
    ...createSubscriptions(world),
    ...createSubscriptionChanges(world),
    ...createRefunds(world),
    ...createDisputes(world),
    patiently,
  }
}
