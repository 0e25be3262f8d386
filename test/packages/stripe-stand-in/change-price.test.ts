import { describe, expect, it } from 'vitest'
import { buy, cards, fillCatalogue, openStripeScene, type StripeScene } from './scene.ts'

const bought = async (scene: StripeScene, plan: 'starter' | 'growth' = 'starter') => {
  const catalogue = await fillCatalogue(scene.stripe)
  const customerId = catalogue.customer.id
  const { subscriptionId } = await buy(scene, { customer: customerId, price: catalogue[plan].month.id })
  const subscription = await scene.stripe.subscriptions.retrieve(subscriptionId)
  const item = subscription.items.data[0]!
  return { ...catalogue, customerId, subscriptionId, item }
}

const atOnce = { proration_behavior: 'always_invoice', payment_behavior: 'error_if_incomplete' } as const

const middleOf = (scene: StripeScene, item: { current_period_end: number }) =>
  scene.turnDays((item.current_period_end * 1000 - Date.parse(scene.now())) / 86_400_000 / 2)

const latestInvoice = async ({ stripe }: StripeScene, subscription: string) =>
  (await stripe.invoices.list({ subscription, limit: 1 })).data[0]!

describe('another price of a subscription', () => {
  it('costs the difference for the time that is left', async () => {
    await using scene = await openStripeScene()
    const { subscriptionId, item, growth, customerId } = await bought(scene)
    middleOf(scene, item)
    const changed = await scene.stripe.subscriptions.update(subscriptionId, {
      items: [{ id: item.id, price: growth.month.id }],
      ...atOnce,
    })
    expect(changed.items.data[0]).toMatchObject({
      id: item.id,
      price: { id: growth.month.id },
      current_period_end: item.current_period_end,
    })
    const invoice = await latestInvoice(scene, subscriptionId)
    expect(invoice).toMatchObject({ billing_reason: 'subscription_update', status: 'paid' })
    expect(changed.latest_invoice).toBe(invoice.id)
    expect(invoice.lines.data.map(({ parent }) => parent?.subscription_item_details?.proration)).toEqual([true, true])
    expect(Math.abs(invoice.total - (7900 - 1900) / 2)).toBeLessThanOrEqual(2)
    const charges = (await scene.stripe.charges.list({ customer: customerId })).data
    expect(charges.map(({ amount }) => amount)).toEqual([invoice.total, 1900])
  })

  it('that is less leaves a credit, which the next invoices use up', async () => {
    await using scene = await openStripeScene()
    const { subscriptionId, item, starter, customerId } = await bought(scene, 'growth')
    middleOf(scene, item)
    const items = [{ id: item.id, price: starter.month.id }]
    await scene.stripe.subscriptions.update(subscriptionId, { items, ...atOnce })
    const invoice = await latestInvoice(scene, subscriptionId)
    expect(invoice).toMatchObject({ status: 'paid', amount_due: 0, amount_paid: 0 })
    expect(invoice.total).toBeLessThan(0)
    expect(invoice.ending_balance).toBe(invoice.total)
    const customer = await scene.stripe.customers.retrieve(customerId)
    expect(customer).toMatchObject({ balance: invoice.total })
    scene.turnDays(17)
    const renewal = await latestInvoice(scene, subscriptionId)
    expect(renewal).toMatchObject({
      billing_reason: 'subscription_cycle',
      total: 1900,
      starting_balance: invoice.total,
      amount_due: Math.max(0, 1900 + invoice.total),
      ending_balance: Math.min(0, 1900 + invoice.total),
      status: 'paid',
    })
  })

  it.each([
    ['a higher price', 'starter', 'growth', 'month'],
    ['a lower price', 'growth', 'starter', 'month'],
    ['another interval', 'starter', 'growth', 'year'],
  ] as const)('is charged as the preview of its second says: %s', async (_, from, to, interval) => {
    await using scene = await openStripeScene()
    const { subscriptionId, item, ...catalogue } = await bought(scene, from)
    middleOf(scene, item)
    const move = {
      items: [{ id: item.id, price: catalogue[to][interval].id }],
      proration_behavior: atOnce.proration_behavior,
      proration_date: Math.floor(Date.parse(scene.now()) / 1000),
    }
    const params = { subscription: subscriptionId, subscription_details: move }
    const previewed = await scene.stripe.invoices.createPreview(params)
    expect(previewed.id).toMatch(/^upcoming_in_/)
    expect((await scene.stripe.invoices.list({ subscription: subscriptionId })).data).toHaveLength(1)
    scene.turnDays(1)
    await scene.stripe.subscriptions.update(subscriptionId, { ...move, payment_behavior: 'error_if_incomplete' })
    const { amount_due, total } = await latestInvoice(scene, subscriptionId)
    expect({ amount_due, total }).toEqual({ amount_due: previewed.amount_due, total: previewed.total })
  })

  it('cannot be prorated from outside of its period', async () => {
    await using scene = await openStripeScene()
    const { subscriptionId, item, growth } = await bought(scene)
    const items = [{ id: item.id, price: growth.month.id }]
    for (const proration_date of [item.current_period_start - 1, item.current_period_end + 1]) {
      const change = scene.stripe.subscriptions.update(subscriptionId, { items, ...atOnce, proration_date })
      await expect(change).rejects.toMatchObject({ statusCode: 400, param: 'proration_date' })
    }
  })

  it('with another interval begins a period of its own', async () => {
    await using scene = await openStripeScene()
    const { subscriptionId, item, starter } = await bought(scene)
    middleOf(scene, item)
    const { items } = await scene.stripe.subscriptions.update(subscriptionId, {
      items: [{ id: item.id, price: starter.year.id }],
      ...atOnce,
    })
    const period = items.data[0]!
    expect(Math.abs(period.current_period_start - Date.parse(scene.now()) / 1000)).toBeLessThan(60)
    expect(period.current_period_end - period.current_period_start).toBeGreaterThanOrEqual(365 * 86_400)
    const { total, lines } = await latestInvoice(scene, subscriptionId)
    expect(Math.abs(total - (19_000 - 950))).toBeLessThanOrEqual(2)
    expect(lines.data.map(({ amount }) => Math.sign(amount))).toEqual([-1, 1])
  })

  it('changes nothing at all where the difference cannot be collected', async () => {
    await using scene = await openStripeScene()
    const { subscriptionId, item, growth, customerId } = await bought(scene)
    await scene.act(`/customers/${customerId}/card`, { card: cards.failsLater })
    const events = (await scene.stripe.events.list({ limit: 100 })).data.length
    const change = scene.stripe.subscriptions.update(subscriptionId, {
      items: [{ id: item.id, price: growth.month.id }],
      ...atOnce,
    })
    await expect(change).rejects.toMatchObject({ type: 'StripeCardError', statusCode: 402, code: 'card_declined' })
    expect(await scene.stripe.subscriptions.retrieve(subscriptionId)).toMatchObject({
      status: 'active',
      items: { data: [{ price: { id: item.price.id } }] },
    })
    expect((await scene.stripe.invoices.list({ subscription: subscriptionId })).data).toHaveLength(1)
    expect((await scene.stripe.events.list({ limit: 100 })).data).toHaveLength(events)
  })

  it('answers a decline again under the same key', async () => {
    await using scene = await openStripeScene()
    const { subscriptionId, item, growth, customerId } = await bought(scene)
    await scene.act(`/customers/${customerId}/card`, { card: cards.failsLater })
    const change = () =>
      scene.stripe.subscriptions.update(
        subscriptionId,
        { items: [{ id: item.id, price: growth.month.id }], ...atOnce },
        { idempotencyKey: 'change' },
      )
    await expect(change()).rejects.toMatchObject({ statusCode: 402 })
    await scene.act(`/customers/${customerId}/card`, { card: cards.good })
    await expect(change()).rejects.toMatchObject({ statusCode: 402, headers: { 'idempotent-replayed': 'true' } })
  })

  it('is refused unless the difference is charged at once, together with the change', async () => {
    await using scene = await openStripeScene()
    const { subscriptionId, item, growth } = await bought(scene)
    const items = [{ id: item.id, price: growth.month.id }]
    for (const how of [
      {},
      { ...atOnce, proration_behavior: 'none' },
      { ...atOnce, payment_behavior: 'allow_incomplete' },
    ]) {
      const params = { items, ...how } as object
      await expect(scene.stripe.subscriptions.update(subscriptionId, params)).rejects.toMatchObject({ statusCode: 400 })
    }
  })

  it('has to be in the currency of the subscription', async () => {
    await using scene = await openStripeScene()
    const { subscriptionId, item, starter } = await bought(scene)
    const dollars = await scene.stripe.prices.create({
      product: starter.product.id,
      currency: 'usd',
      unit_amount: 2100,
      recurring: { interval: 'month' },
    })
    const items = [{ id: item.id, price: dollars.id }]
    await expect(scene.stripe.subscriptions.update(subscriptionId, { items, ...atOnce })).rejects.toMatchObject({
      statusCode: 400,
    })
  })
})
