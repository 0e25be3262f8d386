import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createStripeClient } from '../../../adapters/stripe/client.ts'
import { createPace } from '../../../adapters/stripe/pace.ts'
import { dropPendingChange } from '../../../adapters/stripe/pending-changes.ts'
import { askingStripe, waitingForTurn } from '../../../adapters/stripe/stripe-errors.ts'
import { createStripePayments } from '../../../adapters/stripe/stripe-payments.ts'
import config from '../../../sitewright.config.ts'
import { type StripeScene, silent } from '../../packages/stripe-stand-in/scene.ts'
import type { OpenedPayments } from './contract.ts'
import { openOnStandIn } from './open-on-stand-in.ts'
import { emptyList, fault, ok, type ScriptedServer, startScriptedServer } from './scripted-server.ts'

const growth = { plan: 'growth', interval: 'month', currency: 'EUR' } as const

describe('a change of price before the stand-in', () => {
  let milliseconds = 0
  let opened: OpenedPayments & Pick<StripeScene, 'act' | 'address' | 'stripe'>
  beforeEach(async () => {
    const minuteLater = () => {
      milliseconds += 60_000
      return milliseconds
    }
    opened = await openOnStandIn(undefined, createPace({ now: minuteLater }))
  })
  afterEach(() => opened.close())

  const requested = async (card: 'failing' | 'authenticates') => {
    const { payments } = opened
    const siteId = 'site_01jq3v5k8m0000000000000000'
    const accountId = 'acct_01jq3v5k8m0000000000000000'
    const customerId = await payments.openCustomer({ accountId, email: 'a@example.com', idempotencyKey: 'customer' })
    const { id } = await payments.openCheckout({
      ...{ siteId, accountId, customerId, price: { ...growth, plan: 'starter' } },
      ...{
        description: 'acme.sites.example',
        successUrl: 'http://localhost/',
        cancelUrl: 'http://localhost/',
        idempotencyKey: 'checkout',
      },
    })
    await opened.pay(id, 'good')
    await opened.changeCard(customerId, card)
    const subscriptionId = (await payments.findCheckout(id))?.subscriptionId ?? ''
    return {
      subscriptionId,
      customerId,
      change: () => payments.changePrice({ subscriptionId, price: growth, idempotencyKey: 'change' }),
      invoices: async () =>
        (await opened.stripe.invoices.list({ subscription: subscriptionId })).data.map(({ status }) => status),
    }
  }
  const declined = { kind: 'PaymentDeclined', message: 'Your card was declined.' }

  it('leaves nothing open after a decline, which is told in the words for cardholders', async () => {
    const { subscriptionId, change, invoices } = await requested('failing')
    await expect(change()).rejects.toMatchObject(declined)
    expect(await opened.payments.getSubscription(subscriptionId)).not.toHaveProperty('pendingChange')
    expect(await invoices()).toEqual(['void', 'paid'])
  })

  it('is dropped by the next attempt where the decline could not be settled', async () => {
    const { subscriptionId, change, invoices } = await requested('failing')
    await opened.act('/outages', { status: 500, method: 'GET', path: '/v1/invoice_payments' })
    await expect(change()).rejects.toMatchObject({ kind: 'Unavailable' })
    expect(await opened.payments.getSubscription(subscriptionId)).toHaveProperty('pendingChange')
    await expect(change()).rejects.toMatchObject(declined)
    expect(await invoices()).toEqual(['void', 'paid'])
  })

  it('is not dropped where it is paid at this moment', async () => {
    const { subscriptionId, change, invoices } = await requested('authenticates')
    await change()
    const { stripe } = opened
    const stale = await stripe.subscriptions.retrieve(subscriptionId)
    await opened.confirm(subscriptionId)
    const world = {
      stripe,
      installation: 'sample',
      catalogue: config,
      tax: 'none' as const,
      asking: askingStripe(silent),
      patiently: waitingForTurn(async () => undefined),
      log: silent,
    }
    expect(await dropPendingChange(world, stale)).toMatchObject({ pending_update: null, status: 'active' })
    expect(await opened.payments.getSubscription(subscriptionId)).toMatchObject({ price: growth })
    expect(await invoices()).toEqual(['paid', 'paid'])
  })
})

