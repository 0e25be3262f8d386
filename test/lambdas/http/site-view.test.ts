import { describe, expect, it } from 'vitest'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'
import { siteView } from '../../../lambdas/http/site-view.ts'
import { siteViewSchema } from '../../../lambdas/http/site-view-schema.ts'
import { everyStatus, siteSamples, unownedBuilding } from '../../support/site-samples.ts'

const size = { cpu: 0.5, memoryMiB: 256, processes: 128 }
const limits = { requestsPerSecond: 50, storageMiB: 256 }
const ports = {
  plans: planCatalogue([
    { id: 'trial', name: 'Trial', kind: 'trial', size, limits, features: ['entries'] },
    { id: 'starter', name: 'Starter', kind: 'paid', size, limits, features: ['entries', 'export'] },
  ]),
  siteUrl: (hostname: string) => `http://${hostname}:4000/`,
}
const owned = everyStatus.filter((status) => status !== 'ready')

describe('a site as its owner sees it', () => {
  it.each(owned)('is what the API promises when it is %s', (status) => {
    const view = siteView(siteSamples[status], ports)
    expect(siteViewSchema.parse(JSON.parse(JSON.stringify(view)))).toEqual(view)
    expect(view).toMatchObject({ id: siteSamples[status].id, status, plan: 'trial', features: ['entries'] })
  })

  it('shows nothing of our insides', () => {
    for (const status of owned) {
      const text = JSON.stringify(siteView(siteSamples[status], ports))
      for (const inside of ['127.0.0.1', 'fence', 'cell', 'policyVersion', 'acct_']) expect(text).not.toContain(inside)
    }
  })

  it('leads to its own address and says when the trial ends', () => {
    expect(siteView(siteSamples.active, ports)).toMatchObject({
      slug: 'meadow',
      name: 'Meadow & Co',
      url: 'http://meadow.localhost:4000/',
      trialEndsAt: '2026-03-15T12:00:00.000Z',
      progress: { percent: 100 },
    })
  })

  it('has no end of a trial while it is being built, nor under a plan that is paid for', () => {
    expect(siteView(siteSamples.building, ports)?.trialEndsAt).toBeNull()
    const paid = siteView({ ...siteSamples.active, plan: 'starter' }, ports)
    expect(paid).toMatchObject({ plan: 'starter', trialEndsAt: null, features: ['entries', 'export'] })
  })

  it('says why it failed, and only then', () => {
    expect(siteView(siteSamples.failed, ports)?.failure?.reason).toBe(siteSamples.failed.failure.reason)
    expect(siteView(siteSamples.active, ports)).not.toHaveProperty('failure')
  })

  it('is nothing for a site of the pool, which is nobody’s', () => {
    expect(siteView(siteSamples.ready, ports)).toBeUndefined()
    expect(siteView(unownedBuilding, ports)).toBeUndefined()
  })
})
