import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventSchema } from '../../../core/events/event.ts'
import { type ChangeContext, type SiteChange, transitions } from '../../../core/site/lifecycle.ts'
import { type ActiveSite, type BuildingSite, type ReadySite, type Site, siteSchema } from '../../../core/site/site.ts'
import { progressOf } from '../../../core/site/site-facts.ts'
import {
  finishBuild,
  noteLaunch,
  noteReady,
  noteStoragePrepared,
  retryBuild,
} from '../../../lambdas/sites/build/build-changes.ts'
import { failBuild } from '../../../lambdas/sites/build/build-failure.ts'
import { claimPrepared, claimSite, retireSite } from '../../../lambdas/sites/claim/pooled-site.ts'
import { changeAddress } from '../../../lambdas/sites/run/run-changes.ts'
import { fixedContext } from '../../support/fixed-ports.ts'
import { samplePolicy } from '../../support/sample-policy.ts'
import { siteSamples, unownedBuilding } from '../../support/site-samples.ts'

const policy = { ...samplePolicy, version: 3 }
const ports = fc.constantFrom(41_000, 41_001, 41_002)
const at = (port: number) => ({ host: '127.0.0.1', port })

type Act = (site: Site, context: ChangeContext) => SiteChange | undefined

/** What may happen to a site in each status; elsewhere it does not apply, and its caller has to know. */
const whileBuilding =
  (act: (site: BuildingSite, context: ChangeContext) => SiteChange | undefined): Act =>
  (site, context) =>
    site.status === 'building' ? act(site, context) : undefined
const whileReady =
  (act: (site: ReadySite, context: ChangeContext) => SiteChange | undefined): Act =>
  (site, context) =>
    site.status === 'ready' ? act(site, context) : undefined
const whileOpen =
  (act: (site: ReadySite | ActiveSite, context: ChangeContext) => SiteChange | undefined): Act =>
  (site, context) =>
    site.status === 'ready' || site.status === 'active' ? act(site, context) : undefined

const acts: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom(
      whileBuilding(noteStoragePrepared),
      whileBuilding(noteLaunch),
      whileBuilding(retryBuild),
      whileBuilding((site, context) =>
        site.endpoint === undefined && site.startsAtClaim === undefined
          ? undefined
          : finishBuild(site, policy, context),
      ),
      whileReady((site, context) => {
        const claim = site.startsAtClaim ? claimPrepared : claimSite
        return claim(site, { ownership: siteSamples.active.ownership, policy, reserve: {} }, context)
      }),
    ),
  },
  { weight: 4, arbitrary: ports.map((port) => whileBuilding((site, context) => noteReady(site, at(port), context))) },
  { weight: 4, arbitrary: ports.map((port) => whileOpen((site, context) => changeAddress(site, at(port), context))) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      whileBuilding((site, context) => failBuild(site, { step: 'start', reason: 'No.' }, context)),
      whileReady(retireSite),
    ),
  },
)

const livesOf = (start: Site, sequence: readonly Act[]): readonly SiteChange[] => {
  const context = fixedContext()
  const changes: SiteChange[] = []
  let site = start
  for (const act of sequence) {
    const change = act(site, context)
    if (change === undefined) continue
    changes.push(change)
    site = change.after
  }
  return changes
}

const prepared: BuildingSite = { ...unownedBuilding, startsAtClaim: true }

const histories = fc
  .tuple(
    fc.constantFrom<Site>(unownedBuilding, prepared, siteSamples.building),
    fc.array(acts, { minLength: 5, maxLength: 30 }),
  )
  .map(([start, sequence]) => livesOf(start, sequence))

describe('whatever happens to a site', () => {
  it('is tried here: every way out of building, and out of the pool', () => {
    const types = fc
      .sample(histories, { numRuns: 300, seed: 7 })
      .flatMap((changes) => changes.map(({ event }) => event.type))
    // A rehearsal ends by itself; its test is that of the API.
    const { endRehearsal: _, extendEnvironment: __, ...others } = transitions
    const early = Object.values<{ readonly from: readonly string[]; readonly event: string }>(others).filter(
      ({ from }) => from.some((status) => status === 'building' || status === 'ready'),
    )
    expect(new Set(types)).toEqual(new Set(early.map(({ event }) => event)))
  })

  it('is in the table of transitions, with its event and the status before', () => {
    fc.assert(
      fc.property(histories, (changes) => {
        for (const { before, after, event } of changes) {
          expect(event.data).toMatchObject({ previousStatus: before?.status, status: after.status })
          const ways = Object.values(transitions).filter(
            ({ event: type, from, to }) =>
              type === event.type &&
              (to === 'same' ? before?.status : to) === after.status &&
              from.some((status) => status === before?.status),
          )
          expect(ways).toHaveLength(1)
        }
      }),
    )
  })

  it('leaves a site and an event that can be stored and read', () => {
    fc.assert(
      fc.property(histories, (changes) => {
        for (const { after, event } of changes) {
          expect(siteSchema.parse(after)).toEqual(after)
          expect(eventSchema.parse(event)).toEqual(event)
        }
      }),
    )
  })

  it('keeps its owner, its birth and its cell', () => {
    fc.assert(
      fc.property(histories, (changes) => {
        for (const { before, after } of changes) {
          expect([after.id, after.createdAt, after.cell]).toEqual([before?.id, before?.createdAt, before?.cell])
          if (before !== undefined && 'ownership' in before)
            expect(after).toMatchObject({ ownership: before.ownership })
        }
      }),
    )
  })

  it('never takes a fence back', () => {
    fc.assert(
      fc.property(histories, (changes) => {
        for (const { before, after } of changes) {
          if (before?.status !== 'building' || after.status !== 'building') continue
          expect(after.operation.fence).toBeGreaterThanOrEqual(before.operation.fence)
        }
      }),
    )
  })

  it('shows a progress between nothing and everything, with at most one step running', () => {
    fc.assert(
      fc.property(histories, (changes) => {
        for (const { after } of changes) {
          const { percent, steps } = progressOf(after)
          expect(percent).toBe((steps.filter(({ status }) => status === 'done').length / steps.length) * 100)
          expect(steps.filter(({ status }) => status === 'running').length).toBe(
            after.status === 'building' && percent < 100 ? 1 : 0,
          )
        }
      }),
    )
  })
})
