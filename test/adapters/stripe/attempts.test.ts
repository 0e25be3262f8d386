import { Stripe } from 'stripe'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createPace } from '../../../adapters/stripe/pace.ts'
import { underFreshKey } from '../../../adapters/stripe/stripe-errors.ts'
import type { AccountId, SiteId } from '../../../core/ids.ts'
import type { StripeScene } from '../../packages/stripe-stand-in/scene.ts'
import type { OpenedPayments } from './contract.ts'
import { openOnStandIn } from './open-on-stand-in.ts'

const accountId: AccountId = 'acct_01jq3v5k8m0000000000000000'
const siteId: SiteId = 'site_01jq3v5k8m0000000000000000'
const unavailable = { kind: 'Unavailable' }

let milliseconds = 0
const minuteLater = (): number => {
  milliseconds += 60_000
  return milliseconds
}
let opened: OpenedPayments & Pick<StripeScene, 'act' | 'address' | 'stripe'>
beforeEach(async () => {
  // Each request comes a minute after the one before.
  opened = await openOnStandIn(undefined, createPace({ now: minuteLater }))
})
afterEach(() => opened.close())

const fail = (path: string, does: 'nothing' | 'all' = 'nothing', times = 1) =>
  opened.act('/outages', { status: 500, method: 'POST', path, does, times })
const openCustomer = () =>
  opened.payments.openCustomer({ accountId, email: 'ada@example.com', idempotencyKey: `customer-${accountId}` })
const openCheckout = (customerId: string) =>
  opened.payments.openCheckout({
    siteId,
    accountId,
    customerId,
    price: { plan: 'starter', interval: 'month', currency: 'EUR' },
    successUrl: 'http://localhost/paid',
    cancelUrl: 'http://localhost/back',
    description: 'acme.sites.example',
    idempotencyKey: `checkout-${siteId}-1`,
  })

it.each(['nothing', 'all'] as const)('a 500 that has done %s does not lock an owner out of buying', async (does) => {
  const customerId = await openCustomer()
  await fail('/v1/checkout/sessions', does)
  await expect(openCheckout(customerId)).rejects.toMatchObject(unavailable)
  const session = await openCheckout(customerId)
  expect(session).toMatchObject({ status: 'open' })
  expect(await openCheckout(customerId)).toEqual(session)
  expect(await opened.pay(session.id, 'good')).toBe(true)
  expect(await opened.payments.subscriptionsOf(customerId)).toHaveLength(1)
})

it.each(['nothing', 'all'] as const)('a 500 that has done %s leaves an account with one customer', async (does) => {
  await fail('/v1/customers', does)
  await expect(openCustomer()).rejects.toMatchObject(unavailable)
  const [one, other] = await Promise.all([openCustomer(), openCustomer()])
  expect(one).toBe(other)
  expect((await opened.stripe.customers.list()).data).toHaveLength(1)
})

it('an outage of many attempts ends for the first one after it', async () => {
  const customerId = await openCustomer()
  await fail('/v1/checkout/sessions', 'nothing', 1000)
  for (let call = 0; call < 5; call += 1) await expect(openCheckout(customerId)).rejects.toMatchObject(unavailable)
  await fetch(`${opened.address}/outages`, { method: 'DELETE' })
  const session = await openCheckout(customerId)
  expect(await openCheckout(customerId)).toEqual(session)
  expect((await opened.stripe.checkout.sessions.retrieve(session.id)).status).toBe('open')
})

it('a price is changed once, after an attempt that failed', async () => {
  const customerId = await openCustomer()
  const { id } = await openCheckout(customerId)
  await opened.pay(id, 'good')
  const subscriptionId = (await opened.payments.findCheckout(id))?.subscriptionId ?? ''
  const change = () =>
    opened.payments.changePrice({
      subscriptionId,
      price: { plan: 'growth', interval: 'month', currency: 'EUR' },
      idempotencyKey: 'change-1',
    })
  await fail('/v1/subscriptions')
  await expect(change()).rejects.toMatchObject(unavailable)
  for (const _ of ['first', 'again']) expect(await change()).toMatchObject({ price: { plan: 'growth' } })
  expect((await opened.stripe.invoices.list({ subscription: subscriptionId })).data).toHaveLength(2)
})

it('saved errors under all counted keys lock nobody out: further attempts have random keys', async () => {
  const saved = new Stripe.errors.StripeAPIError({ type: 'api_error', headers: { 'idempotent-replayed': 'true' } })
  const asked: string[] = []
  const attempt = () =>
    underFreshKey('key', async ({ idempotencyKey }) => {
      asked.push(idempotencyKey)
      if (/^key(-\d+)?$/.test(idempotencyKey)) throw saved
      return idempotencyKey
    })
  const [one, other] = [await attempt(), await attempt()]
  expect(one).toMatch(/^key-[0-9a-f-]{36}$/)
  expect(other).not.toBe(one)
  expect(asked).toHaveLength(62)
  await expect(underFreshKey('key', () => Promise.reject(saved))).rejects.toBe(saved)
})
