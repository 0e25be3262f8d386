import { Stripe } from 'stripe'
import type { Payments, Refund, Returned } from '../../core/ports/payments.ts'
import type { InvoiceCharge } from './charges.ts'
import { hasFailed, lookAtCharges } from './charges.ts'
import type { StripeWorld } from './ours.ts'
import { paidInvoicesOf } from './paid-invoices.ts'
import { isRefusal } from './stripe-errors.ts'

const subjectOf = ({ paymentIntentId, chargeId }: InvoiceCharge) =>
  paymentIntentId === undefined ? { charge: chargeId } : { payment_intent: paymentIntentId }

/** The bank has taken the money back already, so Stripe allows no refund. */
const isDisputed = (error: unknown): boolean =>
  error instanceof Stripe.errors.StripeError && error.code === 'charge_disputed'

/** Refunds. Stripe never refunds more of a charge than is left of it, also when asked twice. */
export const createRefunds = ({
  stripe,
  installation,
  asking,
  log,
}: StripeWorld): Pick<Payments, 'refund' | 'refundedOf'> => {
  const isNothingLeft = async (chargeId: string): Promise<boolean> => {
    const { amount_captured, amount_refunded } = await stripe.charges.retrieve(chargeId)
    return amount_refunded >= amount_captured
  }

  /** All that is left: no amount is named, so that the same key always comes with the same parameters. */
  const refundRest = async (charge: InvoiceCharge, idempotencyKey: string): Promise<number> => {
    try {
      const refund = await stripe.refunds.create(
        { ...subjectOf(charge), metadata: { installation } },
        { idempotencyKey: `${idempotencyKey}-${charge.chargeId}` },
      )
      return hasFailed(refund) ? 0 : refund.amount
    } catch (error) {
      if (isDisputed(error)) return 0
      // Somebody else gave it back between our looking and our asking.
      if (isRefusal(error) && (await isNothingLeft(charge.chargeId))) return 0
      throw error
    }
  }

  const refundInvoice = async (charges: readonly InvoiceCharge[], idempotencyKey: string): Promise<number> => {
    let amount = 0
    const open = charges.filter(({ taken, refunded, hasFailedRefund }) => refunded < taken && !hasFailedRefund)
    for (const charge of open) {
      amount += await refundRest(charge, idempotencyKey)
    }
    return amount
  }

  return {
    refund: ({ subscriptionId, beyond, idempotencyKey }) =>
      asking('refund a subscription', async (): Promise<Refund | undefined> => {
        const invoices = await paidInvoicesOf(stripe, subscriptionId, lookAtCharges(stripe))
        for await (const charges of invoices.charges(Date.parse(beyond) / 1000)) {
          const amount = await refundInvoice(charges, idempotencyKey)
          const currency = charges[0]?.currency
          if (amount === 0 || currency === undefined) continue
          log.info({ subscriptionId, amount, currency }, 'A payment was given back')
          return { amount, currency }
        }
        return undefined
      }),

    refundedOf: (subscriptionId) =>
      asking('look at the refunds of a subscription', async (): Promise<Returned | undefined> => {
        const all: InvoiceCharge[] = []
        const invoices = await paidInvoicesOf(stripe, subscriptionId, lookAtCharges(stripe))
        for await (const charges of invoices.charges()) all.push(...charges)
        const [first] = all
        if (first === undefined) return undefined
        const amount = all.reduce((sum, { refunded }) => sum + refunded, 0)
        const left = all.reduce((sum, { taken, refunded }) => sum + taken - refunded, 0)
        return { amount, left, currency: first.currency }
      }),
  }
}
