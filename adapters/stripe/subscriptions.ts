import type { Stripe } from 'stripe'
import {
  type Payments,
  RefusedByStripe,
  type RefusedSubscription,
  type Subscription,
} from '../../core/ports/payments.ts'
import { lookAtDisputes } from './charges.ts'
import { idOf, isOurs, type StripeWorld, siteOf } from './ours.ts'
import { findSubscription, hasMetadata, readKnown } from './read-subscription.ts'
import { type Asking, isMissingCustomer } from './stripe-errors.ts'

/** How many subscriptions' payments are read at the same time; Stripe allows 25 requests a second in test mode. */
const atOnce = 5

/** Shows discounts, wherever they come from, without a request of their own. */
const withInvoice = ['data.latest_invoice']

async function* inParts(
  subscriptions: Iterable<Stripe.Subscription> | AsyncIterable<Stripe.Subscription>,
): AsyncGenerator<Stripe.Subscription[]> {
  let part: Stripe.Subscription[] = []
  for await (const subscription of subscriptions) {
    part.push(subscription)
    if (part.length < atOnce) continue
    yield part
    part = []
  }
  if (part.length > 0) yield part
}

/** Reads subscriptions, each with what was paid for it. */
export const createSubscriptions = (
  world: StripeWorld,
): Pick<Payments, 'getSubscription' | 'subscriptionsOf' | 'listSubscriptions'> => {
  const { stripe, installation, asking, log } = world

  const readAll = async (subscriptions: AsyncIterable<Stripe.Subscription>): Promise<Subscription[]> => {
    const all: Subscription[] = []
    const disputed = lookAtDisputes(stripe)
    for await (const part of inParts(subscriptions)) {
      all.push(...(await Promise.all(part.map((one) => readKnown(world, one, disputed)))))
    }
    return all
  }

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
    getSubscription: (id) =>
      asking('look at a subscription', async () => {
        const found = await findSubscription(world, id)
        return found === undefined ? undefined : readKnown(world, found)
      }),

    subscriptionsOf: (customerId) =>
      asking('list the subscriptions of a customer', async () => {
        try {
          const wanted = { customer: customerId, status: 'all', limit: 100, expand: withInvoice } as const
          return await readAll(stripe.subscriptions.list(wanted))
        } catch (error) {
          if (!isMissingCustomer(error)) throw error
          log.warn({ customerId }, 'Stripe does not know a customer: it is of another account or mode, or was deleted')
          return []
        }
      }),

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
