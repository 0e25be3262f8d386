import { setTimeout as pause } from 'node:timers/promises'
import type { Stripe } from 'stripe'
import { lookupKeyOf } from '../../../adapters/stripe/ours.ts'
import { createStripePayments } from '../../../adapters/stripe/stripe-payments.ts'
import { planSync } from '../../../adapters/stripe/sync/sync-catalogue.ts'
import type { Plan } from '../../../core/plan/plan.ts'
import config from '../../../sitewright.config.ts'
import { accountId, type OpenedSubscriptions, siteId } from './life-contract.ts'

const none = () => undefined
const silent = { info: none, warn: none, error: none }

const daySeconds = 86_400

/** https://docs.stripe.com/testing */
const cards = {
  good: 'pm_card_visa',
  failing: 'pm_card_chargeCustomerFail',
  authenticates: 'pm_card_authenticationRequired',
} as const

/** The plans of the contract in euros, with the run's name in their ids, so that its prices have lookup keys of their own. */
const plansOf = (run: string): readonly Plan[] =>
  config.plans
    .filter(({ id }) => id === 'starter' || id === 'growth')
    .map((plan) => ({
      ...plan,
      id: `${plan.id}-${run}`,
      prices: plan.prices.filter(({ currency }) => currency === 'EUR'),
    }))

export interface Sandbox {
  /** With a test clock of its own, whose end deletes its customers and subscriptions. */
  readonly open: () => Promise<OpenedSubscriptions>
  /** Archives what the run has made: Stripe deletes no price. */
  readonly close: () => Promise<void>
}

/** The attempts at looking whether a clock has arrived, one in two seconds. */
const maxChecks = 150

const turnTo = async (stripe: Stripe, clock: string, frozen_time: number, pauseMilliseconds: number): Promise<void> => {
  await stripe.testHelpers.testClocks.advance(clock, { frozen_time })
  for (let check = 0; check < maxChecks; check += 1) {
    const { status } = await stripe.testHelpers.testClocks.retrieve(clock)
    if (status === 'ready') return
    if (status === 'internal_failure') break
    await pause(pauseMilliseconds)
  }
  throw new Error(`the test clock ${clock} does not arrive`)
}

/**
 * The adapter before a sandbox of Stripe: https://docs.stripe.com/billing/testing/test-clocks
 * @param run names this run, in lower-case letters and digits.
 */
export const openSandbox = async (stripe: Stripe, run: string, pauseMilliseconds = 2000): Promise<Sandbox> => {
  const installation = `contract-${run}`
  const plans = plansOf(run)
  const sync = async (wanted: readonly Plan[]) =>
    (await planSync({ stripe, installation, plans: wanted, brand: 'Contract' })).apply()
  await sync(plans)
  const payments = createStripePayments({ stripe, installation, catalogue: { plans }, log: silent })

  const giveCard = async (customer: string, card: keyof typeof cards): Promise<void> => {
    const { id } = await stripe.paymentMethods.attach(cards[card], { customer })
    await stripe.customers.update(customer, { invoice_settings: { default_payment_method: id } })
  }

  const open = async (): Promise<OpenedSubscriptions> => {
    let now = Math.floor(Date.now() / 1000)
    const clock = await stripe.testHelpers.testClocks.create({ frozen_time: now, name: installation })
    return {
      payments,
      plans: { starter: `starter-${run}`, growth: `growth-${run}` },
      subscribe: async (choice) => {
        const metadata = { installation, accountId, siteId }
        const customer = await stripe.customers.create({ email: 'ada@example.com', test_clock: clock.id, metadata })
        await giveCard(customer.id, 'good')
        const { data } = await stripe.prices.list({ lookup_keys: [lookupKeyOf(choice)] })
        const { id } = await stripe.subscriptions.create({
          ...{ customer: customer.id, items: [{ price: data[0]?.id ?? '' }], metadata },
          payment_behavior: 'error_if_incomplete',
        })
        return { customerId: customer.id, subscriptionId: id }
      },
      changeCard: async (customer, card) => {
        await giveCard(customer, card)
        if (card !== 'good') return
        const { data } = await stripe.invoices.list({ customer, status: 'open' })
        for (const { id } of data) await stripe.invoices.pay(id)
      },
      // The API cannot confirm with a bank. Another card pays the same invoice.
      confirm: async (subscription) => {
        const { latest_invoice, customer } = await stripe.subscriptions.retrieve(subscription)
        const { id } = await stripe.paymentMethods.attach(cards.good, { customer: String(customer) })
        await stripe.invoices.pay(String(latest_invoice), { payment_method: id })
      },
      pause: (id, behavior) => stripe.subscriptions.update(id, { pause_collection: { behavior } }),
      resume: (id) => stripe.subscriptions.update(id, { pause_collection: '' }),
      endAt: (id, instant) =>
        stripe.subscriptions.update(id, {
          cancel_at: Math.floor(Date.parse(instant) / 1000),
          proration_behavior: 'none',
        }),
      writeOff: async (subscription) => {
        const { latest_invoice } = await stripe.subscriptions.retrieve(subscription)
        await stripe.invoices.markUncollectible(String(latest_invoice))
      },
      turnDays: async (days) => {
        now += Math.round(days * daySeconds)
        await turnTo(stripe, clock.id, now, pauseMilliseconds)
      },
      now: () => new Date(now * 1000).toISOString(),
      close: async () => {
        await stripe.testHelpers.testClocks.del(clock.id)
      },
    }
  }

  return {
    open,
    close: async () => {
      await sync([])
      for await (const { id, metadata } of stripe.billingPortal.configurations.list({ active: true, limit: 100 })) {
        if (metadata?.['installation'] === installation) {
          await stripe.billingPortal.configurations.update(id, { active: false })
        }
      }
    },
  }
}
