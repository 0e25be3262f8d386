import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plusDays } from '../../../core/instant.ts'
import type { NextStep } from '../../../core/site/next-step.ts'
import { nextStep } from '../../../core/site/next-step.ts'
import type { ActiveSite, Site } from '../../../core/site/site.ts'
import type { TrialPolicy } from '../../../core/site/trial-policy.ts'
import { siteSamples } from '../../support/site-samples.ts'

const policy: TrialPolicy = {
  version: 1,
  trialDays: 14,
  reminderDaysBefore: [1, 7, 3],
  graceDays: 14,
  retentionDays: 60,
}
const active = (change: Partial<ActiveSite>): ActiveSite => ({ ...siteSamples.active, reminded: [], ...change })
const days = fc.integer({ min: 1, max: 3650 })
const policies = fc.record({
  version: fc.constant(1),
  trialDays: days,
  reminderDaysBefore: fc.uniqueArray(days, { maxLength: 5 }),
  graceDays: days,
  retentionDays: days,
})

/** What a sweep does with what is due; times are those at which it was due. */
const afterStep = (site: Site, next: NextStep): Site | undefined => {
  if (next.step === 'remind' && site.status === 'active') {
    return { ...site, reminded: [...site.reminded, next.daysBefore] }
  }
  if (next.step === 'suspend') return { ...siteSamples.suspended, suspendedAt: next.dueAt }
  if (next.step === 'archive') return { ...siteSamples.archived, archivedAt: next.dueAt }
  return undefined
}

const lifeOf = (start: Site, under: TrialPolicy): NextStep[] => {
  const steps: NextStep[] = []
  for (let site: Site | undefined = start; site !== undefined; ) {
    const next = nextStep(site, under)
    if (next === undefined) break
    steps.push(next)
    site = afterStep(site, next)
  }
  return steps
}

describe('what time does to a site next', () => {
  it('is to remind, suspend, archive and purge a trial that nobody cares for', () => {
    expect(lifeOf(active({ trialEndsAt: '2026-03-15T12:00:00.000Z' }), policy)).toEqual([
      { step: 'remind', daysBefore: 7, dueAt: '2026-03-08T12:00:00.000Z' },
      { step: 'remind', daysBefore: 3, dueAt: '2026-03-12T12:00:00.000Z' },
      { step: 'remind', daysBefore: 1, dueAt: '2026-03-14T12:00:00.000Z' },
      { step: 'suspend', dueAt: '2026-03-15T12:00:00.000Z' },
      { step: 'archive', dueAt: '2026-03-29T12:00:00.000Z' },
      { step: 'purge', dueAt: '2026-05-28T12:00:00.000Z' },
    ])
  })

  it('comes in the order of time, under any policy', () => {
    fc.assert(
      fc.property(policies, (under) => {
        const dueAt = lifeOf(active({}), under).map((next) => next.dueAt)
        expect(dueAt).toEqual(dueAt.toSorted())
        expect(dueAt).toHaveLength(under.reminderDaysBefore.length + 3)
      }),
    )
  })

  it('follows from the facts alone: asked again it is the same, and asking changes nothing', () => {
    fc.assert(
      fc.property(policies, fc.constantFrom(...Object.values(siteSamples)), (under, site) => {
        const before = structuredClone({ site, under })
        expect(nextStep(site, under)).toEqual(nextStep(structuredClone(site), structuredClone(under)))
        expect({ site, under }).toEqual(before)
      }),
    )
  })

  it('is no reminder that was sent, or that a later one has overtaken', () => {
    fc.assert(
      fc.property(policies, fc.array(days, { maxLength: 5 }), (under, reminded) => {
        const next = nextStep(active({ reminded }), under)
        if (next?.step === 'remind')
          expect(Math.min(Number.POSITIVE_INFINITY, ...reminded)).toBeGreaterThan(next.daysBefore)
        else expect(next?.step).toBe('suspend')
      }),
    )
  })

  it('is the one-day reminder after the three-day one, though the seven-day one was never sent', () => {
    expect(nextStep(active({ reminded: [3] }), policy)).toMatchObject({ step: 'remind', daysBefore: 1 })
  })

  it('is to suspend at the end of the trial once every reminder is out', () => {
    const trialEndsAt = '2026-04-01T00:00:00.000Z'
    expect(nextStep(active({ trialEndsAt, reminded: [7, 3, 1] }), policy)).toEqual({
      step: 'suspend',
      dueAt: trialEndsAt,
    })
  })

  it('moves with the facts: a longer trial ends later', () => {
    const site = active({ reminded: [7, 3, 1] })
    const longer = active({ reminded: [7, 3, 1], trialEndsAt: plusDays(site.trialEndsAt, 30) })
    expect(nextStep(longer, policy)?.dueAt).toBe(plusDays(nextStep(site, policy)?.dueAt ?? '', 30))
  })

  it.each(['starter', 'business', 'enterprise'])('is nothing for an active site of the plan %s', (plan) => {
    expect(nextStep(active({ plan }), policy)).toBeUndefined()
  })

  it.each(['building', 'ready', 'failed', 'purged'] as const)('is nothing for a site that is %s', (status) => {
    expect(nextStep(siteSamples[status], policy)).toBeUndefined()
  })
})
