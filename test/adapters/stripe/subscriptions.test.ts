import { expect, it } from 'vitest'
import { createStripeClient } from '../../../adapters/stripe/client.ts'
import { createStripePayments } from '../../../adapters/stripe/stripe-payments.ts'
import config from '../../../sitewright.config.ts'
import { emptyList, ok, startScriptedServer } from './scripted-server.ts'

const seconds = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 1000
const line = (amount: number, start: string, end: string, item: string | null = 'si_ours', price = 'price_other') => ({
  object: 'line_item',
  amount,
  parent: item === null ? null : { subscription_item_details: { subscription_item: item } },
  pricing: { price_details: { price } },
  period: { start: seconds(start), end: seconds(end) },
})
const listOf = (data: readonly object[]) => ok({ ...emptyList, data })

/** Reads a subscription that began in January and whose present period is May's. */
const paidThroughOf = async (status: string, paid: readonly (readonly ReturnType<typeof line>[])[]) => {
  const price = { id: 'price_ours', lookup_key: 'sitewright_growth_month_eur' }
  const item = {
    id: 'si_ours',
    price,
    current_period_start: seconds('2026-05-01'),
    current_period_end: seconds('2026-06-01'),
  }
  const subscription = {
    id: 'sub_1',
    object: 'subscription',
    customer: 'cus_1',
    status,
    created: seconds('2026-01-01'),
    metadata: { installation: 'sample', siteId: 'site_01jq3v5k8m0000000000000000' },
    cancel_at: null,
    cancel_at_period_end: false,
    items: { data: [{ id: 'si_added', price: { id: 'price_added', lookup_key: null } }, item] },
  }
  await using server = await startScriptedServer(({ url }) => {
    const { pathname, searchParams } = new URL(url, 'http://localhost')
    if (pathname === '/v1/subscriptions/sub_1') return ok(subscription)
    if (pathname !== '/v1/invoices') return listOf([])
    expect([searchParams.get('subscription'), searchParams.get('status')]).toEqual(['sub_1', 'paid'])
    const invoices = paid.map((lines, at) => ({ id: `in_${at}`, object: 'invoice', lines: { data: lines } }))
    return listOf(invoices.slice(0, Number(searchParams.get('limit'))))
  })
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
  const stripe = createStripeClient({ secretKey: 'sk_test_1', apiBase: server.apiBase })
  const payments = createStripePayments({ stripe, installation: 'sample', catalogue: config, log })
  return (await payments.getSubscription('sub_1'))?.paidThrough
}

it.each(['past_due', 'unpaid', 'paused', 'canceled'])(
  'a %s subscription is paid through the latest paid invoice, although its period moves on',
  async (status) => {
    const paid = [[line(1900, '2026-02-01', '2026-03-01')], [line(1900, '2026-01-01', '2026-02-01')]]
    expect(await paidThroughOf(status, paid)).toBe('2026-03-01T00:00:00.000Z')
    expect(await paidThroughOf(status, [])).toBeUndefined()
  },
)

it('credited time is not paid time', async () => {
  const credit = line(-72_000, '2026-02-01', '2027-01-01')
  expect(await paidThroughOf('canceled', [[credit]])).toBe('2026-02-01T00:00:00.000Z')
  const changed = [credit, line(7900, '2026-02-01', '2026-03-01')]
  expect(await paidThroughOf('past_due', [changed])).toBe('2026-03-01T00:00:00.000Z')
})

it('what staff added to a subscription or its customer is no paid time', async () => {
  const ours = line(7900, '2026-02-01', '2026-03-01')
  const added = line(20_000, '2026-02-01', '2027-02-01', 'si_added', 'price_added')
  expect(await paidThroughOf('canceled', [[ours, added]])).toBe('2026-03-01T00:00:00.000Z')
  const once = line(5000, '2026-02-10', '2026-02-10', null, 'price_once')
  expect(await paidThroughOf('canceled', [[once], [added], [ours]])).toBe('2026-03-01T00:00:00.000Z')
  // An adjustment names no item.
  const adjusted = line(3000, '2026-02-10', '2026-03-01', null, 'price_ours')
  expect(await paidThroughOf('canceled', [[adjusted, added], [line(1900, '2026-01-01', '2026-02-01')]])).toBe(
    '2026-03-01T00:00:00.000Z',
  )
  expect(await paidThroughOf('canceled', [[added]])).toBe('2027-02-01T00:00:00.000Z')
})

it.each(['active', 'trialing'])('a subscription that is %s is paid through its period', async (status) => {
  expect(await paidThroughOf(status, [])).toBe('2026-06-01T00:00:00.000Z')
})

it.each(['incomplete', 'incomplete_expired'])('a subscription that is %s has no paid time', async (status) => {
  expect(await paidThroughOf(status, [])).toBeUndefined()
})
