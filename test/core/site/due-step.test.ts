import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Instant, plusDays, plusMilliseconds } from '../../../core/instant.ts'
import { dueStep, isDestructive, nextDestructiveStep, nextStep, passedNotices } from '../../../core/site/next-step.ts'
import type { ActiveSite, ArchivedSite, KeptSite } from '../../../core/site/site.ts'
import { samplePolicy as policy } from '../../support/sample-policy.ts'
import { siteSamples } from '../../support/site-samples.ts'
import { anyPolicy } from './any-policy.ts'

const trialEndsAt = '2026-03-15T12:00:00.000Z'
const active = (change: Partial<ActiveSite> = {}): ActiveSite => ({
  ...siteSamples.active,
  trialEndsAt,
  reminded: [],
  ...change,
})
const archived = (change: Partial<ArchivedSite> = {}): ArchivedSite => ({ ...siteSamples.archived, ...change })
const beforeEnd = (days: number): Instant => plusDays(trialEndsAt, -days)

const instants = fc.integer({ min: -400, max: 400 }).map((days) => plusDays(trialEndsAt, days))
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined })
const withFacts = <Facts extends object>(facts: Facts) =>
  Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined))

/** A site in each status that has deadlines, with any facts that they hang on. */
const anySite: fc.Arbitrary<KeptSite> = fc
  .record({
    site: fc.constantFrom(active(), siteSamples.suspended, archived()),
    trialEndsAt: instants,
    since: instants,
    notices: fc.uniqueArray(fc.constantFrom(14, 7, 3, 1)),
    reprievedUntil: maybe(instants),
    heldSince: maybe(instants),
    deletion: maybe(fc.record({ requestedAt: instants, by: fc.constantFrom('owner' as const, 'operators' as const) })),
    plan: fc.constantFrom('trial', 'trial', 'trial', 'starter'),
  })
  .map(({ site, since, notices, deletion, ...facts }) => {
    const changed = { ...site, ...withFacts(facts), reminded: notices }
    if (changed.status === 'active') return changed
    const asleep = { ...changed, ...withFacts({ deletion }) }
    return asleep.status === 'suspended'
      ? { ...asleep, suspendedAt: since }
      : { ...asleep, archivedAt: since, warned: notices }
  })

describe('what is to be done with a site now', () => {
  it('is nothing before its next step is due, and something from then on', () => {
    fc.assert(
      fc.property(anySite, anyPolicy, fc.nat(), (site, under, later) => {
        const next = nextStep(site, under)
        if (next === undefined) {
          expect(dueStep(site, under, '2099-01-01T00:00:00.000Z')).toBeUndefined()
          return
        }
        expect(dueStep(site, under, plusMilliseconds(next.dueAt, -1))).toBeUndefined()
        expect(dueStep(site, under, next.dueAt)).toBeDefined()
        expect(dueStep(site, under, plusMilliseconds(next.dueAt, later))).toBeDefined()
      }),
    )
  })

  it('takes nothing away before its time, and is no notice once that has come', () => {
    fc.assert(
      fc.property(anySite, anyPolicy, instants, (site, under, now) => {
        const due = dueStep(site, under, now)
        if (due === undefined) return
        expect(due.dueAt <= now).toBe(true)
        if (isDestructive(due)) expect(due).toEqual(nextDestructiveStep(site, under))
        else expect((nextDestructiveStep(site, under)?.dueAt ?? '') > now).toBe(true)
      }),
    )
  })

  it('is the reminder whose time has come', () => {
    expect(dueStep(active(), policy, beforeEnd(7))).toEqual({ step: 'remind', daysBefore: 7, dueAt: beforeEnd(7) })
    expect(dueStep(active({ reminded: [7] }), policy, beforeEnd(4))).toBeUndefined()
  })

  it('is, of several that are late, the nearest to the deadline alone', () => {
    const due = dueStep(active(), policy, beforeEnd(2))
    expect(due).toEqual({ step: 'remind', daysBefore: 3, dueAt: beforeEnd(3) })
    // The earlier one is overtaken then.
    expect(dueStep(active({ reminded: [3] }), policy, beforeEnd(2))).toBeUndefined()
    expect(dueStep(active({ reminded: [3] }), policy, beforeEnd(1))).toMatchObject({ daysBefore: 1 })
  })

  it('is the end and no reminder of it once it has come', () => {
    expect(dueStep(active(), policy, trialEndsAt)).toEqual({ step: 'suspend', dueAt: trialEndsAt })
    expect(dueStep(active(), policy, plusDays(trialEndsAt, 30))).toEqual({ step: 'suspend', dueAt: trialEndsAt })
  })

  it('is no reminder of an end that has passed and was postponed', () => {
    const site = active({ reprievedUntil: plusDays(trialEndsAt, 1) })
    expect(dueStep(site, policy, plusMilliseconds(trialEndsAt, 1))).toBeUndefined()
    expect(dueStep(site, policy, plusDays(trialEndsAt, 1))).toMatchObject({ step: 'suspend' })
  })

  it('is one warning before the purge, and the purge without one where that has come', () => {
    const purgeAt = plusDays(siteSamples.archived.archivedAt, policy.retentionDays)
    expect(dueStep(archived(), policy, plusDays(purgeAt, -5))).toMatchObject({ step: 'warn', daysBefore: 14 })
    expect(dueStep(archived(), policy, plusDays(purgeAt, -2))).toMatchObject({ step: 'warn', daysBefore: 3 })
    expect(dueStep(archived(), policy, purgeAt)).toEqual({ step: 'purge', dueAt: purgeAt })
  })

  it('sends each notice at most once', () => {
    fc.assert(
      fc.property(anyPolicy, fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 20 }), (under, checks) => {
        const end = plusDays(trialEndsAt, under.trialDays)
        let site = active({ trialEndsAt: end })
        for (const hours of checks.toSorted((a, b) => a - b)) {
          const now = plusMilliseconds(trialEndsAt, hours * 3_600_000)
          const due = dueStep(site, under, now)
          if (due?.step !== 'remind') continue
          expect(site.reminded).not.toContain(due.daysBefore)
          expect(passedNotices(under.reminderDaysBefore, end, now)).toContain(due.daysBefore)
          site = { ...site, reminded: [...site.reminded, due.daysBefore] }
          expect(dueStep(site, under, now)).toBeUndefined()
        }
        expect(site.reminded).toEqual(site.reminded.toSorted((a, b) => b - a))
      }),
    )
  })
})
