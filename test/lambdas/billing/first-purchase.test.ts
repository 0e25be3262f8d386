import { describe, expect, it } from 'vitest'
import type { PriceChoice } from '../../../core/ports/payments.ts'
import { type BillingScene, billingScene } from '../../support/billing/billing-scene.ts'
import { neverSo } from '../../support/billing/history-checks.ts'
import { projectionOf } from '../../support/billing/stripe-model.ts'
import { seededInteger } from '../../support/simulation/seeded.ts'

const types = [
  'customer.subscription.created',
  'invoice.created',
  'payment_intent.succeeded',
  'invoice.paid',
  'customer.subscription.updated',
  'checkout.session.completed',
] as const
type EventType = (typeof types)[number]

/** How far Stripe has come at least when it tells of this. */
const stageOf: Readonly<Record<EventType, number>> = {
  'customer.subscription.created': 1,
  'invoice.created': 1,
  'payment_intent.succeeded': 2,
  'invoice.paid': 2,
  'customer.subscription.updated': 2,
  'checkout.session.completed': 2,
}

const permutations = <Item>(items: readonly Item[]): readonly (readonly Item[])[] =>
  items.length < 2
    ? [items]
    : items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]))

const starter: PriceChoice = { plan: 'starter', interval: 'month', currency: 'EUR' }

/** The events at Stripe, one after the other: begun, paid, and then what an owner does at once. */
const stagesOf = ({ model }: BillingScene, site: { id: `site_${string}`; customerId: string }) => {
  let id = ''
  return [
    () => {
      id = model.create({ customerId: site.customerId, siteId: site.id, price: starter })
    },
    () => model.collect(id),
    () => model.change(id, { cancelsAtPeriodEnd: true }),
    () => model.change(id, { price: { ...starter, plan: 'growth' } }),
    () => model.change(id, { cancelsAtPeriodEnd: false }),
  ] as const
}

const live = async (order: readonly EventType[], seed: number) => {
  const pick = seededInteger(seed)
  const scene = billingScene({ latency: () => pick(16) })
  const site = scene.open()
  const stages = stagesOf(scene, site)
  let stage = 0
  const reach = (wanted: number): void => {
    for (; stage < wanted; stage += 1) stages[stage]?.()
  }
  const delivered: EventType[] = []
  for (const type of order) {
    reach(stageOf[type])
    if (pick(3) === 0) reach(stage + 1)
    scene.pass(pick(3) / 1440)
    // Periodically two at once, and one that came before comes again.
    delivered.push(type)
    const twice = delivered[pick(delivered.length)]
    const event = () => scene.noticed({ type, customerId: site.customerId })
    const again = scene.noticed({ type: twice ?? type, customerId: site.customerId })
    if (pick(2) === 0) scene.meanwhile(() => (pick(2) === 0 ? reach(stage + 1) : undefined))
    const goOn = async (): Promise<void> => {
      for (let turns = pick(16); turns > 0; turns -= 1) await null
      reach(stage + pick(2))
    }
    await (pick(2) === 0
      ? Promise.all([scene.hear(event()), goOn(), scene.hear(again)])
      : scene.hear(event()).then(() => (pick(2) === 0 ? scene.hear(again) : undefined)))
    expect(neverSo(scene)).toEqual([])
  }
  reach(stages.length)
  await scene.hear(scene.noticed({ type: 'customer.subscription.updated', customerId: site.customerId }))
  await scene.settle()
  return { scene, site }
}

describe('the six events of a first purchase', () => {
  const orders = permutations(types)

  it('come in 720 orders', () => {
    expect(new Set(orders.map((order) => order.join())).size).toBe(720)
  })

  it('converge although repeated, late or concurrent with Stripe', async () => {
    for (const [seed, order] of orders.entries()) {
      const { scene, site } = await live(order, seed)
      const [subscription] = scene.model.ofSite(site.id)
      const stored = scene.site(site.id)
      if (stored.status !== 'active' || stored.billing === undefined || subscription === undefined) {
        throw new Error(`order ${seed}: ${stored.status}`)
      }
      const { subscriptionId: id, state, cancelsAtPeriodEnd, paidThrough, isDisputed } = stored.billing
      const written = JSON.stringify([id, state, cancelsAtPeriodEnd, paidThrough, isDisputed])
      expect(written).toBe(projectionOf(scene.model.seen(subscription.id)))
      expect({ plan: stored.plan, billed: stored.billing.plan, state }).toEqual({
        plan: 'growth',
        billed: 'growth',
        state: 'active',
      })
      expect(subscription.invoices).toHaveLength(1)
      expect(subscription.invoices[0]?.refundedAt).toBeUndefined()
    }
  })

  it('do nothing when they come again after that', async () => {
    const { scene, site } = await live(types, 1)
    const { version } = scene.site(site.id)
    for (const type of types) await scene.hear(scene.noticed({ type, customerId: site.customerId }))
    expect(scene.site(site.id).version).toBe(version)
  })
})
