import { Stripe } from 'stripe'
import type { Payments, Refund } from '../../core/ports/payments.ts'
import type { InvoiceCharge } from './invoice-charges.ts'
import { paidInvoicesOf } from './paid-invoices.ts'
import { isRefusal } from './stripe-errors.ts'
import type { StripeWorld } from './stripe-world.ts'

const subjectOf = ({ paymentIntentId, chargeId }: InvoiceCharge) =>
  paymentIntentId === undefined ? { charge: chargeId } : { payment_intent: paymentIntentId }

/** The bank has taken the money back already, and Stripe lets nobody give it back a second time. */
const isDisputed = (error: unknown): boolean =>
  error instanceof Stripe.errors.StripeError && error.code === 'charge_disputed'

/** What gives money back. Stripe refunds no more of a charge than is left of it, whatever comes twice. */
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
      const { amount } = await stripe.refunds.create(
        { ...subjectOf(charge), metadata: { installation } },
        { idempotencyKey: `${idempotencyKey}-${charge.chargeId}` },
      )
      return amount
    } catch (error) {
      if (isDisputed(error)) return 0
      // Somebody else gave it back between our looking and our asking.
      if (isRefusal(error) && (await isNothingLeft(charge.chargeId))) return 0
      throw error
    }
  }

  const refundInvoice = async (charges: readonly InvoiceCharge[], idempotencyKey: string): Promise<number> => {
    let amount = 0
    for (const charge of charges.filter(({ taken, refunded }) => refunded < taken)) {
      amount += await refundRest(charge, idempotencyKey)
    }
    return amount
  }

  return {
    refund: (subscriptionId, idempotencyKey) =>
      asking('refund a subscription', async (): Promise<Refund | undefined> => {
        for await (const charges of (await paidInvoicesOf(stripe, subscriptionId)).charges()) {
          const amount = await refundInvoice(charges, idempotencyKey)
          const currency = charges[0]?.currency
          if (amount === 0 || currency === undefined) continue
          log.info({ subscriptionId, amount, currency }, 'A payment was given back')
          return { amount, currency }
        }
        return undefined
      }),

    refundedOf: (subscriptionId) =>
      asking('look at the refunds of a subscription', async (): Promise<Refund | undefined> => {
        const given: InvoiceCharge[] = []
        for await (const charges of (await paidInvoicesOf(stripe, subscriptionId)).charges()) {
          given.push(...charges.filter(({ refunded }) => refunded > 0))
        }
        const [first] = given
        if (first === undefined) return undefined
        return { amount: given.reduce((sum, { refunded }) => sum + refunded, 0), currency: first.currency }
      }),
  }
}
