import type { Stripe } from 'stripe'
import { expect, it } from 'vitest'
import { readSubscription } from '../../../adapters/stripe/subscriptions.ts'
import type { Subscription } from '../../../core/ports/payments.ts'
import { siteId } from './life-contract.ts'
import { openOnStandIn } from './open-on-stand-in.ts'

/**
 * What we do with each field of Stripe's subscription: `read`, or why it does not matter for whether a site is paid for. A field that
 * comes with a new version of the client does not compile until somebody has decided about it.
 */
const fields = {
  automatic_tax: 'read',
  cancel_at: 'read',
  cancel_at_period_end: 'read',
  collection_method: 'read',
  created: 'read',
  customer: 'read',
  id: 'read',
  items: 'read',
  latest_invoice: 'read',
  metadata: 'read',
  pause_collection: 'read',
  pending_update: 'read',
  status: 'read',
  discounts: 'its latest invoice has them, with those of the customer and of the item',
  trial_end: 'the status is `trialing` until then',
  trial_start: 'the status is `trialing` since then',
  trial_settings: 'the status says what the end of a trial came to',
  status_details: 'details of the status',
  schedule: 'what it changes is in the other fields then',
  billing_schedules: 'what they change is in the items then',
  canceled_at: 'the status and `cancel_at` say it',
  cancellation_details: 'the reason does not matter',
  ended_at: 'the status says it',
  days_until_due: 'goes with `collection_method`',
  currency: 'its price has it',
  presentment_details: 'how the customer saw the amounts',
  start_date: '`created` is the time of the purchase',
  billing_cycle_anchor: 'the item has its period',
  billing_cycle_anchor_config: 'the item has its period',
  billing_mode: 'the item has its period in both modes',
  billing_thresholds: 'our prices are not metered',
  pending_invoice_item_interval: 'we make no invoice items',
  next_pending_invoice_item_invoice: 'we make no invoice items',
  pending_setup_intent: 'the status says whether a payment succeeded',
  default_payment_method: 'the status says whether a payment succeeded',
  default_source: 'the status says whether a payment succeeded',
  payment_settings: 'the status says whether a payment succeeded',
  invoice_settings: 'how invoices look',
  default_tax_rates: 'tax comes on top of the price',
  managed_payments: 'who sells, not whether it is paid',
  application: 'we are no platform',
  application_fee_percent: 'we are no platform',
  customer_account: 'we are no platform',
  on_behalf_of: 'we are no platform',
  transfer_data: 'we are no platform',
  description: 'we write it, for the customer to read',
  livemode: 'the key decides it',
  test_clock: 'of tests',
  object: 'always `subscription`',
} as const satisfies Record<Exclude<keyof Stripe.Subscription, 'lastResponse'>, string>

const opened = async () => {
  const scene = await openOnStandIn()
  const customer = await scene.payments.openCustomer({
    accountId: 'acct_01jq3v5k8m0000000000000000',
    ...{ email: 'ada@example.com', idempotencyKey: 'customer' },
  })
  const session = await scene.payments.openCheckout({
    ...{ siteId, accountId: 'acct_01jq3v5k8m0000000000000000', customerId: customer, idempotencyKey: 'checkout' },
    price: { plan: 'growth', interval: 'month', currency: 'EUR' },
    ...{ description: 'acme.sites.example', successUrl: 'http://localhost/', cancelUrl: 'http://localhost/' },
  })
  await scene.pay(session.id, 'good')
  const [bought] = await scene.payments.subscriptionsOf(customer)
  const id = bought?.id ?? ''
  const listed = async () => {
    for await (const one of scene.payments.listSubscriptions()) if (one.id === id && 'status' in one) return one
    throw new Error('the subscription is not listed')
  }
  return { scene, id, customer, listed }
}

it('reads the fields that change what a status means, and no other', async () => {
  const { scene, id } = await opened()
  const read = new Set<string>()
  const subscription = new Proxy(await scene.stripe.subscriptions.retrieve(id), {
    get: (target, name, receiver) => {
      read.add(String(name))
      return Reflect.get(target, name, receiver)
    },
  })
  await readSubscription({ stripe: scene.stripe, installation: 'sample', tax: 'automatic' }, subscription)
  expect([...read].toSorted()).toEqual(
    Object.keys(fields)
      .filter((name) => Reflect.get(fields, name) === 'read')
      .toSorted(),
  )
  await scene.close()
})

