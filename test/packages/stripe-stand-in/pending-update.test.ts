import { describe, expect, it } from 'vitest'
import { buy, cards, fillCatalogue, openStripeScene, type StripeScene } from './scene.ts'

const ifPaid = { proration_behavior: 'always_invoice', payment_behavior: 'pending_if_incomplete' } as const

/** A subscription of `starter` whose change to `growth` was requested with a card. */
const requested = async (scene: StripeScene, card: string) => {
  const { stripe } = scene
  const { customer, starter, growth } = await fillCatalogue(stripe)
  const { subscriptionId } = await buy(scene, { customer: customer.id, price: starter.month.id })
  await scene.act(`/customers/${customer.id}/card`, { card })
  const check = () => stripe.subscriptions.retrieve(subscriptionId)
  const { items } = await check()
  const change = (price: string, more: object = {}) =>
    stripe.subscriptions.update(subscriptionId, { items: [{ id: items.data[0]!.id, price }], ...ifPaid, ...more })
  const changed = await change(growth.month.id)
  const invoice = () => stripe.invoices.retrieve(String(changed.latest_invoice))
  const typesOf = async (...types: string[]) =>
    (await stripe.events.list({ limit: 100 })).data.map(({ type }) => type).filter((type) => types.includes(type))
  return { customerId: customer.id, subscriptionId, starter, growth, change, changed, check, invoice, typesOf }
}

const priceOf = ({ items }: { items: { data: { price: { id: string } }[] } }) => items.data[0]?.price.id

const open = ['customer.subscription.pending_update_applied', 'customer.subscription.pending_update_expired']

describe('a change of price that is not paid at once', () => {
  it('waits for its bank, with an invoice that has a page', async () => {
    await using scene = await openStripeScene()
    const { changed, check, invoice, starter, growth, typesOf } = await requested(scene, cards.authenticates)
    expect(changed).toMatchObject({ status: 'active', items: { data: [{ price: { id: starter.month.id } }] } })
    expect(changed.pending_update).toMatchObject({ subscription_items: [{ price: { id: growth.month.id } }] })
    const hours = ((changed.pending_update?.expires_at ?? 0) * 1000 - Date.parse(scene.now())) / 3_600_000
    expect(Math.round(hours)).toBe(23)
    expect(await check()).toEqual(changed)
    expect(await invoice()).toMatchObject({ status: 'open', billing_reason: 'subscription_update' })
    expect((await invoice()).hosted_invoice_url).toMatch(/\/invoice\/in_/)
    expect(await typesOf('invoice.payment_action_required', 'customer.subscription.updated')).toContain(
      'invoice.payment_action_required',
    )
  })

  it.each([
    ['a bank that wants it confirmed', cards.authenticates, 'requires_action', 'authentication_required'],
    ['a decline', cards.failsLater, 'requires_payment_method', 'card_declined'],
  ])('says why after %s', async (_, card, status, code) => {
    await using scene = await openStripeScene()
    const { changed } = await requested(scene, card)
    const { data } = await scene.stripe.invoicePayments.list({
      invoice: String(changed.latest_invoice),
      expand: ['data.payment.payment_intent'],
    })
    expect(data[0]?.payment.payment_intent).toMatchObject({ status, last_payment_error: { code } })
  })

  it('is made by the confirmation on the page', async () => {
    await using scene = await openStripeScene()
    const { check, invoice, growth, typesOf } = await requested(scene, cards.authenticates)
    const url = (await invoice()).hosted_invoice_url ?? ''
    expect(await (await fetch(url)).text()).toContain('Confirm with your bank')
    expect((await fetch(url, { method: 'POST', body: '' })).status).toBe(200)
    const after = await check()
    expect([priceOf(after), after.pending_update]).toEqual([growth.month.id, null])
    expect(await invoice()).toMatchObject({ status: 'paid' })
    expect(await typesOf(...open)).toEqual(['customer.subscription.pending_update_applied'])
    expect(await (await fetch(url)).text()).toContain('This invoice is paid. There is nothing to pay here.')
  })

  it('is made by another card on the page, and not by one that is declined', async () => {
    await using scene = await openStripeScene()
    const { check, invoice, starter, growth } = await requested(scene, cards.failsLater)
    const url = (await invoice()).hosted_invoice_url ?? ''
    const send = async (card: string) =>
      (await fetch(url, { method: 'POST', body: new URLSearchParams({ card }).toString() })).status
    expect(await send(cards.declined)).toBe(402)
    expect(priceOf(await check())).toBe(starter.month.id)
    expect(await send(cards.good)).toBe(200)
    expect(priceOf(await check())).toBe(growth.month.id)
  })

  it('is dropped after 23 hours, with its invoice, and the subscription is renewed as before', async () => {
    await using scene = await openStripeScene()
    const { check, invoice, starter, typesOf } = await requested(scene, cards.authenticates)
    scene.turnDays(0.95)
    expect((await check()).pending_update).not.toBeNull()
    scene.turnDays(0.05)
    const after = await check()
    expect([priceOf(after), after.pending_update, after.status]).toEqual([starter.month.id, null, 'active'])
    expect(await invoice()).toMatchObject({ status: 'void' })
    expect(await typesOf(...open)).toEqual(['customer.subscription.pending_update_expired'])
  })

  it('is dropped by voiding its invoice, by another change and by the end of the subscription', async () => {
    await using scene = await openStripeScene()
    const { stripe } = scene
    const { change, changed, check, starter, growth, subscriptionId } = await requested(scene, cards.authenticates)
    await stripe.invoices.voidInvoice(String(changed.latest_invoice))
    expect((await check()).pending_update).toBeNull()
    await expect(stripe.invoices.voidInvoice(String(changed.latest_invoice))).rejects.toMatchObject({ statusCode: 400 })
    const second = await change(growth.year.id)
    const third = await change(growth.month.id)
    expect(await stripe.invoices.retrieve(String(second.latest_invoice))).toMatchObject({ status: 'void' })
    expect(third.pending_update).toMatchObject({ subscription_items: [{ price: { id: growth.month.id } }] })
    await stripe.subscriptions.cancel(subscriptionId)
    const ended = await check()
    expect([ended.status, ended.pending_update, priceOf(ended)]).toEqual(['canceled', null, starter.month.id])
  })

  it('gives a credit back that its invoice took in', async () => {
    await using scene = await openStripeScene()
    const { stripe } = scene
    const { customerId, change, growth, starter } = await requested(scene, cards.good)
    scene.turnDays(1)
    await change(starter.month.id)
    const before = await stripe.customers.retrieve(customerId)
    await scene.act(`/customers/${customerId}/card`, { card: cards.authenticates })
    const { latest_invoice } = await change(growth.year.id)
    await stripe.invoices.voidInvoice(String(latest_invoice))
    expect(await stripe.customers.retrieve(customerId)).toMatchObject({
      balance: 'balance' in before && before.balance,
    })
  })

  it('changes nothing besides', async () => {
    await using scene = await openStripeScene()
    const { change, growth } = await requested(scene, cards.authenticates)
    const more = change(growth.year.id, { metadata: { a: 'b' } })
    await expect(more).rejects.toMatchObject({ statusCode: 400 })
  })
})