describe('a change of price that Stripe does not drop', () => {
  const price = (plan: string) => ({
    ...{ id: `price_${plan}`, object: 'price', lookup_key: `sitewright_${plan}_month_eur`, metadata: {} },
    ...{ unit_amount: { starter: 1900, growth: 7900 }[plan], currency: 'eur' },
    recurring: { interval: 'month', interval_count: 1 },
  })
  const foreign = { id: 'si_0', price: { id: 'price_extra', object: 'price', lookup_key: null, metadata: {} } }
  const subscription = (plan: string, pending?: string) => ({
    ...{ id: 'sub_1', object: 'subscription', status: 'active', customer: 'cus_1', created: 1, metadata: {} },
    ...{ latest_invoice: 'in_1', items: { data: [foreign, { id: 'si_1', price: price(plan) }] } },
    pending_update: pending === undefined ? null : { expires_at: 9, subscription_items: [{ price: price(pending) }] },
  })

  /** @param afterVoid the subscription once Stripe has answered the request to void its invoice. */
  const changing = async (to: string, intent: string, afterVoid: object) => {
    let isAsked = false
    const server = await startScriptedServer(({ url }) => {
      if (url.startsWith('/v1/prices')) return ok({ ...emptyList, data: [price(to)] })
      if (url.startsWith('/v1/invoice_payments')) {
        const last_payment_error = { type: 'card_error', code: 'card_declined', message: 'Your card was declined.' }
        const payment_intent = { id: 'pi_1', object: 'payment_intent', status: intent, last_payment_error }
        return ok({ ...emptyList, data: [{ payment: { payment_intent } }] })
      }
      if (url.endsWith('/void')) {
        isAsked = true
        return fault(400, { type: 'invalid_request_error' })
      }
      return ok(isAsked ? afterVoid : subscription('starter', 'growth'))
    })
    const stripe = createStripeClient({ secretKey: 'sk_test_sample', apiBase: server.apiBase })
    const payments = createStripePayments({ stripe, installation: 'sample', catalogue: config, log: silent })
    const wanted = { ...growth, plan: to }
    return payments
      .changePrice({ subscriptionId: 'sub_1', price: wanted, idempotencyKey: 'change' })
      .finally(() => server.close())
  }

  it('tells the owner that it still waits', async () => {
    const changed = changing('starter', 'processing', subscription('starter', 'growth'))
    await expect(changed).rejects.toMatchObject({ kind: 'TransitionNotAllowed' })
  })

  it('returns the new price if it was paid at this moment, beside an item of somebody else', async () => {
    const changed = await changing('growth', 'requires_payment_method', subscription('growth'))
    expect(changed).toMatchObject({ price: growth })
  })
})

it('changes the price at once where Stripe knows no pending updates, as for bank debits', async () => {
  const price = (id: string, plan: string, unit_amount: number) => ({
    ...{ id, object: 'price', lookup_key: `sitewright_${plan}_month_eur`, unit_amount, currency: 'eur', metadata: {} },
    recurring: { interval: 'month', interval_count: 1 },
  })
  const subscription = (one: object) => ({
    ...{ id: 'sub_1', object: 'subscription', status: 'active', customer: 'cus_1', created: 1, metadata: {} },
    ...{ latest_invoice: 'in_1', pending_update: null, items: { data: [{ id: 'si_1', price: one }] } },
  })
  const [before, after] = [price('price_1', 'starter', 1900), price('price_2', 'growth', 7900)]
  const server: ScriptedServer = await startScriptedServer(({ method, url, body }) => {
    if (url.startsWith('/v1/prices')) return ok({ ...emptyList, data: [after] })
    if (method === 'GET') return ok(subscription(before))
    return body.includes('pending_if_incomplete') ? fault(400, {}) : ok(subscription(after))
  })
  const stripe = createStripeClient({ secretKey: 'sk_test_sample', apiBase: server.apiBase })
  const payments = createStripePayments({ stripe, installation: 'sample', catalogue: config, log: silent })
  const changed = await payments.changePrice({ subscriptionId: 'sub_1', price: growth, idempotencyKey: 'change' })
  expect(changed).toMatchObject({ price: growth })
  const keys = server.asked.flatMap(({ idempotencyKey }) => idempotencyKey ?? [])
  expect(new Set(keys).size).toBe(2)
  await server.close()
})
