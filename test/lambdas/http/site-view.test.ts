import { describe, expect, it } from 'vitest'
import { plusDays } from '../../../core/instant.ts'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'
import { environmentSlot } from '../../../core/site/environment.ts'
import type { ActiveSite, FailedSite, Site } from '../../../core/site/site.ts'
import { operatorSiteView } from '../../../lambdas/operators/views.ts'
import { siteViewSchema } from '../../../lambdas/sites/answers.ts'
import { buildReasons } from '../../../lambdas/sites/build/build-failure.ts'
import { siteView } from '../../../lambdas/sites/views.ts'
import { samplePolicies } from '../../support/sample-policy.ts'
import { everyStatus, siteSamples, unownedBuilding } from '../../support/site-samples.ts'
import { billing } from '../billing/subscriptions.ts'

const size = { cpu: 0.5, memoryMiB: 256, processes: 128 }
const limits = { requestsPerMinute: 3000, bandwidthMiBPerMinute: 300, connections: 100, uploadMiB: 32, storageMiB: 256 }
const ports = {
  plans: planCatalogue([
    { id: 'trial', name: 'Trial', kind: 'trial', prices: [], size, limits, features: ['entries'] },
    { id: 'starter', name: 'Starter', kind: 'paid', prices: [], size, limits, features: ['entries', 'export'] },
  ]),
  policies: samplePolicies,
  siteUrl: (hostname: string) => `http://${hostname}:4000/`,
}
const owned = everyStatus.filter((status) => status !== 'ready')

