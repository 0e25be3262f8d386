import { describe, expect, it } from 'vitest'
import { entitlementOf, entitlementSchema } from '../../../core/entitlement/entitlement.ts'
import type { Plan } from '../../../core/plan/plan.ts'
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

const unlocks = { scorm: ['growth', 'enterprise'] }

describe('the entitlement of a site', () => {
  it('holds its name, its plan, and what the plan allows', () => {
    expect(entitlementOf(siteSamples.active, plan('trial'), unlocks)).toEqual({
      name: 'Meadow & Co',
      plan: 'trial',
      features: ['entries', 'export'],
      limits: { requestsPerMinute: 3000, bandwidthMiBPerMinute: 300, connections: 100, uploadMiB: 32, storageMiB: 256 },
      facts: { trialEndsAt: '2026-03-15T12:00:00.000Z', unlocks: { scorm: ['growth', 'enterprise'] } },
    })
  })

  it.each(['paid', 'enterprise'] as const)('tells of no end of a trial under a plan that is %s', (kind) => {
    expect(entitlementOf(siteSamples.active, plan(kind), unlocks).facts.trialEndsAt).toBeNull()
  })

  it('says nothing of who owns the site', () => {
    const text = JSON.stringify(entitlementOf(siteSamples.active, plan('trial'), unlocks))
    expect(text).not.toContain(siteSamples.active.ownership.accountId)
  })

  it('is what its schema reads', () => {
    const entitlement = entitlementOf(siteSamples.active, plan('trial'), unlocks)
    expect(entitlementSchema.parse(JSON.parse(JSON.stringify(entitlement)))).toEqual(entitlement)
  })
})
