import { describe, expect, it } from 'vitest'
import type { StripeScene } from './scene.ts'
import { buy, cards, fillCatalogue, openStripeScene } from './scene.ts'

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
  it('gives back what is left, once', async () => {
    await using scene = await openStripeScene()
    const { intent, charge } = await paid(scene)
    expect(charge).toMatchObject({ amount: 1900, refunded: false, paid: true })
    const part = await scene.stripe.refunds.create({ payment_intent: intent.id, amount: 400 })
    expect(part).toMatchObject({ amount: 400, currency: 'eur', status: 'succeeded', charge: charge.id })
    expect(await scene.stripe.refunds.create({ charge: charge.id })).toMatchObject({ amount: 1500 })
    expect(await scene.stripe.charges.retrieve(charge.id)).toMatchObject({ refunded: true, amount_refunded: 1900 })
    await expect(scene.stripe.refunds.create({ charge: charge.id })).rejects.toMatchObject({
      code: 'charge_already_refunded',
    })
    expect((await scene.stripe.refunds.list({ charge: charge.id })).data).toHaveLength(2)
    expect((await scene.stripe.events.list({ type: 'charge.refunded' })).data).toHaveLength(2)
  })

  it('is never more than was paid', async () => {
    await using scene = await openStripeScene()
    const { charge } = await paid(scene)
    await expect(scene.stripe.refunds.create({ charge: charge.id, amount: 1901 })).rejects.toMatchObject({
      statusCode: 400,
    })
    await expect(scene.stripe.refunds.create({})).rejects.toMatchObject({ statusCode: 400 })
    await expect(scene.stripe.refunds.create({ charge: 'ch_none' })).rejects.toMatchObject({ statusCode: 404 })
  })
})

describe('an invoice that could not be collected', () => {
  const owed = async (scene: StripeScene) => {
    const { subscriptionId, customerId } = await paid(scene)
    await scene.act(`/customers/${customerId}/card`, { card: cards.failsLater })
    scene.turnDays(32)
    const [invoice] = (await scene.stripe.invoices.list({ subscription: subscriptionId, status: 'open' })).data
    return { subscriptionId, customerId, id: invoice!.id }
  }
  const good = async ({ stripe }: StripeScene, customer: string) =>
    (await stripe.paymentMethods.list({ customer })).data.find(({ card }) => card?.last4 === '4242')!.id

  it('is paid by a person with another card, which brings the subscription back', async () => {
    await using scene = await openStripeScene()
    const { subscriptionId, customerId, id } = await owed(scene)
    await expect(scene.stripe.invoices.pay(id)).rejects.toMatchObject({ statusCode: 402, code: 'card_declined' })
    expect(await scene.stripe.invoices.retrieve(id)).toMatchObject({ status: 'open', attempt_count: 2 })
    const payment_method = await good(scene, customerId)
    expect(await scene.stripe.invoices.pay(id, { payment_method })).toMatchObject({ status: 'paid', amount_paid: 1900 })
    expect((await scene.stripe.subscriptions.retrieve(subscriptionId)).status).toBe('active')
    await expect(scene.stripe.invoices.pay(id)).rejects.toMatchObject({ statusCode: 400 })
  })

  it('is not paid any more once it is void', async () => {
    await using scene = await openStripeScene()
    const { id } = await owed(scene)
    expect(await scene.stripe.invoices.voidInvoice(id)).toMatchObject({ status: 'void', next_payment_attempt: null })
    await expect(scene.stripe.invoices.pay(id)).rejects.toMatchObject({ statusCode: 400 })
    scene.turnDays(10)
    expect(await scene.stripe.invoices.retrieve(id)).toMatchObject({ status: 'void', attempt_count: 1 })
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

  it('comes by itself with a card made for it', async () => {
    await using scene = await openStripeScene()
    const { customerId } = await paid(scene)
    await scene.act(`/customers/${customerId}/card`, { card: cards.disputed })
    expect((await scene.stripe.disputes.list()).data).toEqual([])
    scene.turnDays(33)
    expect((await scene.stripe.disputes.list()).data).toHaveLength(1)
  })
})