it('names its site to the customer', async () => {
  const { scene, id } = await opened()
  expect(await scene.stripe.subscriptions.retrieve(id)).toMatchObject({ description: 'acme.sites.example' })
  await scene.close()
})

it('lists one without tax where Stripe Tax is to add it, while it continues', async () => {
  const { scene, id } = await opened()
  const plain = await scene.stripe.subscriptions.retrieve(id)
  const taxed = { ...plain, automatic_tax: { ...plain.automatic_tax, enabled: true } }
  const over = { ...plain, status: 'canceled' as const }
  const unusualOf = async (one: typeof taxed, tax: 'automatic' | 'none') =>
    (await readSubscription({ stripe: scene.stripe, installation: 'sample', tax }, one)).unusual
  expect(await unusualOf(plain, 'automatic')).toEqual(['without-tax'])
  expect(await unusualOf(taxed, 'automatic')).toBeUndefined()
  expect(await unusualOf(over, 'automatic')).toBeUndefined()
  expect(await unusualOf(plain, 'none')).toBeUndefined()
  await scene.close()
})

const seconds = (days: number): number => Math.floor(Date.now() / 1000) + days * 86_400
type Opened = Awaited<ReturnType<typeof opened>>

/** What staff sets at Stripe, how many days later we look, and what we see. */
const terms: readonly (readonly [string, (opened: Opened) => Promise<unknown>, number, Partial<Subscription>])[] = [
  [
    'a pause that ends by itself, before that',
    ({ scene, id }) =>
      scene.stripe.subscriptions.update(id, { pause_collection: { behavior: 'void', resumes_at: seconds(50) } }),
    ...([45, { status: 'paused', unusual: ['paused'] }] as const),
  ],
  [
    'an invoice that is not due',
    ({ scene, id }) => scene.stripe.subscriptions.update(id, { collection_method: 'send_invoice', days_until_due: 10 }),
    ...([35, { status: 'active', unusual: ['sends-invoices'] }] as const),
  ],
  [
    'an invoice that is overdue',
    ({ scene, id }) => scene.stripe.subscriptions.update(id, { collection_method: 'send_invoice', days_until_due: 10 }),
    ...([45, { status: 'past_due', unusual: ['sends-invoices'] }] as const),
  ],
  [
    'a discount of 100 %',
    ({ scene, id }) => scene.act(`/subscriptions/${id}/discount`, {}),
    ...([35, { status: 'active', unusual: ['free-by-discount'] }] as const),
  ],
  [
    'a trial at Stripe',
    ({ scene, id }) => scene.stripe.subscriptions.update(id, { trial_end: seconds(60) }),
    ...([35, { status: 'trialing', unusual: ['in-stripe-trial'] }] as const),
  ],
  [
    'an end at a later date',
    ({ scene, id }) => scene.stripe.subscriptions.update(id, { cancel_at: seconds(100) }),
    ...([35, { status: 'active', cancelsAtPeriodEnd: false, unusual: ['ends-later'] }] as const),
  ],
  [
    'a paused trial',
    ({ scene, id }) =>
      scene.stripe.subscriptions.update(id, { trial_end: seconds(60), pause_collection: { behavior: 'void' } }),
    ...([35, { status: 'paused', unusual: ['paused', 'in-stripe-trial'] }] as const),
  ],
]

it.each(terms)('lists %s', async (_what, set, days, expected) => {
  const all = await opened()
  expect(await all.listed()).not.toHaveProperty('unusual')
  await set(all)
  await all.scene.turnDays(days)
  expect(await all.listed()).toMatchObject(expected)
  await all.scene.payments.cancel(all.id)
  expect(await all.listed()).not.toHaveProperty('unusual')
  await all.scene.close()
})

it.each([
  ['a pause that ended by itself', { pause_collection: { behavior: 'void', resumes_at: seconds(20) } }],
  ['a trial that ended', { trial_end: seconds(20) }],
] as const)('lists %s no more', async (_what, set) => {
  const { scene, id, listed } = await opened()
  await scene.stripe.subscriptions.update(id, set)
  await scene.turnDays(25)
  const { status, unusual } = await listed()
  expect({ status, unusual }).toEqual({ status: 'active', unusual: undefined })
  await scene.close()
})
