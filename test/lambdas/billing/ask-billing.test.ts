import { describe, expect, it } from 'vitest'
import { plusDays } from '../../../core/instant.ts'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'
import type { ActiveSite } from '../../../core/site/site.ts'
import { billingFromRecord } from '../../../lambdas/billing/ask-billing.ts'
import { changePlan } from '../../../lambdas/endings/act-on-site.ts'
import config from '../../../sitewright.config.ts'
import { billingScene } from '../../support/billing/billing-scene.ts'
import { siteSamples } from '../../support/site-samples.ts'

const starter = { plan: 'starter', interval: 'month', currency: 'EUR' } as const

const sceneWith = (fault?: 'before') => {
  const scene = billingScene(fault && { fault: () => fault })
  const { id, customerId } = scene.open()
  const ask = () => scene.billing.isPaidFor(scene.site(id) as ActiveSite)
  const buy = (): string => {
    const subscription = scene.model.create({ customerId, siteId: id, price: starter })
    scene.model.collect(subscription)
    return subscription
  }
  return { scene, id, customerId, ask, buy }
}

describe('whether a site is paid for', () => {
  it('asks Stripe despite our record', async () => {
    const { ask, buy, scene, id } = sceneWith()
    expect(await ask()).toBe('unpaid')
    const subscription = buy()
    expect(scene.site(id)).not.toHaveProperty('billing')
    expect(await ask()).toBe('paid')
    scene.model.end(subscription)
    expect(await ask()).toBe('paid')
    scene.pass(31)
    expect(await ask()).toBe('unpaid')
  })

  it('is so for the grace where it is past due, and no longer', async () => {
    const { ask, buy, scene, customerId } = sceneWith()
    const subscription = buy()
    scene.pass(30)
    scene.model.change(subscription, { status: 'past_due' })
    await scene.hear(scene.noticed({ customerId }))
    scene.pass(6)
    expect(await ask()).toBe('paid')
    scene.pass(1)
    expect(await ask()).toBe('unpaid')
  })

  it('is not so for a first payment that never came in', async () => {
    const { ask, scene, id, customerId } = sceneWith()
    scene.model.create({ customerId, siteId: id, price: starter })
    expect(await ask()).toBe('unpaid')
  })

  it.each(['its site', 'no site'])('is unknown while a subscription of %s cannot be read', async (whose) => {
    const { ask, scene, id, customerId } = sceneWith()
    const unread = scene.model.create({ customerId, siteId: id, price: starter })
    scene.model.change(unread, { status: 'unknown', ...(whose === 'no site' && { siteId: undefined }) })
    expect(await ask()).toBe('unknown')
    const other = scene.open()
    scene.model.change(unread, { siteId: other.id })
    expect(await ask()).toBe('unpaid')
  })

  it('counts a subscription at an unknown price', async () => {
    const { ask, buy, scene } = sceneWith()
    scene.model.change(buy(), { price: undefined })
    expect(await ask()).toBe('paid')
  })

  it('is not known where Stripe does not answer, or does not know the subscription', async () => {
    expect(await sceneWith('before').ask()).toBe('unknown')
    const { ask, buy, scene, customerId } = sceneWith()
    const subscription = buy()
    await scene.hear(scene.noticed({ customerId }))
    scene.model.subscriptions.delete(subscription)
    scene.pass(400)
    expect(await ask()).toBe('unknown')
  })

  it('is by arrangement where an operator has given it another plan, though a subscription has ended', async () => {
    const { ask, buy, scene, id, customerId } = sceneWith()
    scene.model.end(buy())
    await scene.hear(scene.noticed({ customerId }))
    scene.pass(40)
    expect(await ask()).toBe('unpaid')
    await scene.commit(
      changePlan(scene.site(id) as ActiveSite, { plan: 'enterprise', reason: 'Signed.' }, scene.context()),
    )
    expect(await ask()).toBe('paid')
  })

  it('is not asked of Stripe for who never was there', async () => {
    const { scene } = sceneWith()
    const stranger = scene.open()
    const site = scene.site(stranger.id) as ActiveSite
    const nobody = { ...site, ownership: { ...site.ownership, accountId: 'acct_01jq3v5k8m0000000000009999' as const } }
    const before = scene.model.calls.length
    expect(await scene.billing.isPaidFor({ ...nobody, trialEndsAt: plusDays(scene.now(), -1) })).toBe('unpaid')
    expect(scene.model.calls.length).toBe(before)
  })
})

const billing = billingFromRecord(planCatalogue(config.plans))
const sites = [siteSamples.active, siteSamples.suspended, siteSamples.archived]

it('counts every site as paid for that is no trial', async () => {
  for (const { id, kind } of config.plans) {
    for (const site of sites) {
      expect(await billing.isPaidFor({ ...site, plan: id })).toBe(kind === 'trial' ? 'unpaid' : 'paid')
    }
  }
})

it('cannot say of a plan that the configuration has lost, and throws nothing', async () => {
  for (const site of sites) expect(await billing.isPaidFor({ ...site, plan: 'bygone' })).toBe('unknown')
})
