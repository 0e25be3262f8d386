import { describe, expect, it } from 'vitest'
import { buy, cards, fillCatalogue, openStripeScene, type StripeScene } from './scene.ts'

const bought = async (scene: StripeScene) => {
  const catalogue = await fillCatalogue(scene.stripe)
  const { subscriptionId } = await buy(scene, { customer: catalogue.customer.id, price: catalogue.starter.month.id })
  return { ...catalogue, customerId: catalogue.customer.id, subscriptionId }
}

const invoices = async ({ stripe }: StripeScene, subscription: string) =>
  (await stripe.invoices.list({ subscription, limit: 100 })).data.map(({ billing_reason, status }) => [
    billing_reason,
    status,
  ])

const status = async ({ stripe }: StripeScene, id: string) => (await stripe.subscriptions.retrieve(id)).status

describe('a subscription, as time goes by', () => {
  it('is renewed every month, an hour after the period began', async () => {
    await using scene = await openStripeScene()
    const { subscriptionId } = await bought(scene)
    const before = (await scene.stripe.subscriptions.retrieve(subscriptionId)).items.data[0]!
    const daysLeft = (before.current_period_end * 1000 - Date.parse(scene.now())) / 86_400_000
    scene.turnDays(daysLeft + 0.01)
    const begun = (await scene.stripe.subscriptions.retrieve(subscriptionId)).items.data[0]!
    expect(begun.current_period_start).toBe(before.current_period_end)
    expect(await invoices(scene, subscriptionId)).toEqual([
      ['subscription_cycle', 'draft'],
      ['subscription_create', 'paid'],
    ])
    scene.turnDays(0.05)
    expect(await invoices(scene, subscriptionId)).toEqual([
      ['subscription_cycle', 'paid'],
      ['subscription_create', 'paid'],
    ])
    const [renewal] = (await scene.stripe.invoices.list({ subscription: subscriptionId, limit: 1 })).data
    expect(renewal?.lines.data[0]?.period).toEqual({ start: begun.current_period_start, end: begun.current_period_end })
    expect((renewal?.status_transitions.paid_at ?? 0) - before.current_period_end).toBe(3600)
  })

  it('is renewed once for each period, however far the clock advances at once', async () => {
    await using scene = await openStripeScene()
    const { subscriptionId, customerId } = await bought(scene)
    scene.turnDays(370)
    const paid = (await invoices(scene, subscriptionId)).filter(([, state]) => state === 'paid')
    expect(paid).toHaveLength(13)
    expect((await scene.stripe.charges.list({ customer: customerId, limit: 100 })).data).toHaveLength(13)
  })

  it('goes past due, is tried again, and is cancelled at last', async () => {
    await using scene = await openStripeScene()
    const { subscriptionId, customerId } = await bought(scene)
    expect((await scene.act(`/customers/${customerId}/card`, { card: cards.failsLater })).status).toBe(200)
    scene.turnDays(32)
    expect(await status(scene, subscriptionId)).toBe('past_due')
    const [open] = (await scene.stripe.invoices.list({ subscription: subscriptionId, status: 'open' })).data
    expect(open).toMatchObject({ attempt_count: 1, attempted: true, amount_remaining: 1900 })
    expect(open?.next_payment_attempt).toBeGreaterThan(Date.parse(scene.now()) / 1000)
    scene.turnDays(9)
    const [later] = (await scene.stripe.invoices.list({ subscription: subscriptionId, status: 'open' })).data
    expect(later?.attempt_count).toBe(3)
    scene.turnDays(8)
    expect(await scene.stripe.subscriptions.retrieve(subscriptionId)).toMatchObject({
      status: 'canceled',
      cancellation_details: { reason: 'payment_failed' },
    })
    const types = (await scene.stripe.events.list({ type: 'invoice.payment_failed' })).data
    expect(types).toHaveLength(4)
    // The debt is not collected any more.
    scene.turnDays(60)
    expect((await scene.stripe.charges.list({ customer: customerId, limit: 100 })).data).toHaveLength(5)
  })

  it('is paid by the next card that is good', async () => {
    await using scene = await openStripeScene()
    const { subscriptionId, customerId } = await bought(scene)
    await scene.act(`/customers/${customerId}/card`, { card: cards.failsLater })
    scene.turnDays(32)
    expect(await status(scene, subscriptionId)).toBe('past_due')
    expect((await scene.act(`/customers/${customerId}/card`, { card: cards.declined })).status).toBe(402)
    expect(await status(scene, subscriptionId)).toBe('past_due')
    expect((await scene.act(`/customers/${customerId}/card`, { card: cards.good })).status).toBe(200)
    expect(await status(scene, subscriptionId)).toBe('active')
    expect(await invoices(scene, subscriptionId)).toEqual([
      ['subscription_cycle', 'paid'],
      ['subscription_create', 'paid'],
    ])
  })

  it('ends by a date that is not in the past', async () => {
    await using scene = await openStripeScene()
    const { stripe } = scene
    const { subscriptionId } = await bought(scene)
    const cancelAt = Math.floor(Date.parse(scene.now()) / 1000) + 40 * 86_400
    const past = stripe.subscriptions.update(subscriptionId, { cancel_at: cancelAt - 41 * 86_400 })
    await expect(past).rejects.toMatchObject({ param: 'cancel_at' })
    const set = await stripe.subscriptions.update(subscriptionId, { cancel_at: cancelAt })
    expect(set).toMatchObject({ cancel_at: cancelAt, cancel_at_period_end: false })
    scene.turnDays(33)
    expect(await status(scene, subscriptionId)).toBe('active')
    scene.turnDays(8)
    const ended = await stripe.subscriptions.retrieve(subscriptionId)
    expect(ended).toMatchObject({ status: 'canceled', ended_at: cancelAt })
    expect(await invoices(scene, subscriptionId)).toHaveLength(2)
  })

  it('ends with its period where it was cancelled so, unless that is taken back', async () => {
    await using scene = await openStripeScene()
    const { stripe } = scene
    const { subscriptionId } = await bought(scene)
    const set = await stripe.subscriptions.update(subscriptionId, { cancel_at_period_end: true })
    expect(set).toMatchObject({ status: 'active', cancel_at_period_end: true })
    expect(set.cancel_at).toBe(set.items.data[0]?.current_period_end)
    const revoked = await stripe.subscriptions.update(subscriptionId, { cancel_at_period_end: false })
    expect(revoked).toMatchObject({ cancel_at_period_end: false, cancel_at: null, canceled_at: null })
    scene.turnDays(33)
    expect(await status(scene, subscriptionId)).toBe('active')
    await stripe.subscriptions.update(subscriptionId, { cancel_at_period_end: true })
    scene.turnDays(33)
    const ended = await stripe.subscriptions.retrieve(subscriptionId)
    expect(ended).toMatchObject({ status: 'canceled', cancellation_details: { reason: 'cancellation_requested' } })
    expect(ended.ended_at).toBe(ended.items.data[0]?.current_period_end)
    expect(await invoices(scene, subscriptionId)).toHaveLength(2)
    await expect(stripe.subscriptions.cancel(subscriptionId)).rejects.toMatchObject({ code: 'resource_missing' })
    await expect(stripe.subscriptions.update(subscriptionId, { cancel_at_period_end: false })).rejects.toMatchObject({
      statusCode: 400,
    })
  })

  it('ends at once where it is cancelled at once, and says so', async () => {
    await using scene = await openStripeScene()
    const { subscriptionId, customerId } = await bought(scene)
    const ended = await scene.stripe.subscriptions.cancel(subscriptionId, { invoice_now: false, prorate: false })
    expect(ended.status).toBe('canceled')
    const types = (await scene.stripe.events.list({ type: 'customer.subscription.deleted' })).data
    expect(types).toHaveLength(1)
    expect((await scene.stripe.subscriptions.list({ customer: customerId })).data).toEqual([])
    expect((await scene.stripe.subscriptions.list({ customer: customerId, status: 'all' })).data).toHaveLength(1)
  })
})

describe('what was answered', () => {
  it('is there after a restart, and what fell due meanwhile is done', async () => {
    const { mkdtemp, rm } = await import('node:fs/promises')
    const directory = await mkdtemp('/tmp/sitewright-stripe-')
    try {
      await using scene = await openStripeScene({ path: `${directory}/stripe.sqlite` })
      const { subscriptionId } = await bought(scene)
      await scene.restart()
      expect(await status(scene, subscriptionId)).toBe('active')
      scene.turnDays(33)
      await scene.restart()
      expect(await invoices(scene, subscriptionId)).toHaveLength(2)
    } finally {
      await rm(directory, { recursive: true })
    }
  })
})
