import type { Stripe } from 'stripe'
import { idOf } from './id-of.ts'

/** More than a customer has in years, failed attempts included; ten requests. */
const mostCharges = 1000

/** The charges of customers that were paid, with their refunds, by their payment intents. */
export type CustomerCharges = (customerId: string) => Promise<ReadonlyMap<string, Stripe.Charge>>

/**
 * Every charge of a customer in one request, in place of one for each invoice: what is disputed or refunded may be a payment of
 * months ago. Each customer is asked for once, so what this gives is for one look alone.
 */
export const lookAtCharges = (stripe: Stripe): CustomerCharges => {
  const load = async (customer: string): Promise<ReadonlyMap<string, Stripe.Charge>> => {
    const found = new Map<string, Stripe.Charge>()
    const listed = stripe.charges.list({ customer, limit: 100, expand: ['data.refunds'] })
    for (const charge of await listed.autoPagingToArray({ limit: mostCharges })) {
      if (charge.paid && charge.payment_intent !== null) found.set(idOf(charge.payment_intent), charge)
    }
    return found
  }
  const asked = new Map<string, ReturnType<CustomerCharges>>()
  return (customerId) => {
    const answer = asked.get(customerId) ?? load(customerId)
    asked.set(customerId, answer)
    return answer
  }
}
