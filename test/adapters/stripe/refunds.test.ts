import { expect, it } from 'vitest'
import { disputesOf } from '../../../adapters/stripe/charges.ts'
import { createStripeClient } from '../../../adapters/stripe/client.ts'
import { createStripePayments } from '../../../adapters/stripe/stripe-payments.ts'
import { createWebhookSignatures } from '../../../adapters/stripe/webhook-signatures.ts'
import config from '../../../sitewright.config.ts'
import { openOnStandIn } from './open-on-stand-in.ts'
import { bytesOf, eventAbout, headerOf, sampleSecret, sampleSite } from './sample-events.ts'
import { fault, ok, type ScriptedAnswer, startScriptedServer } from './scripted-server.ts'

const listOf = (url: string, leftover: object) => ok({ object: 'list', data: [leftover], has_more: false, url })
const charge = { id: 'ch_1', object: 'charge', amount_captured: 1900, amount_refunded: 0, currency: 'eur', created: 1 }
const payment = { type: 'payment_intent', payment_intent: { object: 'payment_intent', latest_charge: charge } }

const refund = async (answer: ScriptedAnswer) => {
  await using server = await startScriptedServer(({ method, url }) => {
    if (method === 'POST') return answer
    return url.startsWith('/v1/invoices')
      ? listOf('/v1/invoices', { id: 'in_1', object: 'invoice', amount_paid: 1900 })
      : listOf('/v1/invoice_payments', { id: 'inpay_1', object: 'invoice_payment', payment })
  })
  const warned: string[] = []
  const log = {
    info: () => undefined,
    error: () => undefined,
    warn: (_: object, text: string) => void warned.push(text),
  }
  const stripe = createStripeClient({ secretKey: 'sk_test_1', apiBase: server.apiBase })
  await createStripePayments({ stripe, installation: 'sample', catalogue: config, log }).refund('sub_1')
  return { warned, made: server.asked.flatMap(({ method, body }) => (method === 'POST' ? [body] : [])) }
}

it('refunds a charge in full', async () => {
  const { made, warned } = await refund(ok({ id: 're_1', object: 'refund', status: 'succeeded' }))
  expect(made).toEqual(['charge=ch_1&metadata[installation]=sample'])
  expect(warned).toEqual([])
})

it.each(['balance_insufficient', 'charge_disputed', 'charge_already_refunded'])(
  'leaves a charge as it is where Stripe refuses: %s',
  async (code) => {
    const refused = { type: 'invalid_request_error', code, message: 'No.' }
    expect((await refund({ status: 400, body: { error: refused } })).warned).toHaveLength(1)
  },
)

it.each([
  ['needs_response', true, 0],
  ['warning_under_review', true, 0],
  ['appeal_needs_response', true, 0],
  ['appeal_under_review', true, 0],
  ['a_status_of_tomorrow', true, 0],
  ['lost', false, 1900],
  ['won', false, 0],
  ['prevented', false, 0],
  ['warning_closed', false, 0],
])('reads a dispute that is %s', async (status, isOpen, lost) => {
  await using server = await startScriptedServer(() =>
    listOf('/v1/disputes', { id: 'du_1', object: 'dispute', status, amount: 1900 }),
  )
  const stripe = createStripeClient({ secretKey: 'sk_test_1', apiBase: server.apiBase })
  expect(await disputesOf(stripe, { id: 'ch_1', disputed: true })).toEqual({ id: 'ch_1', isOpen, lost })
})

it('asks again later where Stripe is down', async () => {
  await expect(refund(fault(503, { type: 'api_error', message: 'Down.' }))).rejects.toMatchObject({
    kind: 'Unavailable',
  })
})

it('names its site, so that its failure finds it although Stripe names no customer', async () => {
  await using opened = await openOnStandIn()
  const { payments, stripe } = opened
  const accountId = 'acct_01jq3v5k8m0000000000000000'
  const customerId = await payments.openCustomer({ accountId, email: 'ada@example.com', idempotencyKey: 'customer' })
  const { id } = await payments.openCheckout({
    ...{ accountId, customerId, siteId: sampleSite, idempotencyKey: 'checkout' },
    price: { plan: 'growth', interval: 'month', currency: 'EUR' },
    ...{ description: 'acme.sites.example', successUrl: 'http://localhost/paid', cancelUrl: 'http://localhost/back' },
  })
  await opened.pay(id, 'good')
  await payments.refund(String((await payments.findCheckout(id))?.subscriptionId))
  await opened.failRefund()
  const [event] = (await stripe.events.list({ type: 'refund.failed', limit: 1 })).data
  const refund = { ...event?.data.object, customer: null }
  expect(refund).toMatchObject({ metadata: { installation: 'sample', siteId: sampleSite } })
  const body = bytesOf(eventAbout(refund, { type: 'refund.failed' }))
  const now = '2026-03-01T12:00:00.000Z'
  const notice = createWebhookSignatures({ secrets: [sampleSecret], clock: () => now }).verify(
    body,
    headerOf(body, Date.parse(now) / 1000),
  )
  expect(notice).toEqual({ id: 'evt_1Sample', type: 'refund.failed', isLive: false, siteId: sampleSite })
})

it('what a subscription took of its customer’s credit is left for a person', async () => {
  await using opened = await openOnStandIn()
  const { payments } = opened
  const accountId = 'acct_01jq3v5k8m0000000000000000'
  const customerId = await payments.openCustomer({ accountId, email: 'ada@example.com', idempotencyKey: 'customer' })
  const buy = async (plan: string, interval: 'month' | 'year') => {
    const { id } = await payments.openCheckout({
      ...{ accountId, customerId, siteId: 'site_01jq3v5k8m0000000000000000', idempotencyKey: plan },
      price: { plan, interval, currency: 'EUR' },
      ...{ description: 'acme.sites.example', successUrl: 'http://localhost/paid', cancelUrl: 'http://localhost/back' },
    })
    await opened.pay(id, 'good')
    return String((await payments.findCheckout(id))?.subscriptionId)
  }
  const first = await buy('growth', 'year')
  const month = { plan: 'growth', interval: 'month', currency: 'EUR' } as const
  await payments.changePrice({ subscriptionId: first, price: month, idempotencyKey: 'change' })
  const second = await buy('starter', 'month')
  expect(await payments.refundedOf(second)).toEqual({ amount: 0, left: 1900, currency: 'EUR' })
  await payments.refund(second)
  expect(await payments.refundedOf(second)).toMatchObject({ left: 1900 })
  expect(await payments.refundedOf(second, '2100-01-01T00:00:00.000Z')).toBeUndefined()
})

it.each([
  [0, 1900],
  [1900, undefined],
])('a credit note of %s gives credit back', async (returned, left) => {
  const invoice = {
    ...{ id: 'in_1', object: 'invoice', created: 1, currency: 'eur', amount_paid: 0 },
    ...{ starting_balance: -5000, ending_balance: -3100, post_payment_credit_notes_amount: returned },
  }
  await using server = await startScriptedServer(() => listOf('/v1/invoices', invoice))
  const stripe = createStripeClient({ secretKey: 'sk_test_1', apiBase: server.apiBase })
  const log = { info: () => undefined, error: () => undefined, warn: () => undefined }
  const payments = createStripePayments({ stripe, installation: 'sample', catalogue: config, log })
  expect((await payments.refundedOf('sub_1'))?.left).toBe(left)
})
