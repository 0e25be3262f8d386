import { describe, expect, it } from 'vitest'
import { plusDays } from '../../../core/instant.ts'
import { dueStep } from '../../../core/site/next-step.ts'
import type { KeptSite } from '../../../core/site/site.ts'
import { billingFromStripe } from '../../../lambdas/billing/ask-billing.ts'
import { handleBillingEvent } from '../../../lambdas/billing/converge-site.ts'
import { reconcileBilling } from '../../../lambdas/billing/reconciliation/reconcile-billing.ts'
import { pauseBehaviors } from '../../adapters/stripe/life-contract.ts'
import { openOnStandIn } from '../../adapters/stripe/open-on-stand-in.ts'
import { ownersActs, passTime } from '../../support/billing/billing-life.ts'
import { billingScene } from '../../support/billing/billing-scene.ts'
import { samplePolicy as policy } from '../../support/sample-policy.ts'

const growth = { plan: 'growth', interval: 'month', currency: 'EUR' } as const

/** A site whose subscription is at the stand-in for Stripe, by whose clock everything goes. */
const atStandIn = async () => {
  const scene = billingScene()
  const stripe = await openOnStandIn()
  const { payments, now } = stripe
  const { id } = scene.open({ trialEndsAt: plusDays(now(), -1) })
  const accountId = (scene.site(id) as KeptSite).ownership.accountId
  const customerId = await payments.openCustomer({ accountId, email: 'ada@example.com', idempotencyKey: 'customer' })
  const account = { ...(await scene.ports.accounts.get(accountId)), customerId } as never
  const clocks = { domain: now, wall: now }
  const ports = { ...scene.ports, payments, clocks, accounts: { get: async () => account } }
  const session = await payments.openCheckout({
    ...{ siteId: id, accountId, customerId, price: growth, idempotencyKey: 'checkout' },
    ...{ description: 'acme.sites.example', successUrl: 'http://localhost/', cancelUrl: 'http://localhost/' },
  })
  await stripe.pay(session.id, 'good')
  const [bought] = await payments.subscriptionsOf(customerId)
  const site = () => scene.site(id) as KeptSite
  return {
    stripe,
    site,
    bought,
    subscriptionId: bought?.id ?? '',
    gate: () => billingFromStripe(ports).isPaidFor(site()),
    learn: {
      webhook: () => handleBillingEvent(ports, scene.noticed({ customerId })),
      reconciliation: () => reconcileBilling(ports, 'daily'),
    },
    reconcile: () => reconcileBilling(ports, 'daily'),
    isDue: () => dueStep(site(), policy, now())?.step === 'suspend',
  }
}

const cases = pauseBehaviors.flatMap((behavior) =>
  (['webhook', 'reconciliation'] as const).map((by) => ({ behavior, by })),
)

describe('a subscription whose payments Stripe does not collect', () => {
  it.each(cases)('runs its site to the end of the paid time ($behavior, by $by)', async ({ behavior, by }) => {
    const { stripe, site, bought, subscriptionId, gate, learn, reconcile, isDue } = await atStandIn()
    await learn[by]()
    await stripe.pause(subscriptionId, behavior)
    await learn[by]()
    expect(site().billing).toMatchObject({ state: 'paused', paidThrough: bought?.paidThrough })
    const listed = { siteId: site().id, subscriptionId, term: 'paused' }
    expect(await reconcile()).toMatchObject({ repaired: [], unusual: [listed], left: [] })
    await stripe.turnDays(20)
    expect([await gate(), isDue()]).toEqual(['paid', false])
    await stripe.turnDays(20)
    await learn[by]()
    expect(site().billing).toMatchObject({ state: 'paused', paidThrough: bought?.paidThrough })
    expect(await gate()).toBe('unpaid')
    await stripe.resume(subscriptionId)
    // The gate asks Stripe, also before we have learned of it.
    expect(await gate()).toBe('paid')
    await learn[by]()
    expect(site().billing?.state).toBe('active')
    expect(isDue()).toBe(false)
    expect(await reconcile()).toMatchObject({ repaired: [], unusual: [] })
    await stripe.close()
  })
})

/** A paid site in the model of Stripe. */
const paid = async () => {
  const scene = billingScene()
  const { id, customerId } = scene.open()
  const subscription = scene.model.create({ customerId, siteId: id, price: growth })
  scene.model.collect(subscription)
  const event = () => scene.noticed({ customerId })
  await scene.hear(event())
  const going = { scene, id, between: async () => undefined }
  return { scene, id, subscription, event, going, site: () => scene.site(id) as KeptSite }
}

describe('a pause', () => {
  it('suspends its site after reminders, and its end resumes it', async () => {
    const { scene, subscription, event, going, site } = await paid()
    scene.model.change(subscription, { status: 'paused' })
    await scene.hear(event())
    for (let day = 0; day < 32; day += 1) {
      scene.pass(1)
      if (day < 28) expect(site().status).toBe('active')
      await passTime(going)
    }
    expect(site()).toMatchObject({ status: 'suspended' })
    const types = scene.changes.map((change) => change.event.type)
    expect(types.filter((type) => type === 'SiteSuspended')).toHaveLength(1)
    expect(types.indexOf('SiteReminded')).toBeGreaterThan(0)
    expect(types.indexOf('SiteReminded')).toBeLessThan(types.indexOf('SiteSuspended'))
    scene.model.resume(subscription)
    await scene.hear(event())
    expect(site()).toMatchObject({ status: 'active', billing: { state: 'active' } })
  })

  it('counts as it is now, whichever event comes last', async () => {
    const { scene, subscription, event, site } = await paid()
    scene.model.change(subscription, { status: 'paused' })
    const paused = event()
    scene.model.resume(subscription)
    const resumed = event()
    for (const late of [resumed, paused, resumed, paused]) {
      await scene.hear(late)
      expect(site().billing?.state).toBe('active')
    }
    scene.model.change(subscription, { status: 'paused' })
    for (const late of [resumed, paused, resumed]) {
      await scene.hear(late)
      expect(site().billing?.state).toBe('paused')
    }
  })

  it.each(['before', 'during'])('that ends by itself revokes no deletion from %s it', async (when) => {
    const { scene, subscription, event, going, site } = await paid()
    const pause = () => scene.model.change(subscription, { status: 'paused' })
    if (when === 'during') pause()
    await scene.hear(event())
    await ownersActs.delete(going)
    await scene.settle()
    if (when === 'before') pause()
    await scene.hear(event())
    expect(scene.model.find(subscription).cancelsAtPeriodEnd).toBe(true)
    scene.model.resume(subscription)
    await scene.hear(event())
    expect(site()).toMatchObject({ status: 'suspended', deletion: { by: 'owner' }, billing: { state: 'active' } })
    pause()
    await scene.hear(event())
    await ownersActs.revoke(going)
    await scene.settle()
    expect(scene.model.find(subscription).cancelsAtPeriodEnd).toBe(false)
  })

  it('lets no site end while Stripe does not answer', async () => {
    const { scene, subscription, site } = await paid()
    scene.model.change(subscription, { status: 'paused' })
    scene.pass(40)
    expect(await scene.billing.isPaidFor(site())).toBe('unpaid')
    scene.model.fail('subscriptionsOf', 'before')
    expect(await scene.billing.isPaidFor(site())).toBe('unknown')
  })
})
