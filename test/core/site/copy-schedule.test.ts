import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plusDays, plusMilliseconds } from '../../../core/instant.ts'
import { type CopySchedule, copyScheduleSchema } from '../../../core/plan/plan.ts'
import { type Archive, withArchive } from '../../../core/site/archive.ts'
import { nextCopyAt, reasonForNone } from '../../../core/site/copy-schedule.ts'
import { dueEntry, dueStep, nextStep } from '../../../core/site/next-step.ts'
import type { ActiveSite, AsleepSite } from '../../../core/site/site.ts'
import { samplePolicy } from '../../support/sample-policy.ts'
import { siteSamples } from '../../support/site-samples.ts'

const hour = 60 * 60_000
const nightly: CopySchedule = { everyHours: 24, hour: 3, keep: 7 }
const ownership = { ...siteSamples.active.ownership, since: '2026-03-01T12:00:00.000Z' }
const facts = { ownership, plan: 'enterprise', archives: [] }
const active = (change: Partial<ActiveSite> = {}): ActiveSite => ({ ...siteSamples.active, ...facts, ...change })
const asleep = (change: Partial<AsleepSite> = {}): AsleepSite => ({ ...siteSamples.asleep, ...facts, ...change })
const archiveAt = (at: string, kind: Archive['kind'] = 'schedule', number = 1): Archive => ({
  ...{ id: `arc_${String(number).padStart(26, '0')}`, at, kind, bytes: 1, files: 1 },
  blueprint: siteSamples.active.blueprint,
})

const anySchedule = fc.record({
  everyHours: fc.constantFrom(1, 2, 3, 4, 6, 8, 12, 24, 48, 168, 720),
  hour: fc.integer({ min: 0, max: 23 }),
  keep: fc.integer({ min: 1, max: 90 }),
})
const anyInstant = fc
  .integer({ min: Date.parse('2026-03-02T00:00:00Z'), max: Date.parse('2027-03-02T00:00:00Z') })
  .map((at) => new Date(at).toISOString())

describe('when a site is copied by its plan', () => {
  it.each([
    ['a site in use, at the hour of the next day', active(), nightly, '2026-03-02T03:00:00.000Z'],
    [
      'one whose last copy was late in that hour',
      active({ archives: [archiveAt('2026-03-05T03:40:00.000Z')] }),
      nightly,
      '2026-03-06T03:00:00.000Z',
    ],
    [
      "one whose owner's copy is newer",
      active({ archives: [archiveAt('2026-03-05T16:00:00.000Z', 'owner')] }),
      nightly,
      '2026-03-06T03:00:00.000Z',
    ],
    [
      'one that was skipped',
      active({ copying: { checkedAt: '2026-03-07T03:01:00.000Z' } }),
      nightly,
      '2026-03-08T03:00:00.000Z',
    ],
    ['four times a day', active(), { ...nightly, everyHours: 6 }, '2026-03-01T15:00:00.000Z'],
    ['once a week', active(), { ...nightly, everyHours: 168 }, '2026-03-08T03:00:00.000Z'],
    ['a site that sleeps, without its hour', asleep(), nightly, '2026-03-02T12:00:00.000Z'],
    [
      'one that fell asleep after its copy',
      asleep({ copying: { copiedAt: ownership.since } }),
      nightly,
      '2026-03-02T12:00:00.000Z',
    ],
    ['none while it sleeps on data that is copied', asleep({ copying: { isAsleep: true } }), nightly, undefined],
  ])('%s', (_, site, schedule, at) => {
    expect(nextCopyAt(site, schedule)).toBe(at)
  })

  it('at an hour of the schedule, after the last copy and never later than the schedule says', () => {
    fc.assert(
      fc.property(anySchedule, anyInstant, (schedule, checkedAt) => {
        const at = nextCopyAt(active({ copying: { checkedAt } }), schedule) ?? ''
        expect(at > checkedAt).toBe(true)
        expect(at <= plusMilliseconds(checkedAt, schedule.everyHours * hour)).toBe(true)
        expect(at).toMatch(/T\d\d:00:00\.000Z$/)
        expect((Number(at.slice(11, 13)) - schedule.hour + 24) % Math.min(24, schedule.everyHours)).toBe(0)
      }),
    )
  })

  it('is a step of the one clock, in a queue of its own, where the plan has a schedule', () => {
    const step = { step: 'copy', dueAt: '2026-03-02T03:00:00.000Z' }
    expect(nextStep(active(), samplePolicy, nightly)).toEqual(step)
    expect(dueEntry(active(), samplePolicy, nightly)).toEqual({ kind: 'copy', at: step.dueAt })
    expect(dueStep(active(), samplePolicy, step.dueAt, nightly)).toEqual(step)
    expect(dueStep(active(), samplePolicy, plusMilliseconds(step.dueAt, -1), nightly)).toBeUndefined()
    expect(nextStep(active(), samplePolicy)).toBeUndefined()
  })

  it('comes after the end of a trial at the same instant, and never for a rehearsal or a site that is not in use', () => {
    const ending = active({ plan: 'trial', trialEndsAt: '2026-03-02T03:00:00.000Z', reminded: [7, 3, 1] })
    expect(nextStep(ending, samplePolicy, nightly)).toMatchObject({ step: 'suspend' })
    const until = plusDays(ownership.since, 30)
    const rehearsalOf = { siteId: siteSamples.asleep.id, target: {}, until } as ActiveSite['rehearsalOf']
    expect(nextStep(active({ rehearsalOf }), samplePolicy, nightly)).toMatchObject({ step: 'end-rehearsal' })
    for (const status of ['building', 'ready', 'failed', 'suspended', 'archived', 'purged'] as const) {
      expect(nextStep(siteSamples[status], samplePolicy, { ...nightly, everyHours: 1 })?.step).not.toBe('copy')
    }
  })
})

