import { createStripeClient } from '../../../adapters/stripe/client.ts'
import type { Pace } from '../../../adapters/stripe/pace.ts'
import { createStripePayments } from '../../../adapters/stripe/stripe-payments.ts'
import { planSync } from '../../../adapters/stripe/sync/sync-catalogue.ts'
import config from '../../../sitewright.config.ts'
import { cards, keys, openStripeScene, type StripeScene, silent } from '../../packages/stripe-stand-in/scene.ts'
import type { OpenedPayments } from './contract.ts'

const installation = 'sample'

/**
 * The adapter before the stand-in, through HTTP.
 * @param between gives the address to ask in place of the stand-in's.
 */
export const openOnStandIn = async (
  between: (address: string) => Promise<string> = async (address) => address,
  pace?: Pace,
): Promise<OpenedPayments & AsyncDisposable & Pick<StripeScene, 'act' | 'address' | 'stripe'>> => {
  const scene = await openStripeScene()
  const stripe = createStripeClient({
    secretKey: keys.secretKey,
    apiBase: await between(scene.address),
    ...(pace && { pace }),
  })
  await (await planSync({ stripe, installation, plans: config.plans, brand: 'Sample' })).apply()
  return {
    act: scene.act,
    address: scene.address,
    stripe,
    payments: createStripePayments({ stripe, installation, catalogue: config, log: silent }),
    subscribeForeigner: async (customer) => {
      const { data } = await stripe.prices.list({ lookup_keys: ['sitewright_growth_month_eur'] })
      const session = await stripe.checkout.sessions.create({
        mode: 'subscription',
        customer,
        line_items: [{ price: data[0]?.id ?? '', quantity: 1 }],
        success_url: 'http://localhost/',
      })
      await scene.act(`/checkout/${session.id}/pay`, { card: cards.good })
      return String((await stripe.checkout.sessions.retrieve(session.id)).subscription)
    },
    pay: async (id, card) => (await scene.act(`/checkout/${id}/pay`, { card: cards[card] })).status === 200,
    changeCard: async (customer, card) => {
      const path = `/customers/${customer}/card`
      const numbers = { good: cards.good, failing: cards.failsLater, authenticates: cards.authenticates }
      const { status } = await scene.act(path, { card: numbers[card] })
      if (status !== 200) throw new Error(`the card was answered with ${status}`)
    },
    confirm: async (subscription) => {
      const { latest_invoice } = await stripe.subscriptions.retrieve(subscription)
      const { status } = await scene.act(`/invoices/${String(latest_invoice)}/pay`, {})
      if (status !== 200) throw new Error(`the confirmation was answered with ${status}`)
    },
    deleteCustomer: async (customer) => {
      await stripe.customers.del(customer)
    },
    dispute: async (subscription) => {
      const { json } = await scene.act('/disputes', { subscription })
      return String(json['id'])
    },
    decide: async (id, outcome) => {
      const { status } = await scene.act(`/disputes/${id}`, { outcome })
      if (status !== 200) throw new Error(`the dispute was answered with ${status}`)
    },
    failRefund: async () => {
      const [latest] = (await stripe.refunds.list({ limit: 1 })).data
      const { status } = await scene.act(`/refunds/${latest?.id}`, { outcome: 'failed' })
      if (status !== 200) throw new Error(`the refund was answered with ${status}`)
    },
    pause: (id, behavior) => stripe.subscriptions.update(id, { pause_collection: { behavior } }),
    resume: (id) => stripe.subscriptions.update(id, { pause_collection: '' }),
    endAt: (id, instant) => stripe.subscriptions.update(id, { cancel_at: Math.floor(Date.parse(instant) / 1000) }),
    writeOff: async (subscription) => {
      const { latest_invoice } = await stripe.subscriptions.retrieve(subscription)
      await stripe.invoices.markUncollectible(String(latest_invoice))
    },
    turnDays: scene.turnDays,
    now: scene.now,
    close: async () => scene[Symbol.asyncDispose](),
    [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose](),
  }
}
