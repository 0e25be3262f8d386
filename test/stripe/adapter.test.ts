import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createStripeClient } from '../../adapters/stripe/client.ts'
import { createStripePayments } from '../../adapters/stripe/stripe-payments.ts'
import type { AccountId, SiteId } from '../../core/ids.ts'
import type { Payments } from '../../core/ports/payments.ts'
import config from '../../sitewright.config.ts'
import type { ApiProxy } from './api-proxy.ts'
import { openMockProxy } from './mock-proxy.ts'

const siteId: SiteId = 'site_01jq3v5k8m0000000000000000'
const accountId: AccountId = 'acct_01jq3v5k8m0000000000000000'
const price = { plan: 'growth', interval: 'month', currency: 'EUR' } as const
const sold = config.plans.flatMap(({ prices }) => prices).length
const none = () => undefined

let mock: ApiProxy
/** The schema of every subscription in an answer. */
let end: Readonly<Record<string, unknown>>
/** The status of every payment intent in an answer. */
let intent: string
/** Whether every checkout in an answer is complete and unpaid. */
let isUnpaid: boolean
/** What was refunded of every charge in an answer. */
let refunded: number
let payments: Payments

const recurring = { interval: 'month', interval_count: 1 }

/** Changes of the answers, by kind of object. */
const retouches: Readonly<Record<string, (leftover: Record<string, unknown>) => object>> = {
  'checkout.session': () => (isUnpaid ? { status: 'complete', payment_status: 'unpaid', invoice: 'in_1' } : {}),
  charge: () => ({ amount_captured: 1900, amount_refunded: refunded, disputed: true }),
  tax_id: () => ({ id: 'txi_1' }),
  payment_method: () => ({ id: 'pm_1' }),
  invoice: () => ({
    id: 'in_1',
    status: 'open',
    auto_advance: true,
    amount_paid: 1900,
    hosted_invoice_url: 'https://invoice.example/in_1',
  }),
  payment_intent: () => ({ status: intent }),
  subscription: () => ({ ...end, latest_invoice: 'in_1' }),
  price: ({ id }) => {
    const plan = id === 'price_other' ? 'starter' : 'growth'
    return { lookup_key: `sitewright_${plan}_month_eur`, unit_amount: 7900, currency: 'eur', recurring }
  },
  // A price that is not yet the requested one.
  subscription_item: ({ price }) => ({
    price: Object.assign(price as object, { id: 'price_other' }),
    current_period_end: 1_800_000_000,
  }),
}

beforeAll(async () => {
  mock = await openMockProxy((leftover) => {
    if ('metadata' in leftover)
      leftover['metadata'] = { installation: 'sample', siteId, lookupKey: 'sitewright_growth_month_eur' }
    Object.assign(leftover, retouches[String(leftover['object'])]?.(leftover))
  })
  payments = createStripePayments({
    stripe: createStripeClient({ secretKey: 'sk_test_sample', apiBase: mock.apiBase }),
    installation: 'sample',
    catalogue: config,
    log: { info: none, warn: none, error: none },
    tax: 'automatic',
  })
})
beforeEach(() => {
  mock.asked.splice(0)
  // The sample of stripe-mock is paused.
  end = { cancel_at: null, cancel_at_period_end: false, status: 'active', pending_update: null, pause_collection: null }
  intent = 'requires_action'
  refunded = 0
  isUnpaid = false
})
afterAll(() => mock.close())

