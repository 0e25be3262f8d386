import { describe, expect, it } from 'vitest'
import { buy, cards, fillCatalogue, openStripeScene } from './scene.ts'

const order = (customer: string, price: string) => ({
  mode: 'subscription' as const,
  customer,
  line_items: [{ price, quantity: 1 }],
  metadata: { siteId: 'site_1' },
  subscription_data: { metadata: { siteId: 'site_1' } },
  success_url: 'http://localhost/done?session={CHECKOUT_SESSION_ID}',
  cancel_url: 'http://localhost/back',
})

describe('a checkout', () => {
  it('is open until it is paid, and makes an active subscription then', async () => {
    await using scene = await openStripeScene()
    const { stripe } = scene
    const { customer, starter } = await fillCatalogue(stripe)
    const session = await stripe.checkout.sessions.create(order(customer.id, starter.month.id))
    expect(session).toMatchObject({ status: 'open', payment_status: 'unpaid', subscription: null, amount_total: 1900 })
    expect(session.id).toMatch(/^cs_test_/)
    expect(session.url).toContain(session.id)

    expect(await scene.act(`/checkout/${session.id}/pay`, { card: cards.good })).toMatchObject({ status: 200 })
    const paid = await stripe.checkout.sessions.retrieve(session.id, {
      expand: ['subscription.latest_invoice', 'invoice'],
    })
    expect(paid).toMatchObject({
      status: 'complete',
      payment_status: 'paid',
      url: null,
      subscription: {
        status: 'active',
        customer: customer.id,
        metadata: { siteId: 'site_1' },
        latest_invoice: { status: 'paid', amount_paid: 1900, billing_reason: 'subscription_create' },
      },
      invoice: { parent: { subscription_details: { metadata: { siteId: 'site_1' } } } },
    })
    const [item] = (typeof paid.subscription === 'object' ? paid.subscription : null)?.items.data ?? []
    expect(item?.price.lookup_key).toBe('starter_month')
    expect((item?.current_period_end ?? 0) - (item?.current_period_start ?? 0)).toBeGreaterThanOrEqual(28 * 86_400)
  })

  it('says all that happened in events', async () => {
    await using scene = await openStripeScene()
    const { customer, starter } = await fillCatalogue(scene.stripe)
    await buy(scene, { customer: customer.id, price: starter.month.id })
    const { data } = await scene.stripe.events.list({ limit: 100 })
    const types = data.map(({ type }) => type)
    for (const type of [
      'checkout.session.completed',
      'customer.subscription.created',
      'customer.subscription.updated',
      'invoice.created',
      'invoice.paid',
      'payment_intent.succeeded',
    ]) {
      expect(types).toContain(type)
    }
    const created = data.find(({ type }) => type === 'customer.subscription.created')
    expect(created?.data.object).toMatchObject({ status: 'incomplete' })
    const updates = data.filter(({ type }) => type === 'customer.subscription.updated')
    expect(updates.map(({ data: { previous_attributes: before } }) => before)).toContainEqual({ status: 'incomplete' })
  })

  it('stays open when the card is declined, and has no subscription before a payment', async () => {
    await using scene = await openStripeScene()
    const { stripe } = scene
    const { customer, starter } = await fillCatalogue(stripe)
    const session = await stripe.checkout.sessions.create(order(customer.id, starter.month.id))
    for (const card of [cards.declined, cards.failsLater, cards.insufficient]) {
      const refused = await scene.act(`/checkout/${session.id}/pay`, { card })
      expect(refused.status).toBe(402)
      expect(refused.json['error']).toMatchObject({ type: 'card_error', code: 'card_declined' })
    }
    expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ status: 'open', subscription: null })
    expect((await stripe.subscriptions.list({ customer: customer.id, status: 'all' })).data).toEqual([])
    expect((await scene.act(`/checkout/${session.id}/pay`, { card: cards.good })).status).toBe(200)
    const { data } = await stripe.subscriptions.list({ customer: customer.id, status: 'all' })
    expect(data.map(({ status }) => status)).toEqual(['active'])
    expect((await stripe.charges.list({ customer: customer.id })).data.map(({ status }) => status)).toEqual([
      'succeeded',
      'failed',
      'failed',
      'failed',
    ])
  })

  it('lets its payer confirm a payment, which no renewal and no change of price does', async () => {
    await using scene = await openStripeScene()
    const { stripe } = scene
    const { customer, starter, growth } = await fillCatalogue(stripe)
    const { id } = await stripe.checkout.sessions.create(order(customer.id, starter.month.id))
    expect((await scene.act(`/checkout/${id}/pay`, { card: cards.authenticates })).status).toBe(200)
    const subscriptionId = String((await stripe.checkout.sessions.retrieve(id)).subscription)
    const { items } = await stripe.subscriptions.retrieve(subscriptionId)
    const change = stripe.subscriptions.update(subscriptionId, {
      items: [{ id: items.data[0]?.id ?? '', price: growth.month.id }],
      proration_behavior: 'always_invoice',
      payment_behavior: 'error_if_incomplete',
    })
    await expect(change).rejects.toMatchObject({
      type: 'StripeCardError',
      statusCode: 402,
      code: 'subscription_payment_intent_requires_action',
    })
    scene.turnDays(32)
    expect(await stripe.subscriptions.retrieve(subscriptionId)).toMatchObject({ status: 'past_due' })
    expect((await stripe.events.list({ type: 'invoice.payment_action_required' })).data).toHaveLength(1)
  })

  it('is paid once', async () => {
    await using scene = await openStripeScene()
    const { customer, starter } = await fillCatalogue(scene.stripe)
    const { session } = await buy(scene, { customer: customer.id, price: starter.month.id })
    expect((await scene.act(`/checkout/${session.id}/pay`, { card: cards.good })).status).toBe(400)
    expect((await scene.stripe.charges.list({ customer: customer.id })).data).toHaveLength(1)
  })

  it('is complete a moment before it has its subscription', async () => {
    await using scene = await openStripeScene()
    const { stripe } = scene
    const { customer, starter } = await fillCatalogue(stripe)
    const { id } = await stripe.checkout.sessions.create(order(customer.id, starter.month.id))
    expect((await scene.act(`/checkout/${id}/subscribe`, {})).status).toBe(400)
    await scene.act(`/checkout/${id}/pay`, { card: cards.good, isSubscribed: false })
    const paid = { status: 'complete', payment_status: 'paid' }
    expect(await stripe.checkout.sessions.retrieve(id)).toMatchObject({ ...paid, subscription: null, invoice: null })
    expect((await stripe.subscriptions.list({ customer: customer.id, status: 'all' })).data).toEqual([])
    expect((await scene.act(`/checkout/${id}/subscribe`, {})).status).toBe(200)
    const after = await stripe.checkout.sessions.retrieve(id, { expand: ['subscription'] })
    expect(after).toMatchObject({ ...paid, subscription: { status: 'active' } })
    expect((await scene.act(`/checkout/${id}/subscribe`, {})).status).toBe(400)
    expect((await stripe.charges.list({ customer: customer.id })).data).toHaveLength(1)
  })

  it('paid by direct debit waits for the bank, which pays', async () => {
    await using scene = await openStripeScene()
    const { stripe } = scene
    const { customer, starter } = await fillCatalogue(stripe)
    const { id } = await stripe.checkout.sessions.create(order(customer.id, starter.month.id))
    expect((await scene.act(`/checkout/${id}/pay`, { card: cards.account })).status).toBe(200)
    const check = () => stripe.checkout.sessions.retrieve(id, { expand: ['subscription'] })
    const intent = async () => (await stripe.paymentIntents.list({ customer: customer.id })).data[0]?.status
    const waiting = { status: 'complete', payment_status: 'unpaid', subscription: { status: 'incomplete' } }
    expect(await check()).toMatchObject(waiting)
    expect(await intent()).toBe('processing')
    scene.turnDays(0.01)
    expect(await check()).toMatchObject({ payment_status: 'paid', subscription: { status: 'active' } })
    expect(await intent()).toBe('succeeded')
    const types = (await stripe.events.list({ limit: 100 })).data.map(({ type }) => type)
    expect(types.filter((type) => type.startsWith('checkout'))).toEqual([
      'checkout.session.async_payment_succeeded',
      'checkout.session.completed',
    ])
  })

  it('paid by direct debit stays unpaid if the bank declines, and its subscription expires', async () => {
    await using scene = await openStripeScene()
    const { stripe } = scene
    const { customer, starter } = await fillCatalogue(stripe)
    const { id } = await stripe.checkout.sessions.create(order(customer.id, starter.month.id))
    await scene.act(`/checkout/${id}/pay`, { card: cards.accountDeclines })
    scene.turnDays(0.01)
    const check = () => stripe.checkout.sessions.retrieve(id, { expand: ['subscription'] })
    const failed = { status: 'complete', payment_status: 'unpaid' }
    expect(await check()).toMatchObject({ ...failed, subscription: { status: 'incomplete' } })
    const [intent] = (await stripe.paymentIntents.list({ customer: customer.id })).data
    expect(intent?.status).toBe('requires_payment_method')
    expect((await stripe.events.list({ type: 'checkout.session.async_payment_failed' })).data).toHaveLength(1)
    scene.turnDays(1)
    expect(await check()).toMatchObject({ ...failed, subscription: { status: 'incomplete_expired' } })
    expect((await stripe.charges.list({ customer: customer.id })).data.map(({ status }) => status)).toEqual(['failed'])
  })

  it('expires when it is told to or after a day', async () => {
    await using scene = await openStripeScene()
    const { stripe } = scene
    const { customer, starter } = await fillCatalogue(stripe)
    const first = await stripe.checkout.sessions.create(order(customer.id, starter.month.id))
    expect(await stripe.checkout.sessions.expire(first.id)).toMatchObject({ status: 'expired', url: null })
    await expect(stripe.checkout.sessions.expire(first.id)).rejects.toMatchObject({ statusCode: 400 })
    expect((await scene.act(`/checkout/${first.id}/pay`, { card: cards.good })).status).toBe(400)

    const second = await stripe.checkout.sessions.create(order(customer.id, starter.month.id))
    await scene.act(`/checkout/${second.id}/pay`, { card: cards.declined })
    scene.turnDays(1.1)
    expect(await stripe.checkout.sessions.retrieve(second.id)).toMatchObject({ status: 'expired' })
    expect((await stripe.subscriptions.list({ customer: customer.id, status: 'all' })).data).toEqual([])
    const types = (await stripe.events.list({ type: 'checkout.session.expired' })).data.map(({ type }) => type)
    expect(types).toHaveLength(2)
  })

  it('refuses a second currency while there is a subscription in the first', async () => {
    await using scene = await openStripeScene()
    const { stripe } = scene
    const { customer, starter } = await fillCatalogue(stripe)
    await buy(scene, { customer: customer.id, price: starter.month.id })
    const dollars = await stripe.prices.create({
      product: starter.product.id,
      currency: 'usd',
      unit_amount: 2100,
      recurring: { interval: 'month' },
    })
    await expect(stripe.checkout.sessions.create(order(customer.id, dollars.id))).rejects.toMatchObject({
      statusCode: 400,
      message: expect.stringContaining('cannot combine currencies'),
    })
  })
})
