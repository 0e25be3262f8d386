import { describe, expect, it } from 'vitest'
import { buy, cards, fillCatalogue, openStripeScene, type StripeScene } from './scene.ts'

const paid = async (scene: StripeScene) => {
  const { customer, starter } = await fillCatalogue(scene.stripe)
  const { subscriptionId, session } = await buy(scene, { customer: customer.id, price: starter.month.id })
  const { data } = await scene.stripe.invoicePayments.list({
    invoice: String(session.invoice),
    status: 'paid',
    expand: ['data.payment.payment_intent.latest_charge'],
  })
  const intent = data[0]?.payment.payment_intent
  if (typeof intent !== 'object' || typeof intent.latest_charge !== 'object') throw new Error('not expanded')
  return { subscriptionId, intent, charge: intent.latest_charge!, customerId: customer.id }
}

describe('a refund', () => {
  it('gives back all of a charge, once', async () => {
    await using scene = await openStripeScene()
    const { intent, charge } = await paid(scene)
    expect(charge).toMatchObject({ amount: 1900, refunded: false, paid: true })
    const refund = await scene.stripe.refunds.create({ payment_intent: intent.id })
    expect(refund).toMatchObject({ amount: 1900, currency: 'eur', status: 'succeeded', charge: charge.id })
    expect(await scene.stripe.charges.retrieve(charge.id)).toMatchObject({ refunded: true, amount_refunded: 1900 })
    await expect(scene.stripe.refunds.create({ charge: charge.id })).rejects.toMatchObject({
      code: 'charge_already_refunded',
    })
    expect((await scene.stripe.refunds.list()).data).toHaveLength(1)
    expect((await scene.stripe.events.list({ type: 'charge.refunded' })).data).toHaveLength(1)
  })

  it('that fails leaves the charge as it was', async () => {
    await using scene = await openStripeScene()
    const { charge } = await paid(scene)
    const { id } = await scene.stripe.refunds.create({ charge: charge.id })
    expect((await scene.act(`/refunds/${id}`, { outcome: 'failed' })).status).toBe(200)
    expect((await scene.act(`/refunds/${id}`, { outcome: 'failed' })).status).toBe(400)
    const [shown] = (await scene.stripe.charges.list({ customer: String(charge.customer), expand: ['data.refunds'] }))
      .data
    expect(shown).toMatchObject({ refunded: false, amount_refunded: 0, refunds: { data: [{ id, status: 'failed' }] } })
  })

  it.each(['balance_insufficient', 'charge_not_refundable', 'refund_disputed_payment'])(
    'is refused with %s if a test asks for it, also under the same key',
    async (code) => {
      await using scene = await openStripeScene()
      const { charge } = await paid(scene)
      await scene.act('/outages', { status: 400, path: '/v1/refunds', method: 'POST', code })
      const again = { idempotencyKey: 'refund-1' }
      for (const _ of ['first', 'again']) {
        const refused = scene.stripe.refunds.create({ charge: charge.id }, again)
        await expect(refused).rejects.toMatchObject({ type: 'StripeInvalidRequestError', statusCode: 400, code })
      }
      expect(await scene.stripe.charges.retrieve(charge.id)).toMatchObject({ amount_refunded: 0 })
      await scene.stripe.refunds.create({ charge: charge.id }, { idempotencyKey: 'refund-2' })
    },
  )

  it('needs a charge that was paid', async () => {
    await using scene = await openStripeScene()
    await expect(scene.stripe.refunds.create({})).rejects.toMatchObject({ statusCode: 400 })
    await expect(scene.stripe.refunds.create({ charge: 'ch_none' })).rejects.toMatchObject({ statusCode: 404 })
  })
})

describe('a dispute', () => {
  it('marks the charge, cannot be refunded, and is decided', async () => {
    await using scene = await openStripeScene()
    const { charge, subscriptionId } = await paid(scene)
    const opened = await scene.act('/disputes', { subscription: subscriptionId })
    expect(opened).toMatchObject({ status: 200, json: { charge: charge.id, status: 'needs_response', amount: 1900 } })
    expect(await scene.stripe.charges.retrieve(charge.id)).toMatchObject({ disputed: true })
    await expect(scene.stripe.refunds.create({ charge: charge.id })).rejects.toMatchObject({ code: 'charge_disputed' })
    expect((await scene.act('/disputes', { charge: charge.id })).status).toBe(400)
    const [dispute] = (await scene.stripe.disputes.list({ charge: charge.id })).data
    expect((await scene.act(`/disputes/${dispute?.id}`, { outcome: 'won' })).json).toMatchObject({ status: 'won' })
    const types = (await scene.stripe.events.list({ limit: 100 })).data.map(({ type }) => type)
    expect(types).toEqual(expect.arrayContaining(['charge.dispute.created', 'charge.dispute.closed']))
    const { charge: shown } = await scene.stripe.disputes.retrieve(dispute!.id, { expand: ['charge.customer'] })
    expect(shown).toMatchObject({ customer: { object: 'customer', metadata: { accountId: 'a' } } })
  })

  it('of a direct debit may be lost when it is made', async () => {
    await using scene = await openStripeScene()
    const { charge, subscriptionId } = await paid(scene)
    const { json } = await scene.act('/disputes', { subscription: subscriptionId, outcome: 'lost' })
    expect(json).toMatchObject({ charge: charge.id, status: 'lost' })
    expect((await scene.act(`/disputes/${json['id']}`, { outcome: 'won' })).status).toBe(400)
    const types = (await scene.stripe.events.list({ limit: 2 })).data.map(({ type }) => type)
    expect(types).toEqual(['charge.dispute.closed', 'charge.dispute.created'])
  })

  it('comes by itself with a card made for it', async () => {
    await using scene = await openStripeScene()
    const { customerId } = await paid(scene)
    await scene.act(`/customers/${customerId}/card`, { card: cards.disputed })
    expect((await scene.stripe.disputes.list()).data).toEqual([])
    scene.turnDays(33)
    expect((await scene.stripe.disputes.list()).data).toHaveLength(1)
  })
})
