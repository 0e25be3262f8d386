import type { Stripe } from 'stripe'
import type { Payments, Subscription } from '../../core/ports/payments.ts'
import { lookAtCharges } from './customer-charges.ts'
import { isOurs } from './ours.ts'
import { readSubscription } from './read-subscription.ts'
import type { Asking } from './stripe-errors.ts'
import { isMissing, isMissingCustomer } from './stripe-errors.ts'
import type { StripeWorld } from './stripe-world.ts'
import { waitingForTurn } from './waiting-for-turn.ts'

/** So many are asked for what was paid for them at the same time; Stripe allows 25 requests a second in test mode. */
const atOnce = 5

async function* inParts(subscriptions: AsyncIterable<Stripe.Subscription>): AsyncGenerator<Stripe.Subscription[]> {
  let part: Stripe.Subscription[] = []
  for await (const subscription of subscriptions) {
    part.push(subscription)
    if (part.length < atOnce) continue
    yield part
    part = []
  }
  if (part.length > 0) yield part
}

/** @returns undefined where Stripe knows none of this id. */
export const findSubscription = async (
  { stripe }: StripeWorld,
  id: string,
): Promise<Stripe.Subscription | undefined> => {
  try {
    return await stripe.subscriptions.retrieve(id)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** What reads subscriptions, each with what was paid for it. */
export const createSubscriptions = (
  world: StripeWorld,
): Pick<Payments, 'getSubscription' | 'subscriptionsOf' | 'listSubscriptions'> => {
  const { stripe, installation, asking, log } = world

  const readAll = async (subscriptions: AsyncIterable<Stripe.Subscription>): Promise<Subscription[]> => {
    const all: Subscription[] = []
    const charges = lookAtCharges(stripe)
    for await (const part of inParts(subscriptions)) {
      all.push(...(await Promise.all(part.map((one) => readSubscription(world, one, charges)))))
    }
    return all
  }

  const patiently: Asking = (act, ask) => asking(act, () => waitingForTurn(ask))

  return {
    getSubscription: (id) =>
      asking('look at a subscription', async () => {
        const found = await findSubscription(world, id)
        return found === undefined ? undefined : readSubscription(world, found)
      }),

    subscriptionsOf: (customerId) =>
      asking('list the subscriptions of a customer', async () => {
        try {
          return await readAll(stripe.subscriptions.list({ customer: customerId, status: 'all', limit: 100 }))
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
            ...(startingAfter === undefined ? {} : { starting_after: startingAfter }),
          }),
        )
        const ours = page.data.filter(({ metadata }) => isOurs(installation, metadata))
        for (let first = 0; first < ours.length; first += atOnce) {
          const part = ours.slice(first, first + atOnce)
          const read = await Promise.all(
            part.map((one) => patiently('read a subscription', () => readSubscription(world, one))),
          )
          yield* read
        }
        startingAfter = page.has_more ? page.data.at(-1)?.id : undefined
      } while (startingAfter !== undefined)
    },
  }
}
