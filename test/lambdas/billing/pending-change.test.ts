import { describe, expect, it } from 'vitest'
import type { KeptSite } from '../../../core/site/site.ts'
import { reconcileSite } from '../../../lambdas/billing/reconciliation/reconcile-billing.ts'
import { billingScene } from '../../support/billing/billing-scene.ts'

const starter = { plan: 'starter', interval: 'month', currency: 'EUR' } as const
const growth = { ...starter, plan: 'growth' } as const

/** A site on `starter` whose change to `growth` waits for the owner's bank. */
const waiting = async () => {
  const scene = billingScene()
  const { model, ports } = scene
  const { id, customerId } = scene.open()
  const subscription = model.create({ customerId, siteId: id, price: starter })
  model.collect(subscription)
  const tell = async () => {
    await scene.hear(scene.noticed({ customerId }))
    await scene.settle()
  }
  await tell()
  model.giveCard(customerId, 'authenticates')
  await model.payments.changePrice({ subscriptionId: subscription, price: growth, idempotencyKey: 'plan-1' })
  await tell()
  const reconcile = () =>
    reconcileSite(ports, id, { listed: [model.seen(subscription)], causationId: 'reconciliation' })
  return { scene, model, subscription, tell, reconcile, site: () => scene.site(id) as KeptSite }
}

describe('a change of plan that waits for the owner’s bank', () => {
  it('leaves the site its plan, and is on its billing', async () => {
    const { site } = await waiting()
    expect(site()).toMatchObject({
      plan: 'starter',
      billing: { state: 'active', plan: 'starter', pendingChange: { plan: 'growth', interval: 'month' } },
    })
  })

  it.each(['an event', 'the reconciliation'])('is made once it is confirmed, by %s', async (by) => {
    const { model, subscription, tell, reconcile, site } = await waiting()
    model.confirm(subscription)
    if (by === 'an event') await tell()
    else expect(await reconcile()).toMatchObject({ outcome: 'changed' })
    expect(site()).toMatchObject({ plan: 'growth', billing: { plan: 'growth' } })
    expect(site().billing).not.toHaveProperty('pendingChange')
  })

  it.each(['an event', 'the reconciliation'])('ends when Stripe drops it, by %s', async (by) => {
    const { scene, model, tell, reconcile, site } = await waiting()
    scene.pass(1)
    model.turn()
    if (by === 'an event') await tell()
    else expect(await reconcile()).toMatchObject({ outcome: 'changed' })
    expect(site()).toMatchObject({ plan: 'starter', billing: { plan: 'starter' } })
    expect(site().billing).not.toHaveProperty('pendingChange')
  })

  it('ends by time where Stripe is late to drop it', async () => {
    const { scene, reconcile, site } = await waiting()
    scene.pass(1)
    expect(await reconcile()).toMatchObject({ outcome: 'changed' })
    expect(site().billing).not.toHaveProperty('pendingChange')
    expect(await reconcile()).toMatchObject({ outcome: 'same' })
  })
})
