import { describe, expect, it } from 'vitest'
import { type TrialPolicy, trialPolicies, trialPolicySchema } from '../../../core/site/trial-policy.ts'
import { samplePolicy } from '../../support/sample-policy.ts'
import { siteSamples } from '../../support/site-samples.ts'

const policy = (version: number): TrialPolicy => ({ ...samplePolicy, version })

describe('the trial policies', () => {
  it('give a new site the highest version, wherever it stands in the list', () => {
    expect(trialPolicies([policy(2), policy(10), policy(1)]).current.version).toBe(10)
  })

  it('keep the earlier ones for the sites that live under them', () => {
    expect(trialPolicies([policy(2), policy(1)]).find(1)).toEqual(policy(1))
  })

  it('name a version that is gone while a site still lives under it', () => {
    expect(() => trialPolicies([policy(2)]).find(1)).toThrow('version 1 is missing')
  })

  it('need no version for a site that is built, ready, failed or purged', () => {
    const { of } = trialPolicies([policy(2), policy(3)])
    for (const status of ['building', 'ready', 'failed', 'purged'] as const) {
      expect(of({ ...siteSamples[status], policyVersion: 2 }).version).toBe(2)
      expect(of({ ...siteSamples[status], policyVersion: 1 }).version).toBe(3)
    }
    expect(() => of({ ...siteSamples.archived, policyVersion: 1 })).toThrow('version 1 is missing')
  })

  it('refuse duplicate versions and an empty list', () => {
    expect(() => trialPolicies([policy(1), policy(1)])).toThrow('the versions must be different')
    expect(() => trialPolicies([])).toThrow('at least one without a name is needed')
  })

  it('without warnings, extensions and deletions are as they always were', () => {
    const { warningDaysBefore: _, ownerExtensions: __, extensionDays: ___, deletionDays: ____, ...bare } = policy(1)
    expect(trialPolicySchema.parse(bare)).toEqual(samplePolicy)
  })

  it.each([
    { trialDays: 0 },
    { graceDays: 0.5 },
    { retentionDays: 4000 },
    { reminderDaysBefore: [0] },
    { reminderDaysBefore: [3, 14] },
    { version: 0 },
    { warningDaysBefore: [90] },
    { warningDaysBefore: [14.5] },
    { ownerExtensions: -1 },
    { extensionDays: 0 },
    { deletionDays: 0 },
    { holdDays: 1 },
  ])('refuse a policy with %j', (change) => {
    expect(trialPolicySchema.safeParse({ ...policy(1), ...change }).success).toBe(false)
  })
})
