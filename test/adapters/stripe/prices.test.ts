import { expect, it } from 'vitest'
import { createStripeClient } from '../../../adapters/stripe/client.ts'
import { createStripePayments } from '../../../adapters/stripe/stripe-payments.ts'
import { planSync } from '../../../adapters/stripe/sync/sync-catalogue.ts'
import type { PriceChoice } from '../../../core/ports/payments.ts'
import config from '../../../sitewright.config.ts'
import { keys, openStripeScene } from '../../packages/stripe-stand-in/scene.ts'

const who = { accountId: 'acct_01jq3v5k8m0000000000000000', siteId: 'site_01jq3v5k8m0000000000000000' } as const
const growth: PriceChoice = { plan: 'growth', interval: 'month', currency: 'EUR' }
const lookupKey = 'sitewright_growth_month_eur'
const wanted = '7900 EUR a month'

const open = async () => {
  const scene = await openStripeScene()
  const stripe = createStripeClient({ secretKey: keys.secretKey, apiBase: scene.address })
  await (await planSync({ stripe, installation: 'sample', plans: config.plans, brand: 'Sample' })).apply()
  const logged: object[] = []
  const line = (fields: object) => void logged.push(fields)
  const log = { info: line, warn: line, error: line }
  const payments = createStripePayments({ stripe, installation: 'sample', catalogue: config, log })
  const customerId = await payments.openCustomer({ ...who, email: 'ada@example.com', idempotencyKey: 'customer' })
  const buy = (price: PriceChoice) =>
    payments.openCheckout({
      ...who,
      customerId,
      price,
      successUrl: 'http://localhost/paid',
      cancelUrl: 'http://localhost/back',
      description: 'acme.sites.example',
      idempotencyKey: `checkout-${price.plan}-${price.interval}`,
    })
  return { scene, stripe, payments, logged, buy, [Symbol.asyncDispose]: scene[Symbol.asyncDispose] }
}

it('has nothing to report after stripe:sync', async () => {
  await using opened = await open()
  expect(await opened.payments.pricesThatDiffer()).toEqual([])
  expect(await opened.buy(growth)).toMatchObject({ status: 'open' })
})

it.each([
  ['amount', { unit_amount: 1900 }, '1900 EUR a month'],
  ['currency', { currency: 'usd' }, '7900 USD a month'],
  ['interval', { recurring: { interval: 'year' } }, '7900 EUR a year'],
] as const)('a price whose %s differs is not sold, and is reported', async (_, differs, found) => {
  await using opened = await open()
  const { data } = await opened.stripe.prices.list({ lookup_keys: [lookupKey] })
  await opened.stripe.prices.create({
    product: String(data[0]?.product),
    currency: 'eur',
    unit_amount: 7900,
    recurring: { interval: 'month' },
    ...differs,
    lookup_key: lookupKey,
    transfer_lookup_key: true,
  })
  const difference = { lookupKey, wanted, found }
  expect(await opened.payments.pricesThatDiffer()).toEqual([difference])
  await expect(opened.buy(growth)).rejects.toMatchObject({ kind: 'Unavailable', retryAfterSeconds: 60 })
  expect(opened.logged).toEqual([{ event: 'price-differs', ...difference }])

  const { id } = await opened.buy({ ...growth, plan: 'starter' })
  await opened.scene.act(`/checkout/${id}/pay`, { card: '4242424242424242' })
  const subscriptionId = (await opened.payments.findCheckout(id))?.subscriptionId ?? ''
  const change = opened.payments.changePrice({ subscriptionId, price: growth, idempotencyKey: 'change' })
  await expect(change).rejects.toMatchObject({ kind: 'Unavailable' })
})

it('a price that is archived is reported', async () => {
  await using opened = await open()
  const { data } = await opened.stripe.prices.list({ lookup_keys: [lookupKey] })
  await opened.stripe.prices.update(data[0]?.id ?? '', { active: false })
  expect(await opened.payments.pricesThatDiffer()).toEqual([{ lookupKey, wanted, found: undefined }])
})

it('a plan that is kept keeps its price, also where a newer one is sold', async () => {
  await using opened = await open()
  const { id } = await opened.buy(growth)
  await opened.scene.act(`/checkout/${id}/pay`, { card: '4242424242424242' })
  const subscriptionId = (await opened.payments.findCheckout(id))?.subscriptionId ?? ''
  const priceNow = async () => (await opened.stripe.subscriptions.retrieve(subscriptionId)).items.data[0]?.price
  const agreed = await priceNow()
  const newer = await opened.stripe.prices.create({
    product: String(agreed?.product),
    currency: 'eur',
    unit_amount: 7900,
    recurring: { interval: 'month' },
    metadata: agreed?.metadata ?? {},
    lookup_key: lookupKey,
    transfer_lookup_key: true,
  })
  expect(newer.id).not.toBe(agreed?.id)
  await opened.payments.changePrice({ subscriptionId, price: growth, idempotencyKey: 'change' })
  expect((await priceNow())?.id).toBe(agreed?.id)
})
