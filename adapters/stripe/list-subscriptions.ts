import type { Stripe } from 'stripe'
import {
  type Payments,
  RefusedByStripe,
  type RefusedSubscription,
  type Subscription,
} from '../../core/ports/payments.ts'
import { idOf, isOurs, type StripeWorld, siteOf } from './ours.ts'
import type { Asking } from './stripe-errors.ts'
import { hasMetadata, inParts, readKnown, withInvoice } from './subscriptions.ts'

/** Reads all subscriptions of ours, and waits where Stripe has no room. */
export const createSubscriptionList = (world: StripeWorld): Pick<Payments, 'listSubscriptions'> => {
  const { stripe, installation, asking } = world

  const patiently: Asking = (act, ask) => asking(act, () => world.patiently(ask))

  const readListed = async (one: Stripe.Subscription): Promise<Subscription | RefusedSubscription> => {
    try {
      return await patiently('read a subscription', () => readKnown(world, one))
    } catch (error) {
      if (!(error instanceof RefusedByStripe)) throw error
      return { id: one.id, siteId: siteOf(installation, one.metadata), refused: error }
    }
  }

  /** Without metadata, its customer tells. */
  const isOfUs = async (one: Stripe.Subscription): Promise<boolean> => {
    if (hasMetadata(one)) return isOurs(installation, one.metadata)
    try {
      const customer = await patiently('look at a customer', () => stripe.customers.retrieve(idOf(one.customer)))
      return customer.deleted !== true && isOurs(installation, customer.metadata)
    } catch (error) {
      if (error instanceof RefusedByStripe) return false
      throw error
    }
  }

  return {
    listSubscriptions: async function* () {
      let startingAfter: string | undefined
      do {
        const page = await patiently('list subscriptions', () =>
          stripe.subscriptions.list({
            status: 'all',
            limit: 100,
            expand: withInvoice,
            ...(startingAfter === undefined ? {} : { starting_after: startingAfter }),
          }),
        )
        const ours: Stripe.Subscription[] = []
        for (const one of page.data) if (await isOfUs(one)) ours.push(one)
        for await (const part of inParts(ours)) yield* await Promise.all(part.map(readListed))
        startingAfter = page.has_more ? page.data.at(-1)?.id : undefined
      } while (startingAfter !== undefined)
    },
  }
}
