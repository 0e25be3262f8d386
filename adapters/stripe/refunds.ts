import type { Payments, Returned } from '../../core/ports/payments.ts'
import { chargesOf, refundedOf } from './charges.ts'
import type { StripeWorld } from './ours.ts'
import { isRefusal } from './stripe-errors.ts'

/** Refunds. Stripe never refunds more of a charge than is left of it, also when asked twice. */
export const createRefunds = ({
  stripe,
  installation,
  asking,
  log,
}: StripeWorld): Pick<Payments, 'refund' | 'refundedOf'> => ({
  refund: (subscriptionId) =>
    asking('refund a subscription', async () => {
      for await (const { id: charge, amount_captured, amount_refunded } of chargesOf(stripe, subscriptionId)) {
        if (amount_refunded >= amount_captured) continue
        await stripe.refunds.create({ charge, metadata: { installation } }).catch((error: unknown) => {
          // Such as too small a balance, or a dispute: a person settles it.
          if (!isRefusal(error)) throw error
          log.warn({ subscriptionId, charge, err: error }, 'Stripe refuses to refund a charge')
        })
      }
    }),

  refundedOf: (subscriptionId, since) =>
    asking('look at the refunds of a subscription', async (): Promise<Returned | undefined> => {
      const from = since === undefined ? 0 : Date.parse(since) / 1000
      let sum: Returned | undefined
      for await (const charge of chargesOf(stripe, subscriptionId)) {
        if (charge.created < from) continue
        const refunded = await refundedOf(stripe, charge)
        sum = {
          amount: (sum?.amount ?? 0) + refunded,
          left: (sum?.left ?? 0) + charge.amount_captured - refunded,
          currency: charge.currency.toUpperCase(),
        }
      }
      return sum
    }),
})
