import { describe, expect, it } from 'vitest'
import { plusDays } from '../../../core/instant.ts'
import type { ActiveSite, KeptSite } from '../../../core/site/site.ts'
import { revokeOwnDeletion } from '../../../lambdas/endings/act-on-site.ts'
import { suspendSite } from '../../../lambdas/endings/end-site.ts'
import { archiveNumbered } from '../../core/site/kept-sites.ts'
import { ownersActs, passTime } from '../../support/billing/billing-life.ts'
import { billingScene } from '../../support/billing/billing-scene.ts'
import { siteSamples } from '../../support/site-samples.ts'

const growth = { plan: 'growth', interval: 'month', currency: 'EUR' } as const
const unavailable = expect.objectContaining({ kind: 'Unavailable' })

/** A site of a paid plan, and a Stripe that can be away. */
const sceneOf = async () => {
  let isAway = false
  const scene = billingScene({ fault: () => (isAway ? 'before' : undefined) })
  const { id, customerId } = scene.open()
  const subscription = scene.model.create({ customerId, siteId: id, price: growth })
  scene.model.collect(subscription)
  await scene.hear(scene.noticed({ customerId }))
  await scene.settle()
  const going = { scene, id, between: async () => undefined }
  const site = () => scene.site(id) as KeptSite
  return {
    scene,
    going,
    subscription,
    site,
    goAway: () => {
      isAway = true
    },
    comeBack: () => {
      isAway = false
    },
    revoke: () =>
      revokeOwnDeletion(scene.ports as never, {
        siteId: id,
        accountId: site().ownership.accountId,
        actor: { kind: 'owner', personId: 'prsn_01jq3v5k8m0000000000000000' },
        causationId: 'req_1',
      }),
  }
}

describe('while Stripe is away, a deleted site that is paid for', () => {
  it('is resumed at once by revoking the deletion, and its renewal is restored later', async () => {
    const { scene, going, subscription, site, goAway, comeBack, revoke } = await sceneOf()
    await ownersActs.delete(going)
    await scene.settle()
    await passTime(going)
    await scene.settle()
    expect(site()).toMatchObject({ status: 'suspended', billing: { endsWithDeletion: true } })
    goAway()
    const { size } = scene.ports.plans.find('growth')
    expect(await revoke()).toMatchObject({ status: 'active', size })
    expect(site()).not.toHaveProperty('deletion')
    await expect(scene.settle()).rejects.toEqual(unavailable)
    comeBack()
    await scene.hear({ ...scene.noticed({}), aggregate: { type: 'site', id: site().id }, type: 'SiteResumed' } as never)
    expect(scene.model.seen(subscription).cancelsAtPeriodEnd).toBe(false)
  })

  it('is resumed after its stop where the deletion is revoked during the stop', async () => {
    const { scene, going, site, goAway, revoke } = await sceneOf()
    await ownersActs.delete(going)
    await scene.settle()
    goAway()
    expect(await revoke()).toMatchObject({ status: 'suspended' })
    await expect(scene.settle()).rejects.toEqual(unavailable)
    await passTime(going)
    await expect(scene.settle()).rejects.toEqual(unavailable)
    expect(site()).toMatchObject({ status: 'active', size: scene.ports.plans.find('growth').size })
  })

  it('is restored by revoking where it is archived', async () => {
    const { scene, site, goAway, revoke } = await sceneOf()
    const { archivedAt, warned } = siteSamples.archived
    const archives = [archiveNumbered(1)]
    const { endpoint: _, reminded: __, ...kept } = site() as ActiveSite
    const deletion = { requestedAt: scene.now(), by: 'owner' as const }
    scene.put({ ...kept, status: 'archived', archivedAt, warned, archives, deletion } as never)
    goAway()
    expect(await revoke()).toMatchObject({ status: 'archived', operation: { kind: 'restore' } })
    expect(site()).not.toHaveProperty('deletion')
  })

  it('stays suspended where its paid time has ended, or an operator has suspended it', async () => {
    const over = await sceneOf()
    over.scene.model.end(over.subscription)
    await over.scene.hear(over.scene.noticed({ subscriptionId: over.subscription }))
    await ownersActs.delete(over.going)
    await over.scene.settle()
    await passTime(over.going)
    over.scene.pass(40)
    over.goAway()
    expect(await over.revoke()).toMatchObject({ status: 'suspended' })

    const stopped = await sceneOf()
    const { scene, site, goAway, revoke } = stopped
    await scene.commit(suspendSite(site() as ActiveSite, { because: 'operator' }, scene.context()))
    await passTime(stopped.going)
    const deletion = { requestedAt: plusDays(scene.now(), -1), by: 'owner' as const }
    scene.put({ ...site(), deletion } as never)
    goAway()
    expect(await revoke()).toMatchObject({ status: 'suspended', suspendedBecause: 'operator' })
  })
})

it('asks Stripe before a paid site is ended, and keeps it where Stripe does not answer', async () => {
  const { scene, site, goAway } = await sceneOf()
  goAway()
  expect(await scene.billing.isPaidFor(site())).toBe('unknown')
})