/** Each call, and what it asks of Stripe in all. */
const calls: readonly (readonly [string, () => Promise<unknown>, readonly string[]])[] = [
  [
    'openCustomer',
    () => payments.openCustomer({ accountId, email: 'ada@example.com', idempotencyKey: 'customer' }),
    ['GET /v1/customers', 'POST /v1/customers'],
  ],
  [
    'redactCustomer',
    () => payments.redactCustomer('cus_1'),
    [
      'POST /v1/customers/cus_1',
      'GET /v1/customers/cus_1/tax_ids',
      'DELETE /v1/customers/cus_1/tax_ids/txi_1',
      'GET /v1/customers/cus_1/payment_methods',
      'POST /v1/payment_methods/pm_1',
      'POST /v1/payment_methods/pm_1/detach',
    ],
  ],
  ['hasCustomer', () => payments.hasCustomer('cus_1'), ['GET /v1/customers/cus_1']],
  [
    'openCheckout',
    () =>
      payments.openCheckout({
        siteId,
        accountId,
        customerId: 'cus_1',
        price,
        successUrl: 'https://example.com/?paid',
        cancelUrl: 'https://example.com/',
        description: 'acme.sites.example',
        idempotencyKey: 'checkout',
      }),
    ['GET /v1/prices', 'POST /v1/checkout/sessions'],
  ],
  [
    'pricesThatDiffer',
    () => payments.pricesThatDiffer(),
    ['GET /v1/prices', 'GET /v1/prices'].slice(0, Math.ceil(sold / 10)),
  ],
  ['findCheckout', () => payments.findCheckout('cs_1'), ['GET /v1/checkout/sessions/cs_1']],
  ['expireCheckout', () => payments.expireCheckout('cs_1'), ['POST /v1/checkout/sessions/cs_1/expire']],
  [
    'openPortal',
    () => payments.openPortal({ customerId: 'cus_1', returnUrl: 'https://example.com/' }),
    ['GET /v1/billing_portal/configurations', 'POST /v1/billing_portal/sessions'],
  ],
  [
    'getSubscription',
    () => payments.getSubscription('sub_1'),
    [
      'GET /v1/subscriptions/sub_1',
      'GET /v1/charges',
      'GET /v1/disputes',
      'GET /v1/invoices',
      'GET /v1/invoice_payments',
    ],
  ],
  [
    'subscriptionsOf',
    () => payments.subscriptionsOf('cus_1'),
    ['GET /v1/subscriptions', 'GET /v1/charges', 'GET /v1/disputes', 'GET /v1/invoices', 'GET /v1/invoice_payments'],
  ],
  [
    'listSubscriptions',
    async () => {
      for await (const subscription of payments.listSubscriptions()) expect(subscription.siteId).toBe(siteId)
    },
    ['GET /v1/subscriptions', 'GET /v1/charges', 'GET /v1/disputes', 'GET /v1/invoices', 'GET /v1/invoice_payments'],
  ],
  ['customerOfDispute', () => payments.customerOfDispute('dp_1'), ['GET /v1/disputes/dp_1']],
  [
    'previewPrice',
    () => payments.previewPrice({ subscriptionId: 'sub_1', price, proratedAt: '2026-11-22T12:00:00.000Z' }),
    ['GET /v1/subscriptions/sub_1', 'GET /v1/prices', 'POST /v1/invoices/create_preview'],
  ],
  [
    'changePrice',
    () => payments.changePrice({ subscriptionId: 'sub_1', price, idempotencyKey: 'change' }),
    [
      'GET /v1/subscriptions/sub_1',
      'GET /v1/prices',
      'POST /v1/subscriptions/sub_1',
      'GET /v1/charges',
      'GET /v1/disputes',
      'GET /v1/invoices',
      'GET /v1/invoice_payments',
    ],
  ],
  [
    'setCancelAtPeriodEnd',
    () => payments.setCancelAtPeriodEnd('sub_1', true),
    ['GET /v1/subscriptions/sub_1', 'POST /v1/subscriptions/sub_1'],
  ],
  ['setCollection', () => payments.setCollection('sub_1', false), ['GET /v1/invoices', 'POST /v1/invoices/in_1']],
  ['cancel', () => payments.cancel('sub_1'), ['DELETE /v1/subscriptions/sub_1']],
  ['refund', () => payments.refund('sub_1'), ['GET /v1/invoices', 'GET /v1/invoice_payments', 'POST /v1/refunds']],
  ['lastInvoice', () => payments.lastInvoice('sub_1'), ['GET /v1/invoices']],
  [
    'refundedOf',
    () => payments.refundedOf('sub_1'),
    ['GET /v1/invoices', 'GET /v1/invoice_payments', 'GET /v1/disputes'],
  ],
  ['patiently', () => payments.patiently(() => payments.hasCustomer('cus_1')), ['GET /v1/customers/cus_1']],
]

it('knows a call for each function of the port', () => {
  expect(calls.map(([name]) => name).toSorted()).toEqual(Object.keys(payments).toSorted())
})

it.each(calls)('%s asks what Stripe understands, and understands the answer', async (_, call, expected) => {
  await call()
  expect(mock.asked.map(({ method, path }) => `${method} ${path}`)).toEqual(expected)
  expect(mock.asked.every(({ status }) => status === 200)).toBe(true)
})

