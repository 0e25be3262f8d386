import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plusDays, plusMilliseconds } from '../../../core/instant.ts'
import {
  dueEntry,
  isDestructive,
  type NextStep,
  nextDestructiveStep,
  nextStep,
  purgeDueAt,
} from '../../../core/site/next-step.ts'
import type { ActiveSite, ArchivedSite, Site, SuspendedSite } from '../../../core/site/site.ts'
import type { TrialPolicy } from '../../../core/site/trial-policy.ts'
import { samplePolicy as policy } from '../../support/sample-policy.ts'
import { siteSamples } from '../../support/site-samples.ts'
import { anyPolicy } from './any-policy.ts'

const active = (change: Partial<ActiveSite>): ActiveSite => ({ ...siteSamples.active, reminded: [], ...change })
const suspended = (change: Partial<SuspendedSite>): SuspendedSite => ({ ...siteSamples.suspended, ...change })
const archived = (change: Partial<ArchivedSite>): ArchivedSite => ({ ...siteSamples.archived, ...change })
const days = fc.integer({ min: 1, max: 3650 })

/** What a sweep does with what is due; times are those at which it was due. */
const afterStep = (site: Site, next: NextStep): Site | undefined => {
  if (next.step === 'remind' && site.status === 'active') {
    return { ...site, reminded: [...site.reminded, next.daysBefore] }
  }
  if (next.step === 'warn' && site.status === 'archived') return { ...site, warned: [...site.warned, next.daysBefore] }
  if (next.step === 'suspend') return suspended({ suspendedAt: next.dueAt })
  if (next.step === 'archive') return archived({ archivedAt: next.dueAt })
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
  it('reminds, suspends, archives, warns and purges an abandoned trial', () => {
    expect(lifeOf(active({ trialEndsAt: '2026-03-15T12:00:00.000Z' }), policy)).toEqual([
      { step: 'remind', daysBefore: 7, dueAt: '2026-03-08T12:00:00.000Z' },
      { step: 'remind', daysBefore: 3, dueAt: '2026-03-12T12:00:00.000Z' },
      { step: 'remind', daysBefore: 1, dueAt: '2026-03-14T12:00:00.000Z' },
      { step: 'suspend', dueAt: '2026-03-15T12:00:00.000Z' },
      { step: 'archive', dueAt: '2026-04-05T12:00:00.000Z' },
      { step: 'warn', daysBefore: 14, dueAt: '2026-06-20T12:00:00.000Z' },
      { step: 'warn', daysBefore: 3, dueAt: '2026-07-01T12:00:00.000Z' },
      { step: 'purge', dueAt: '2026-07-04T12:00:00.000Z' },
    ])
  })

  it('ends a rehearsal, and does nothing else to it, in its own queue', () => {
    const until = '2026-05-01T12:00:00.000Z'
    const rehearsalOf = { siteId: active({}).id, target: {}, until }
    for (const site of [active({ rehearsalOf }), suspended({ rehearsalOf })]) {
      expect(nextStep(site, policy)).toEqual({ step: 'end-rehearsal', dueAt: until })
      expect(dueEntry(site, policy)).toEqual({ kind: 'deletion', at: until })
    }
  })

  it('comes in the order of time, under any policy', () => {
    fc.assert(
      fc.property(anyPolicy, (under) => {
        const dueAt = lifeOf(active({}), under).map((next) => next.dueAt)
        expect(dueAt).toEqual(dueAt.toSorted())
        expect(dueAt).toHaveLength(under.reminderDaysBefore.length + under.warningDaysBefore.length + 3)
      }),
    )
  })

  it('follows from the facts alone: asked again it is the same, and asking changes nothing', () => {
    fc.assert(
      fc.property(anyPolicy, fc.constantFrom(...Object.values(siteSamples)), (under, site) => {
        const before = structuredClone({ site, under })
        expect(nextStep(site, under)).toEqual(nextStep(structuredClone(site), structuredClone(under)))
        expect({ site, under }).toEqual(before)
      }),
    )
  })

  it('is no reminder that was sent, or that a later one has overtaken', () => {
    fc.assert(
      fc.property(anyPolicy, fc.array(days, { maxLength: 5 }), (under, reminded) => {
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

  it.each(['building', 'ready', 'failed', 'purged'] as const)('is nothing for a site that is %s', (status) => {
    const { id } = siteSamples.active
    const until = '2026-05-01T12:00:00.000Z'
    for (const beside of [
      {},
      { rehearsalOf: { siteId: id, target: {}, until } },
      { environmentOf: { siteId: id, name: 'qa', hours: 2, until } },
    ]) {
      expect(nextStep({ ...siteSamples[status], ...beside } as Site, policy)).toBeUndefined()
    }
  })
})

describe('a site with a plan', () => {
  it.each(['starter', 'growth', 'enterprise'])('of %s has nothing to fear from time, whatever its status', (plan) => {
    for (const site of [active({ plan }), suspended({ plan }), archived({ plan })]) {
      expect(nextStep(site, policy)).toBeUndefined()
      expect(nextDestructiveStep(site, policy)).toBeUndefined()
      expect(dueEntry(site, policy)).toBeUndefined()
    }
  })
})

describe('a site that an operator holds', () => {
  const heldSince = '2026-03-02T12:00:00.000Z'
  const deletion = { requestedAt: '2026-03-20T12:00:00.000Z', by: 'operators' } as const

  it('is neither archived nor purged nor warned, also after a request to delete it', () => {
    for (const site of [
      suspended({ heldSince }),
      suspended({ heldSince, deletion }),
      archived({ heldSince }),
      archived({ heldSince, deletion }),
    ]) {
      expect(nextStep(site, policy)).toBeUndefined()
      expect(nextDestructiveStep(site, policy)).toBeUndefined()
    }
  })

  it('continues towards the end of its trial', () => {
    expect(nextStep(active({ heldSince, reminded: [1] }), policy)?.step).toBe('suspend')
  })
})

describe('a site with a requested deletion', () => {
  const deletion = { requestedAt: '2026-03-20T12:00:00.000Z', by: 'owner' } as const
  const purge = { step: 'purge', dueAt: '2026-03-27T12:00:00.000Z' }

  it('is purged some days later, from suspended and from archived, without a warning', () => {
    expect(nextStep(suspended({ deletion }), policy)).toEqual(purge)
    expect(nextStep(archived({ deletion }), policy)).toEqual(purge)
  })

  it('is so whatever its plan: its owner asked for it', () => {
    expect(nextStep(suspended({ deletion, plan: 'growth' }), policy)).toEqual(purge)
  })

  it('uses the policy’s days', () => {
    const { step, dueAt } = nextStep(suspended({ deletion }), { ...policy, deletionDays: 30 }) ?? {}
    expect({ step, dueAt }).toEqual({ step: 'purge', dueAt: plusDays(deletion.requestedAt, 30) })
  })
})

describe('a gate that was closed', () => {
  const reprievedUntil = '2026-12-01T12:00:00.000Z'

  it('postpones what deletes something', () => {
    const deletion = { requestedAt: '2026-03-20T12:00:00.000Z', by: 'owner' } as const
    for (const [site, step] of [
      [active({ reminded: [7, 3, 1], reprievedUntil }), 'suspend'],
      [suspended({ reprievedUntil }), 'archive'],
      [suspended({ reprievedUntil, deletion }), 'purge'],
      [archived({ reprievedUntil, warned: [14, 3] }), 'purge'],
    ] as const) {
      expect(nextStep(site, policy)).toEqual({ step, dueAt: reprievedUntil })
    }
  })

  it('brings nothing forward', () => {
    const site = suspended({ reprievedUntil: '2026-03-01T00:00:00.000Z' })
    expect(nextStep(site, policy)).toEqual(nextStep(suspended({}), policy))
  })

  it('postpones the archive of a site that has moved, which is due at once', () => {
    const { suspendedAt } = siteSamples.suspended
    expect(nextStep(suspended({ suspendedBecause: 'moved' }), policy)).toEqual({ step: 'archive', dueAt: suspendedAt })
    const site = suspended({ suspendedBecause: 'moved', reprievedUntil })
    expect(nextStep(site, policy)).toEqual({ step: 'archive', dueAt: reprievedUntil })
  })

  it('never purges the archive of a site that has moved by itself: it is the way back', () => {
    expect(nextStep(archived({ suspendedBecause: 'moved' }), policy)).toBeUndefined()
  })

  it('leaves no notice of a deadline that has come', () => {
    expect(nextStep(active({ reprievedUntil }), policy)).toEqual({ step: 'suspend', dueAt: reprievedUntil })
    expect(nextStep(archived({ reprievedUntil }), policy)).toEqual({ step: 'purge', dueAt: reprievedUntil })
  })

  it('leaves the notices of a deadline that was moved beyond it', () => {
    const trialEndsAt = plusDays(reprievedUntil, 10)
    expect(nextStep(active({ reprievedUntil, trialEndsAt }), policy)).toEqual({
      step: 'remind',
      daysBefore: 7,
      dueAt: plusDays(trialEndsAt, -7),
    })
  })
})

describe('an extension of a site that does not run', () => {
  it('gives a suspended one that time, and the grace after it', () => {
    const trialEndsAt = '2026-06-01T12:00:00.000Z'
    const dueAt = plusDays(trialEndsAt, policy.graceDays)
    expect(nextStep(suspended({ trialEndsAt }), policy)).toEqual({ step: 'archive', dueAt })
  })

  it('that is shorter than what it has anyway changes nothing', () => {
    const { suspendedAt } = siteSamples.suspended
    expect(nextStep(suspended({ trialEndsAt: plusDays(suspendedAt, -1) }), policy)?.dueAt).toBe(
      plusDays(suspendedAt, policy.graceDays),
    )
  })

  it('gives an archived one that time, and the retention after it, with its warnings before that', () => {
    const trialEndsAt = '2026-06-01T12:00:00.000Z'
    const site = archived({ trialEndsAt })
    expect(purgeDueAt(site, policy)).toBe(plusDays(trialEndsAt, policy.retentionDays))
    expect(nextStep(site, policy)).toEqual({
      step: 'warn',
      daysBefore: 14,
      dueAt: plusDays(trialEndsAt, policy.retentionDays - 14),
    })
  })
})

describe('the next step that takes something away', () => {
  it('is that of the clock, with the notices before it left out', () => {
    fc.assert(
      fc.property(anyPolicy, (under) => {
        const steps = lifeOf(active({}), under)
        expect(nextDestructiveStep(active({}), under)).toEqual(steps.find(isDestructive))
        expect(
          nextDestructiveStep(archived({ archivedAt: steps.find(({ step }) => step === 'archive')!.dueAt }), under),
        ).toEqual(steps.at(-1))
      }),
    )
  })
})

describe('the place in the due index', () => {
  const operation = { id: 'op', fence: 1, startedAt: '2026-01-01T00:00:00.000Z', kind: 'suspend' } as const

  it('is with the notices, and with what takes something away', () => {
    const { trialEndsAt } = siteSamples.active
    expect(dueEntry(active({}), policy)).toEqual({ kind: 'notice', at: plusDays(trialEndsAt, -7) })
    expect(dueEntry(active({ reminded: [1] }), policy)).toEqual({ kind: 'destructive', at: trialEndsAt })
  })

  it('is apart where owners have asked for their own deletion, and where operators have it is not', () => {
    const requestedAt = '2026-02-01T12:00:00.000Z'
    for (const site of [suspended({}), archived({})]) {
      expect(dueEntry({ ...site, deletion: { requestedAt, by: 'owner' } }, policy)).toEqual({
        kind: 'deletion',
        at: plusDays(requestedAt, policy.deletionDays),
      })
      const byOperators = { ...site, deletion: { requestedAt, by: 'operators' as const } }
      expect(dueEntry(byOperators, policy)).toEqual({ kind: 'destructive', at: requestedAt })
    }
  })

  it('is with the running operation for as long as there is one, also without a deadline', () => {
    for (const site of [
      active({ operation }),
      active({ operation, plan: 'growth' }),
      suspended({ operation }),
      archived({ operation, heldSince: operation.startedAt }),
      { ...siteSamples.purged, operation },
    ]) {
      expect(dueEntry(site, policy)).toEqual({ kind: 'operation', at: operation.startedAt })
    }
  })

  it('is with the operations while a restore that failed waits, of a site that is to run', () => {
    const restoreNotBefore = '2026-06-01T12:00:00.000Z'
    const entry = { kind: 'operation', at: restoreNotBefore }
    expect(dueEntry(archived({ plan: 'growth', restoreNotBefore }), policy)).toEqual(entry)
    expect(dueEntry(archived({ trialEndsAt: plusDays(restoreNotBefore, 1), restoreNotBefore }), policy)).toEqual(entry)
    const deletion = { requestedAt: restoreNotBefore, by: 'owner' as const }
    const deleted = archived({ plan: 'growth', restoreNotBefore, deletion })
    expect(dueEntry(deleted, policy)?.kind).toBe('deletion')
    expect(dueEntry(archived({ restoreNotBefore }), policy)?.kind).toBe('notice')
    const environmentOf = { siteId: siteSamples.active.id, name: 'qa' }
    expect(dueEntry(archived({ plan: 'growth', restoreNotBefore, environmentOf }), policy)).toBeUndefined()
    const purgeRequest = { operatorId: 'staff-7', at: plusDays(restoreNotBefore, -0.5) }
    const asked = archived({ plan: 'growth', restoreNotBefore, purgeRequest })
    expect(dueEntry(asked, policy)).toEqual({ ...entry, at: plusDays(restoreNotBefore, 0.5) })
    expect(dueEntry(archived({ plan: 'growth', purgeRequest }), policy)).toBeUndefined()
    // It may run elsewhere.
    const away = archived({ plan: 'growth', restoreNotBefore, suspendedBecause: 'moved' })
    expect(dueEntry(away, policy)).toBeUndefined()
  })

  it('is undefined without a deadline', () => {
    for (const status of ['building', 'ready', 'failed', 'purged'] as const) {
      expect(dueEntry(siteSamples[status], policy)).toBeUndefined()
    }
  })

  it('is never later than what is due next', () => {
    fc.assert(
      fc.property(anyPolicy, fc.integer({ min: 0, max: 86_400_000 * 100 }), (under, milliseconds) => {
        const site = active({ trialEndsAt: plusMilliseconds(siteSamples.active.trialEndsAt, milliseconds) })
        expect(dueEntry(site, under)?.at).toBe(nextStep(site, under)?.dueAt)
      }),
    )
  })
})