describe('a site as its owner sees it', () => {
  it.each(owned)('is what the API promises when it is %s', (status) => {
    const view = siteView(siteSamples[status], ports)
    expect(siteViewSchema.parse(JSON.parse(JSON.stringify(view)))).toEqual(view)
    expect(view).toMatchObject({ id: siteSamples[status].id, status, plan: 'trial', features: ['entries'] })
  })

  it('shows no internals', () => {
    for (const status of owned) {
      const text = JSON.stringify(siteView(siteSamples[status], ports))
      for (const inside of ['127.0.0.1', 'fence', 'cell', 'policyVersion', 'acct_']) expect(text).not.toContain(inside)
    }
  })

  it('has its URL and the end of the trial', () => {
    expect(siteView(siteSamples.active, ports)).toMatchObject({
      slug: 'meadow',
      name: 'Meadow & Co',
      url: 'http://meadow.localhost:4000/',
      trialEndsAt: '2026-03-15T12:00:00.000Z',
      progress: { percent: 100 },
    })
  })

  it.each(['building', 'failed', 'purged'] as const)(
    'is shown when it is %s and its policy and plan are gone',
    (status) => {
      const site = { ...siteSamples[status], plan: 'bronze', policyVersion: 99 }
      const view = siteView(site, ports)
      expect(siteViewSchema.parse(JSON.parse(JSON.stringify(view)))).toEqual(view)
      expect(view).toMatchObject({ plan: 'bronze', planName: 'bronze', features: [], trialEndsAt: null })
      expect(operatorSiteView(site, ports)).toMatchObject({ plan: 'bronze', policyVersion: 99 })
    },
  )

  it('has its main custom domain, and why an archived one was suspended', () => {
    expect(siteView(siteSamples.active, ports)?.mainUrl).toBe('http://meadow.localhost:4000/')
    const connected = { ...siteSamples.active, urlHostname: 'www.meadow.example' }
    expect(siteView(connected, ports)).toMatchObject({
      url: 'http://meadow.localhost:4000/',
      mainUrl: 'http://www.meadow.example:4000/',
    })
    const archived = (because?: 'operator') =>
      siteView({ ...siteSamples.archived, suspendedBecause: because }, ports)?.archived?.because
    expect([archived('operator'), archived()]).toEqual(['operator', null])
  })

  it.each([
    ['payment-overdue', 'past-due', 'payment-overdue'],
    ['payment-overdue', 'ended', 'subscription-ended'],
    ['payment-overdue', 'paused', 'subscription-paused'],
    ['subscription-ended', 'paused', 'subscription-paused'],
    ['subscription-ended', 'ended', 'subscription-ended'],
    ['storage-full', 'paused', 'storage-full'],
    ['operator', 'paused', 'operator'],
  ] as const)('suspended because of %s, with a subscription that is %s, it says %s', (because, state, said) => {
    for (const status of ['suspended', 'archived'] as const) {
      const view = siteView({ ...siteSamples[status], suspendedBecause: because, billing: billing({ state }) }, ports)
      expect((view?.suspended ?? view?.archived)?.because).toBe(said)
    }
  })

  it('has the operation that somebody asked for', () => {
    const archiveId = 'arc_01jq3v5k8m0000000000000000' as const
    const copy = { archiveId, generation: 2, restores: archiveId }
    const begun = { id: 'upgrade-1', fence: 1, startedAt: siteSamples.active.createdAt, kind: 'upgrade' as const }
    const named = (operation: ActiveSite['operation']) =>
      siteView({ ...siteSamples.active, operation }, ports)?.operation
    expect(named({ ...begun, target: { size } })).toBe('resize')
    expect(named({ ...begun, target: {}, copy })).toBe('restore-copy')
    // The way back of a relocation restores an archive, and is no copy that its owner put back.
    expect(named({ ...begun, target: {}, copy, relocates: true })).toBe('upgrade')
  })

  it('is as old as its ownership, also if it waited in the pool for weeks before', () => {
    const { ownership } = siteSamples.active
    const pooled: Site = { ...siteSamples.active, createdAt: plusDays(ownership.since, -20) }
    expect(siteView(pooled, ports)?.createdAt).toBe(ownership.since)
    expect(operatorSiteView(pooled, ports)).toMatchObject({ createdAt: pooled.createdAt, ownedSince: ownership.since })
    expect(operatorSiteView(siteSamples.ready, ports).ownedSince).toBeNull()
  })

  it('has no trial end while building or on a paid plan', () => {
    expect(siteView(siteSamples.building, ports)?.trialEndsAt).toBeNull()
    const paid = siteView({ ...siteSamples.active, plan: 'starter' }, ports)
    expect(paid).toMatchObject({ plan: 'starter', trialEndsAt: null, features: ['entries', 'export'] })
  })

  it('is no trial under a contract', () => {
    const contract = { number: '4711', firstDay: '2026-01-01', lastDay: '2027-12-31' }
    for (const status of ['active', 'suspended'] as const) {
      const site = { ...siteSamples[status], plan: 'trial' }
      expect(siteView(site, ports)).toMatchObject({ trialEndsAt: expect.anything(), extension: expect.anything() })
      expect(siteView({ ...site, contract }, ports)).toMatchObject({ trialEndsAt: null, extension: null })
      expect(operatorSiteView(site, ports).trialEndsAt).not.toBeNull()
      expect(operatorSiteView({ ...site, contract }, ports).trialEndsAt).toBeNull()
    }
  })

  it('says why it failed, and only then', () => {
    expect(siteView(siteSamples.failed, ports)?.failure?.reason).toBe(siteSamples.failed.failure.reason)
    expect(siteView(siteSamples.active, ports)).not.toHaveProperty('failure')
    const because = (reason: string) =>
      siteView({ ...siteSamples.failed, failure: { ...siteSamples.failed.failure, reason } }, ports)?.failure
    for (const reason of buildReasons) expect([reason, because(reason)?.reasonInGerman]).not.toContain(null)
    expect(because('Exit code 3: <oops>')?.reasonInGerman).toBeNull()
  })

  it('says what there is for another try after a failed build', () => {
    const { failed } = siteSamples
    const again = (change: Partial<FailedSite>) => siteView({ ...failed, ...change }, ports)?.failure?.again
    const imported = { failure: { ...failed.failure, cause: 'unknown' as const } }
    const placed = (trialOf: string) => failed.ownership && { ownership: { ...failed.ownership, trialOf } }
    expect([again({}), again({ ...placed('schools') })]).toEqual(['trial', 'trial'])
    expect([again({ ...placed('allowance#1') }), again(imported)]).toEqual(['place', 'contact'])
    // An environment with the data of its production comes from an archive too.
    const environmentOf = { siteId: siteSamples.active.id, name: 'qa' }
    const trialOf = environmentSlot(environmentOf.siteId, 1)
    expect(again({ ...imported, ...placed(trialOf), environmentOf })).toBe('place')
  })

  it.each([
    ['default', 'default'],
    ['allowance#1', null],
    [environmentSlot(siteSamples.active.id, 1), null],
  ])('with %s is the own trial of an offer: %s', (trialOf, said) => {
    const { active } = siteSamples
    expect(siteView({ ...active, ownership: { ...active.ownership, trialOf } }, ports)?.trialOf).toBe(said)
  })

  it('does not exist for a pool site', () => {
    expect(siteView(siteSamples.ready, ports)).toBeUndefined()
    expect(siteView(unownedBuilding, ports)).toBeUndefined()
  })
})