describe('why a due copy is not taken', () => {
  const dueAt = '2026-03-05T03:00:00.000Z'
  const copied = { copying: { copiedAt: '2026-03-04T03:00:05.000Z' } }
  const before = '2026-03-04T02:59:00.000Z'
  const since = '2026-03-04T03:00:06.000Z'
  it.each([
    ['used since', active(copied), since, 0, undefined],
    ['used since, at the end of its hour', active(copied), since, hour, undefined],
    ['used since, and its hour has passed', active(copied), since, hour + 1, 'hour-passed'],
    ['asleep: any hour will do', asleep(copied), since, 20 * hour, undefined],
    ['not used since', active(copied), before, 0, 'unused'],
    ['not used since, and its hour has passed', active(copied), before, hour + 1, 'unused'],
    ['asleep and not used since', asleep(copied), before, 0, 'unused'],
    ['never used since its copy, as far as is known', active(copied), undefined, 0, 'unused'],
    ['never used, but never copied either', active(), undefined, 0, undefined],
  ] as const)('%s', (_, site, lastUse, late, because) => {
    expect(reasonForNone(site, { dueAt, now: plusMilliseconds(dueAt, late), lastUse })).toBe(because)
  })
})

describe('which copies are kept', () => {
  const kinds = ['owner', 'release', 'restore', 'reclaim', 'schedule'] as const
  it('the newest scheduled ones, all of other kinds, and the one that leads back from a relocation', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...kinds), { maxLength: 40 }),
        fc.integer({ min: 1, max: 9 }),
        (all, keep) => {
          const archives = all.map((kind, number) => archiveAt('2026-03-01T12:00:00.000Z', kind, number))
          const pinned = archives.at(-1)
          const relocation = pinned && { switched: { at: ownership.since, archiveId: pinned.id, back: {} } }
          const after = withArchive({ archives, relocation }, archiveAt(ownership.since, 'schedule', 99), keep)
          const scheduled = after.filter(({ kind }) => kind === 'schedule')
          expect(scheduled[0]?.id).toBe(archiveAt('', 'schedule', 99).id)
          expect(scheduled.filter(({ id }) => id !== pinned?.id).length).toBeLessThanOrEqual(keep)
          if (pinned !== undefined) expect(after).toContain(pinned)
          const others = (list: readonly Archive[]) => list.filter(({ kind }) => kind !== 'schedule')
          const alone = withArchive({ archives: others(archives), relocation }, archiveAt('', 'schedule', 99), keep)
          expect(others(after)).toEqual(others(alone))
        },
      ),
    )
  })

  it('all scheduled ones while another copy is taken', () => {
    const archives = Array.from({ length: 20 }, (_, number) => archiveAt(ownership.since, 'schedule', number))
    expect(withArchive({ archives }, archiveAt(ownership.since, 'owner', 99))).toHaveLength(21)
  })
})

describe('the schedule of a plan', () => {
  it.each([
    [
      { everyHours: 5 },
      'must divide 24 or be a multiple of it, so that copies are taken at the same hours of each day',
    ],
    [{ everyHours: 0 }, 'must be at least 1'],
    [{ everyHours: 744 }, 'must be at most 720, which are 30 days'],
    [{ hour: 24 }, 'must be 0 to 23'],
    [{ hour: 3.5 }, 'must be a whole hour'],
    [{ keep: 0 }, 'must be at least 1'],
    [{ keep: 91 }, 'must be at most 90'],
  ])('%j is refused', (change, message) => {
    const { error } = copyScheduleSchema.safeParse({ ...nightly, ...change })
    expect(error?.issues.map((issue) => issue.message)).toContain(message)
  })
})
