import { describe, expect, it } from 'vitest'
import { entitlementOf, entitlementSchema } from '../../../core/entitlement/entitlement.ts'
import { plusDays } from '../../../core/instant.ts'
import type { Plan } from '../../../core/plan/plan.ts'
import { billing } from '../../lambdas/billing/subscriptions.ts'
import { domainNow } from '../../support/fixed-ports.ts'
import { samplePolicies } from '../../support/sample-policy.ts'
import { siteSamples } from '../../support/site-samples.ts'

const plan = (kind: Plan['kind']): Plan => ({
  id: kind === 'trial' ? 'trial' : 'starter',
  name: 'Plan',
  kind,
  prices: [],
  size: { cpu: 1, memoryMiB: 256, processes: 64 },
  limits: { requestsPerMinute: 3000, bandwidthMiBPerMinute: 300, connections: 100, uploadMiB: 32, storageMiB: 256 },
  features: ['entries', 'export'],
})

const known = {
  unlocks: { scorm: ['growth', 'enterprise'] },
  policies: samplePolicies,
  consoleUrl: 'https://try.example.com',
  origins: { content: 'https://meadow--content.localhost' },
}

describe('the entitlement of a site', () => {
  it('holds its name, its plan, and what the plan allows', () => {
    expect(entitlementOf(siteSamples.active, plan('trial'), known)).toEqual({
      name: 'Meadow & Co',
      plan: 'trial',
      features: ['entries', 'export'],
      limits: { requestsPerMinute: 3000, bandwidthMiBPerMinute: 300, connections: 100, uploadMiB: 32, storageMiB: 256 },
      facts: {
        trialEndsAt: '2026-03-15T12:00:00.000Z',
        paymentDueBy: null,
        endsAt: null,
        consoleUrl: 'https://try.example.com',
        origins: { content: 'https://meadow--content.localhost' },
        unlocks: { scorm: ['growth', 'enterprise'] },
      },
    })
  })

  it('holds the storage of an environment, which is not that of its plan', () => {
    const environmentOf = { siteId: 'site_01jq3v5k8m0000000000000009', name: 'qa' } as const
    const environments = { count: 3, storageMiB: 64, outbound: false }
    const entitlement = entitlementOf(
      { ...siteSamples.active, environmentOf },
      { ...plan('paid'), environments },
      known,
    )
    expect(entitlement.limits).toEqual({ ...plan('paid').limits, storageMiB: 64 })
  })

  it.each(['paid', 'enterprise'] as const)('tells of no end of a trial under a plan that is %s', (kind) => {
    expect(entitlementOf(siteSamples.active, plan(kind), known).facts.trialEndsAt).toBeNull()
  })

  it('tells of a payment that is overdue, and no more once it is paid', () => {
    const factsOf = (facts: Parameters<typeof billing>[0]) =>
      entitlementOf({ ...siteSamples.active, plan: 'growth', billing: billing(facts) }, plan('paid'), known).facts
    expect(factsOf({ state: 'past-due', pastDueSince: domainNow, paidThrough: domainNow })).toMatchObject({
      paymentDueBy: plusDays(domainNow, 7),
      endsAt: null,
    })
    expect(factsOf({ state: 'active' })).toMatchObject({ paymentDueBy: null, endsAt: null })
  })

  it('contains nothing about the owner', () => {
    const text = JSON.stringify(entitlementOf(siteSamples.active, plan('trial'), known))
    expect(text).not.toContain(siteSamples.active.ownership.accountId)
  })

  it('is what its schema reads', () => {
    const entitlement = entitlementOf(siteSamples.active, plan('trial'), known)
    expect(entitlementSchema.parse(JSON.parse(JSON.stringify(entitlement)))).toEqual(entitlement)
  })
})