describe('a change of price that waits', () => {
  const replaced = [
    'GET /v1/subscriptions/sub_1',
    'GET /v1/prices',
    'POST /v1/invoices/in_1/void',
    'GET /v1/subscriptions/sub_1',
    'POST /v1/subscriptions/sub_1',
    'GET /v1/invoice_payments',
  ]
  const asked = () => mock.asked.map(({ method, path }) => `${method} ${path}`)
  const change = () => payments.changePrice({ subscriptionId: 'sub_1', price, idempotencyKey: 'change' })
  beforeEach(() => {
    end = { ...end, pending_update: { expires_at: 1_800_000_000, subscription_items: null } }
  })

  it('is replaced, and has a page', async () => {
    expect(await change()).toMatchObject({ confirmUrl: 'https://invoice.example/in_1' })
    expect(asked().slice(0, replaced.length + 1)).toEqual([...replaced, 'GET /v1/invoices/in_1'])
    expect(mock.asked.every(({ status }) => status === 200)).toBe(true)
  })

  it('is dropped after a decline', async () => {
    intent = 'requires_payment_method'
    await expect(change()).rejects.toMatchObject({ kind: 'PaymentDeclined' })
    expect(asked()).toEqual([...replaced, 'POST /v1/invoices/in_1/void', 'GET /v1/subscriptions/sub_1'])
    expect(mock.asked.every(({ status }) => status === 200)).toBe(true)
  })
})

it('asks for the payments of the invoice of a checkout that is complete and unpaid', async () => {
  isUnpaid = true
  intent = 'processing'
  expect(await payments.findCheckout('cs_1')).toMatchObject({ status: 'complete', payment: 'delayed' })
  expect(mock.asked.map(({ method, path, status }) => `${method} ${path} ${status}`)).toEqual([
    'GET /v1/checkout/sessions/cs_1 200',
    'GET /v1/invoice_payments 200',
  ])
})

it.each([
  ['by the period', { cancel_at: 1_800_000_000, cancel_at_period_end: true }],
  ['by a date, as the flexible mode does it', { cancel_at: 1_800_000_000, cancel_at_period_end: false }],
])('setCancelAtPeriodEnd takes back an end that was set %s', async (_, set) => {
  end = { ...end, ...set }
  await payments.setCancelAtPeriodEnd('sub_1', false)
  expect(mock.asked.map(({ method, status }) => `${method} ${status}`)).toEqual(['GET 200', 'POST 200'])
})

it.each([
  [true, ['GET 200', 'POST 200']],
  [false, ['GET 200']],
])('setCancelAtPeriodEnd(%s) of a subscription that ends at a later date', async (cancels, expected) => {
  end = { ...end, cancel_at: 1_800_000_001 }
  await payments.setCancelAtPeriodEnd('sub_1', cancels)
  expect(mock.asked.map(({ method, status }) => `${method} ${status}`)).toEqual(expected)
})

it('asks for the last paid invoice of a subscription that has ended', async () => {
  end = { ...end, status: 'canceled' }
  await payments.getSubscription('sub_1')
  expect(mock.asked.map(({ method, path }) => `${method} ${path}`)).toContain('GET /v1/invoices')
  expect(mock.asked.every(({ status }) => status === 200)).toBe(true)
})

it('asks for the refunds of a charge that was refunded', async () => {
  refunded = 1900
  expect(await payments.refundedOf('sub_1')).toMatchObject({ currency: expect.stringMatching(/^[A-Z]{3}$/) })
  expect(mock.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /v1/invoices',
    'GET /v1/invoice_payments',
    expect.stringMatching(/^GET \/v1\/charges\/ch_/),
    'GET /v1/disputes',
  ])
  expect(mock.asked.every(({ status }) => status === 200)).toBe(true)
})

it('stripe-mock notices what Stripe would not understand', async () => {
  const stripe = createStripeClient({ secretKey: 'sk_test_sample', apiBase: mock.apiBase })
  const params = { cancel_at_period_ends: true }
  await expect(stripe.subscriptions.update('sub_1', params as object)).rejects.toThrow(
    'additional properties are not allowed',
  )
})

it('knows a paused subscription of Stripe, which stays active there', async () => {
  end = { cancel_at: null, cancel_at_period_end: false, status: 'active', pause_collection: { behavior: 'void' } }
  expect(await payments.getSubscription('sub_1')).toMatchObject({
    status: 'paused',
    unusual: ['paused', 'without-tax'],
  })
})
