import type { Stripe } from 'stripe'
import type { Payments } from '../../core/ports/payments.ts'
import { isOurs } from './ours.ts'
import { isMissing } from './stripe-errors.ts'
import type { StripeWorld } from './stripe-world.ts'

/** Whose payment a dispute is about. */
export const createDisputes = ({ stripe, installation, asking }: StripeWorld): Pick<Payments, 'customerOfDispute'> => {
  const find = async (id: string): Promise<Stripe.Dispute | undefined> => {
    try {
      return await stripe.disputes.retrieve(id, { expand: ['charge.customer'] })
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }
  return {
    customerOfDispute: (disputeId) =>
      asking('look at a dispute', async () => {
        const charge = (await find(disputeId))?.charge
        const customer = typeof charge === 'object' ? charge.customer : null
        if (customer === null || typeof customer === 'string' || customer.deleted === true) return undefined
        return isOurs(installation, customer.metadata) ? customer.id : undefined
      }),
  }
}
