import { describe, expect, it } from 'vitest'
import { buy, fillCatalogue, openStripeScene } from './scene.ts'

const opened = async () => {
  const scene = await openStripeScene()
  const { customer, starter } = await fillCatalogue(scene.stripe)
  const { subscriptionId: id } = await buy(scene, { customer: customer.id, price: starter.month.id })
  const seconds = (days: number) => Math.floor(Date.parse(scene.now()) / 1000) + days * 86_400
  return {
    scene,
    id,
    seconds,
    check: () => scene.stripe.subscriptions.retrieve(id),
    invoices: async () =>
      (await scene.stripe.invoices.list({ subscription: id, limit: 100 })).data.map(({ status }) => status),
    set: (change: Parameters<typeof scene.stripe.subscriptions.update>[1]) =>
      scene.stripe.subscriptions.update(id, change),
  }
}

describe('a subscription with unusual terms', () => {
  it.each([
    ['keep_as_draft', 'draft'],
    ['mark_uncollectible', 'uncollectible'],
    ['void', 'void'],
  ] as const)('stays active while it is paused with %s, and its invoices are %s', async (behavior, left) => {
    const { scene, check, invoices, set } = await opened()
    await using _ = scene
    const paused = await set({ pause_collection: { behavior } })
    expect(paused).toMatchObject({ status: 'active', pause_collection: { behavior, resumes_at: null } })
    scene.turnDays(63)
    expect(await invoices()).toEqual([left, left, 'paid'])
    expect((await check()).items.data[0]?.current_period_end).toBeGreaterThan(Date.parse(scene.now()) / 1000)
    expect((await set({ pause_collection: '' })).pause_collection).toBeNull()
    scene.turnDays(31)
    expect(await invoices()).toEqual(['paid', left, left, 'paid'])
  })

  it('resumes by itself, and tells of it', async () => {
    const { scene, check, seconds, set } = await opened()
    await using _ = scene
    await set({ pause_collection: { behavior: 'void', resumes_at: seconds(5) } })
    scene.turnDays(6)
    expect((await check()).pause_collection).toBeNull()
    const [event] = (await scene.stripe.events.list({ type: 'customer.subscription.updated', limit: 1 })).data
    expect(event?.data.previous_attributes).toMatchObject({ pause_collection: { behavior: 'void' } })
  })

  it('waits for a transfer until the invoice is due', async () => {
    const { scene, check, set } = await opened()
    await using _ = scene
    await expect(set({ collection_method: 'send_invoice' })).rejects.toMatchObject({ param: 'days_until_due' })
    await set({ collection_method: 'send_invoice', days_until_due: 10 })
    scene.turnDays(35)
    const [sent] = (await scene.stripe.invoices.list({ status: 'open', subscription: (await check()).id })).data
    expect(sent).toMatchObject({ collection_method: 'send_invoice', next_payment_attempt: null, attempt_count: 0 })
    expect(await check()).toMatchObject({ status: 'active', days_until_due: 10 })
    scene.turnDays(10)
    expect((await check()).status).toBe('past_due')
    expect((await scene.act(`/invoices/${sent?.id}/pay`, {})).status).toBe(200)
    expect((await check()).status).toBe('active')
  })

  it('is free by a discount, and its invoices say so', async () => {
    const { scene, id, check } = await opened()
    await using _ = scene
    expect((await scene.act(`/subscriptions/${id}/discount`, {})).status).toBe(200)
    scene.turnDays(32)
    const { discounts } = await check()
    const [invoice] = (await scene.stripe.invoices.list({ subscription: id, limit: 1 })).data
    expect(invoice).toMatchObject({ status: 'paid', subtotal: 1900, total: 0, amount_due: 0, discounts })
    expect(invoice?.total_discount_amounts).toEqual([{ amount: 1900, discount: discounts[0] }])
  })

  it('begins a trial in place of its period, and collects after it', async () => {
    const { scene, check, invoices, seconds, set } = await opened()
    await using _ = scene
    const end = seconds(40)
    const trial = await set({ trial_end: end })
    expect(trial).toMatchObject({ status: 'trialing', trial_end: end, billing_cycle_anchor: end })
    scene.turnDays(39)
    expect(await invoices()).toEqual(['paid', 'paid'])
    scene.turnDays(2)
    expect((await check()).status).toBe('active')
    expect(await invoices()).toEqual(['paid', 'paid', 'paid'])
    await expect(set({ trial_end: seconds(-1) })).rejects.toMatchObject({ param: 'trial_end' })
  })
})