describe('a site as operators see it', () => {
  const { active, asleep } = siteSamples
  const dormantSince = '2026-02-04T08:00:00.000Z'

  it('says since when it is dormant, while it is', () => {
    expect(operatorSiteView({ ...asleep, dormantSince }, ports)).toMatchObject({ status: 'asleep', dormantSince })
    for (const site of [asleep, active]) expect(operatorSiteView(site, ports).dormantSince).toBeNull()
  })

  it('shows its owner nothing of that', () => {
    expect(siteView({ ...asleep, dormantSince }, ports)).toEqual(siteView(asleep, ports))
  })
})

describe('deadlines, deletion and operation of a site', () => {
  const view = (site: Site) => siteView(site, ports)
  const { active, suspended, archived, purged } = siteSamples

  it('show the next step and what the owner can do', () => {
    expect(view({ ...active, reminded: [] })).toMatchObject({
      nextStep: { step: 'remind', at: plusDays(active.trialEndsAt, -7) },
      extension: { left: 1, used: 0, days: 7 },
      suspended: null,
      archived: null,
      deletion: null,
      deletionDays: 7,
      operation: null,
      storage: null,
      downSince: null,
    })
    expect(view({ ...active, extensionsUsed: 1, storage: 'near' })).toMatchObject({
      extension: { left: 0, used: 1, days: 7 },
      storage: 'near',
    })
    expect(view({ ...active, extensionsUsed: 3 })).toMatchObject({ extension: { left: 0 } })
    expect(view({ ...active, plan: 'starter' })).toMatchObject({ nextStep: null, extension: null })
  })

  it('show why it does not run', () => {
    expect(view(suspended)).toMatchObject({
      suspended: { at: suspended.suspendedAt, because: 'trial-ended' },
      nextStep: { step: 'archive' },
    })
    const deletion = { requestedAt: suspended.suspendedAt, by: 'owner' as const }
    const purgeAt = plusDays(suspended.suspendedAt, 7)
    expect(view({ ...suspended, deletion })).toMatchObject({
      deletion: { requestedAt: suspended.suspendedAt, purgeAt, revocable: true },
      nextStep: { step: 'purge', at: purgeAt },
    })
    expect(view({ ...suspended, deletion: { ...deletion, by: 'operators' } })).toMatchObject({
      deletion: { revocable: false },
    })
    expect(view({ ...suspended, deletion, heldSince: suspended.suspendedAt })).toMatchObject({
      deletion: { purgeAt: null },
      nextStep: null,
    })
  })

  it('show the purge of an archived site, whatever warning comes before', () => {
    const purgeAt = plusDays(archived.archivedAt, 90)
    expect(view({ ...archived, warned: [] })).toMatchObject({
      archived: { at: archived.archivedAt, purgeAt },
      nextStep: { step: 'warn', at: plusDays(purgeAt, -14) },
    })
    expect(view({ ...archived, plan: 'starter' })).toMatchObject({ archived: { purgeAt: null }, nextStep: null })
  })

  it('are empty once it is purged, except for a running operation', () => {
    expect(view(purged)).toMatchObject({ nextStep: null, suspended: null, archived: null, operation: null })
    const operation = { id: 'purge-site-x-9', kind: 'purge' as const, fence: 1, startedAt: purged.purgedAt }
    expect(view({ ...purged, operation })).toMatchObject({ operation: 'purge' })
  })
})
