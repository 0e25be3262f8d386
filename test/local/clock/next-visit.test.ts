import { expect, it } from 'vitest'
import type { SiteId } from '../../../core/ids.ts'
import { plusDays, plusMilliseconds } from '../../../core/instant.ts'
import type { SiteStore } from '../../../core/ports/stores.ts'
import { dueEntry } from '../../../core/site/next-step.ts'
import type { Site } from '../../../core/site/site.ts'
import type { BrakeState } from '../../../lambdas/trials/brake.ts'
import { nextVisit } from '../../../local/clock/host-clock.ts'
import { samplePolicies } from '../../support/sample-policy.ts'
import { siteSamples } from '../../support/site-samples.ts'

const end = '2026-06-01T12:00:00.000Z'
const policy = samplePolicies.current

const site = (letter: string, facts: object): Site => ({
  ...siteSamples.active,
  id: `site_${letter.repeat(26)}`,
  policyVersion: policy.version,
  trialEndsAt: end,
  reminded: [],
  ...facts,
})

/** What the due index has of these sites. */
const indexOf = (sites: readonly Site[]) => {
  const entries = ({ kind }: { kind: string }) =>
    sites
      .flatMap((each) => {
        const entry = dueEntry(each, policy)
        return entry?.kind === kind ? [{ each, at: entry.at }] : []
      })
      .toSorted((one, other) => (one.at < other.at ? -1 : 1))
  return {
    firstDue: async ({ kind, after = '' }: { kind: string; after?: string }) =>
      entries({ kind }).find(({ at }) => at > after)?.at,
    countDue: async ({ kind, until }: { kind: string; until: string }) =>
      entries({ kind }).filter(({ at }) => at <= until).length,
    listDue: async function* ({ kind, until }: { kind: string; until: string }) {
      for (const { each, at } of entries({ kind })) if (at <= until) yield each
    },
  } as unknown as SiteStore
}

const visit = (
  sites: readonly Site[],
  {
    now,
    until = plusDays(end, 365),
    leftOut = [],
    brake,
  }: { now: string; until?: string; leftOut?: SiteId[]; brake?: BrakeState },
) =>
  nextVisit(
    {
      sites: indexOf(sites),
      policies: samplePolicies,
      plans: { plans: [] },
      brakes: { read: async () => brake, write: async () => true, history: async () => [] },
      totals: { read: async () => [] },
    },
    { now, until, leftOut: new Set(leftOut) },
  )

const days = policy.reminderDaysBefore
const first = plusDays(end, -Math.max(...days))

/** The clock stops at the beginning of each day too: the forecast is made there. */
const midnightAfter = (instant: string): string => `${plusDays(instant, 1).slice(0, 10)}T00:00:00.000Z`

it('is at the first deadline, of whatever kind, where that comes before the next day', async () => {
  const now = plusMilliseconds(first, -3_600_000)
  const ending = site('b', { reminded: days, trialEndsAt: plusMilliseconds(now, 1000) })
  expect(await visit([site('a', {}), ending], { now })).toBe(plusMilliseconds(now, 1000))
  expect(await visit([site('a', {})], { now })).toBe(first)
  expect(await visit([], { now })).toBe(midnightAfter(now))
})

it('passes by what is due already and was not done', async () => {
  const now = plusMilliseconds(first, -3_600_000)
  const overdue = site('b', { reminded: days, trialEndsAt: plusDays(now, -3) })
  expect(await visit([overdue, site('a', {})], { now })).toBe(first)
})

it('passes by sites that are left out', async () => {
  const now = plusMilliseconds(first, -3_600_000)
  const [one, other] = [site('a', {}), site('b', { trialEndsAt: plusMilliseconds(end, 60_000) })]
  expect(await visit([one, other], { now, leftOut: [one.id] })).toBe(plusMilliseconds(first, 60_000))
  expect(await visit([one, other], { now, leftOut: [one.id, other.id] })).toBe(midnightAfter(now))
})

it('is nowhere beyond the end of the way', async () => {
  const now = plusMilliseconds(first, -3_600_000)
  expect(await visit([site('a', {})], { now, until: plusMilliseconds(first, -1) })).toBeUndefined()
  expect(await visit([site('a', {})], { now, until: first })).toBe(first)
})

it('is nowhere while a wrong clock stops everything', async () => {
  const now = plusMilliseconds(first, -3_600_000)
  const brake: BrakeState = {
    schemaVersion: 1,
    version: 1,
    seenAt: now,
    begun: 0,
    spent: [],
    tripped: { at: now, because: 'clock', detail: 'It has jumped.' },
  }
  expect(await visit([site('a', {})], { now, brake })).toBeUndefined()
})
