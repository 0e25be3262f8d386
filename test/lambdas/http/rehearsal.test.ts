import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { OperatorRole } from '../../../core/events/actor.ts'
import type { SiteId } from '../../../core/ids.ts'
import { plusDays, plusMilliseconds } from '../../../core/instant.ts'
import type { SiteUnder } from '../../../core/site/change-site.ts'
import { endOperation } from '../../../core/site/change-site.ts'
import { type ActiveSite, type BuildingSite, isLive, type LiveSite, type Site } from '../../../core/site/site.ts'
import { trialPolicies } from '../../../core/site/trial-policy.ts'
import { endPause, recordCopy } from '../../../lambdas/endings/copy/take-copy.ts'
import { entrancePath } from '../../../lambdas/operators/entrance/entrance.ts'
import { freshArchive } from '../../../lambdas/rehearsals/begin-rehearsal.ts'
import { findRehearsal, followOriginal } from '../../../lambdas/rehearsals/rehearsal.ts'
import { noteRehearsal } from '../../../lambdas/relocations/note-rehearsal.ts'
import { draftRelocation } from '../../../lambdas/relocations/relocation-changes.ts'
import { finishBuild } from '../../../lambdas/sites/build/build-changes.ts'
import { failBuild } from '../../../lambdas/sites/build/build-failure.ts'
import { healBuilds } from '../../../lambdas/sites/heal-work.ts'
import config from '../../../sitewright.config.ts'
import { welcome } from '../../support/provisioning.ts'
import { unlimited } from '../../support/signing-up.ts'
import { siteSamples } from '../../support/site-samples.ts'
import { type ApiStage, openApiStage } from '../api-stage.ts'
import { type GivenSites, givenSites } from '../given-site.ts'
import { type SignedIn, signIn } from '../sign-in.ts'

const { current: policy } = trialPolicies(config.trialPolicies)
const reason = 'They want more room.'
const dayMilliseconds = 86_400_000

let stage: ApiStage
let given: GivenSites
let ada: SignedIn
let bob: SignedIn
let original: ActiveSite
let count = 0
beforeAll(async () => {
  stage = await openApiStage(() => ({ abuse: unlimited }))
  await stage.store.blueprints.publish(welcome(1))
  given = givenSites(stage)
  ada = await signIn(stage, 'ada@example.com')
  bob = await signIn(stage, 'bob@example.com')
})
beforeEach(async () => {
  count += 1
  original = await given.active(ada.accountId, `engines-${count}`)
})
afterAll(async () => stage?.[Symbol.asyncDispose]())

const path = () => `/v1/operator/sites/${original.id}/rehearsal`
const rehearse = async (body: object = { target: {}, reason }, role: OperatorRole = 'sales') =>
  stage.send({ method: 'POST', path: path(), headers: await stage.operator('sue@example.com', role), body })
const check = async () => stage.send({ path: path(), headers: await stage.operator('sue@example.com', 'sales') })

const present = async (): Promise<Site> => {
  const site = await stage.store.sites.get(original.id)
  if (site === undefined) throw new Error('it is gone')
  return site
}
const found = async () => findRehearsal(stage.store, await present())
const ports = () => ({
  ...stage.store,
  clocks: given.context.clocks,
  randomness: given.context.randomness,
  log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  workflows: { start: async () => undefined, status: async () => 'running' as const },
})

/** What the copy of the original does. */
const copied = async (pausedMilliseconds = 4200): Promise<void> => {
  const site = (await present()) as LiveSite & SiteUnder<'copy'>
  const { archiveId: id } = site.operation
  const archive = { id, at: stage.now(), kind: 'owner' as const, bytes: 1, files: 1, blueprint: site.blueprint }
  await given.commit(recordCopy(site, { ...archive, pausedMilliseconds }, given.context))
}

/** A rehearsal that has passed. */
const passed = async () => {
  await rehearse()
  await copied()
  await followOriginal(ports(), original.id, 'an-event')
  const site = (await found()) as BuildingSite
  const operation = { ...site.operation, durations: { restore: 900, start: 1200, checks: 300 } }
  const proved = { ...site, operation, endpoint: { host: '127.0.0.1', port: 4001 } }
  return given.commit(finishBuild(proved, policy, given.context) as never) as Promise<ActiveSite>
}

describe('a rehearsal', () => {
  it('is preceded by a copy where the newest archive is older than a day, and says how long the last one took', async () => {
    const { status, json } = await rehearse()
    expect([status, json]).toMatchObject([
      202,
      { copiesFirst: true, lastCopy: null, rehearsal: { status: 'waiting', archiveId: null, durations: {} } },
    ])
    expect(await present()).toMatchObject({ operation: { kind: 'copy' } })
    expect((await rehearse()).json).toMatchObject({ rehearsal: { id: (await found())?.id } })
    await healBuilds(ports(), 'a-sweep')
    expect((await check()).json).toMatchObject({ rehearsal: { status: 'waiting' } })
    const pausing = (await present()) as ActiveSite & SiteUnder<'copy'>
    // The copy is taken, but not verified.
    await given.commit(endPause(pausing, { host: '127.0.0.1', port: 4001 }, given.context))
    await healBuilds(ports(), 'a-sweep')
    expect((await check()).json).toMatchObject({ rehearsal: { status: 'waiting' } })
    await copied()
    await healBuilds(ports(), 'a-sweep')
    const [{ id: archiveId = '' } = {}] = ((await present()) as ActiveSite).archives
    expect(await found()).toMatchObject({ status: 'building', operation: { from: { siteId: original.id, archiveId } } })
    expect((await check()).json).toMatchObject({
      copiesFirst: false,
      lastCopy: { at: stage.now(), pausedMilliseconds: 4200 },
      rehearsal: { status: 'building', archiveId },
    })
  })

  it('fails if its original cannot be copied', async () => {
    await rehearse()
    const site = (await present()) as ActiveSite
    await given.commit(endOperation(site, 'failed', given.context))
    await followOriginal(ports(), original.id, 'an-event')
    expect((await check()).json).toMatchObject({
      rehearsal: { status: 'failed', reason: 'The data of the site could not be copied.', endedAt: stage.now() },
    })
  })

  it('needs no copy where there is an archive of today, of the software that the site has', async () => {
    await passed()
    expect((await rehearse()).json).toMatchObject({ copiesFirst: false, rehearsal: { status: 'building' } })
  })

  it.each([
    ['owner', true],
    ['schedule', true],
    ['reclaim', true],
    // What the owner gave up with a restore, or an operator with a way back.
    ['restore', false],
    ['release', false],
  ] as const)('is of a copy of kind %s, of today and of the present version: %s', (kind, isUsed) => {
    const { blueprint } = siteSamples.active
    const archive = {
      id: 'arc_01jq3v5k8m0000000000000001',
      at: stage.now(),
      kind,
      bytes: 1,
      files: 1,
      blueprint,
    } as const
    const older = { ...archive, id: 'arc_01jq3v5k8m0000000000000002', kind: 'owner' } as const
    const fresh = freshArchive({ ...siteSamples.active, archives: [archive, older] }, stage.now())
    expect(fresh).toEqual(isUsed ? archive : undefined)
    const old = { ...archive, at: plusDays(stage.now(), -2) }
    for (const newest of [old, { ...archive, blueprint: { ...blueprint, version: blueprint.version + 1 } }]) {
      expect(freshArchive({ ...siteSamples.active, archives: [newest] }, stage.now())).toBeUndefined()
    }
  })

  it('is a copy of its own: in no list, total, report or quota, with no mail', async () => {
    const before = await Promise.all([
      stage.store.totals.read(),
      stage.store.sites.listByAccount(ada.accountId, { limit: 100 }),
    ])
    const mails = stage.mails.length
    const site = await passed()
    expect(site).toMatchObject({ access: 'owner', ownership: { slug: `engines-${count}--rehearsal` } })
    expect(
      await Promise.all([stage.store.totals.read(), stage.store.sites.listByAccount(ada.accountId, { limit: 100 })]),
    ).toEqual([before[0], { items: expect.not.arrayContaining([expect.objectContaining({ id: site.id })]) }])
    const events = (await stage.store.siteLists.pageOfEvents(site.id, { limit: 100 })).items
    expect(events.map(({ type }) => type)).toEqual(['SiteOpened', 'SiteBuildAdvanced', 'SiteRequested'])
    // Subscribers that count, report, mail or bill take events with an account only.
    for (const { data } of events) expect(data).not.toHaveProperty('accountId')
    expect(stage.mails).toHaveLength(mails)
    const headers = await stage.operator('sue@example.com', 'sales')
    const queries = [
      { slug: `engines-${count}` },
      { words: 'engines' },
      { status: 'active' },
      { dueBefore: '2027-01-01T00:00:00Z' },
    ]
    for (const query of queries) {
      const { json } = await stage.send({ path: '/v1/operator/sites', query, headers })
      expect(JSON.stringify(json)).toContain('engines-')
      expect(JSON.stringify(json)).not.toContain(site.id)
    }
  })

  it('tells the relocation how long it took, and the data of which version it had', async () => {
    const { id } = await passed()
    const window = { from: '2099-01-01T00:00:00.000Z', until: '2099-01-02T00:00:00.000Z', timeZone: 'UTC' }
    const draft = { target: {}, window, confirmDays: 14 }
    await given.commit(draftRelocation((await present()) as LiveSite, draft, 'staff-7', given.context))
    // Newer copies have taken the place of the one that it was built from.
    const get = async (siteId: SiteId) => {
      const site = await ports().sites.get(siteId)
      const id = 'arc_01jq3v5k8m0000000000000003' as const
      return isLive(site) ? { ...site, archives: site.archives.map((archive) => ({ ...archive, id })) } : site
    }
    await noteRehearsal({ ...ports(), sites: { ...ports().sites, get } }, id, 'an-event')
    const { blueprint } = original
    expect(await present()).toMatchObject({ relocation: { forecast: { seconds: 7, blueprint } } })
  })

  it('shows what it found, and only its owner enters it', async () => {
    const site = await passed()
    const url = `http://engines-${count}--rehearsal.localhost:4000`
    const durations = { restore: 900, start: 1200, checks: 300 }
    const mine = await stage.send({ path: `/v1/sites/${original.id}/rehearsal`, headers: ada.headers })
    expect(mine.json).toMatchObject({ rehearsal: { status: 'passed', isOpen: true, durations, url } })
    expect(mine.json['rehearsal']).not.toHaveProperty('target')
    const enter = (who: SignedIn) =>
      stage.send({ method: 'POST', path: `/v1/sites/${original.id}/rehearsal/entrance`, headers: who.headers })
    const entered = await enter(ada)
    expect([entered.status, entered.json]).toMatchObject([
      201,
      { url: expect.stringContaining(`${url}${entrancePath}`) },
    ])
    expect((await enter(bob)).status).toBe(404)
    expect((await stage.send({ path: `/v1/sites/${original.id}/rehearsal`, headers: bob.headers })).status).toBe(404)
    const support = { method: 'POST', headers: await stage.operator('sue@example.com', 'support'), body: { reason } }
    expect((await stage.send({ ...support, path: `/v1/operator/sites/${site.id}/entrance` })).status).toBe(404)
    // It is reached by its original alone.
    for (const what of ['', '/archives', '/history']) {
      expect((await stage.send({ path: `/v1/sites/${site.id}${what}`, headers: ada.headers })).status).toBe(404)
    }
    const rename = { method: 'PATCH', path: `/v1/sites/${site.id}`, headers: ada.headers, body: { name: 'Mine' } }
    expect((await stage.send(rename)).status).toBe(404)
  })

  it('ends with the next one, which gets its hostname', async () => {
    const first = await passed()
    const { json } = await rehearse({ target: { plan: 'growth' }, reason })
    expect(json).toMatchObject({ rehearsal: { target: { plan: 'growth' }, status: 'building' } })
    expect(await stage.store.sites.get(first.id)).toMatchObject({ status: 'purged', operation: { kind: 'purge' } })
    expect(await stage.store.sites.get(first.id)).not.toHaveProperty('ownership')
    expect(await found()).toMatchObject({ plan: 'growth', status: 'building' })
  })

  it('ends with its original, and its result stays', async () => {
    const site = await passed()
    await given.suspended((await present()) as ActiveSite)
    await followOriginal(ports(), original.id, 'an-event')
    expect(await stage.store.sites.get(site.id)).toMatchObject({ status: 'purged' })
    expect((await check()).json).toMatchObject({ rehearsal: { status: 'passed', isOpen: false } })
    expect((await rehearse()).status).toBe(409)
  })

  it('is due to end after seven days, whatever its plan', async () => {
    const site = await passed()
    expect(site.rehearsalOf?.until).toBe(plusMilliseconds(stage.now(), 7 * dayMilliseconds))
    const due: string[] = []
    const until = plusMilliseconds(stage.now(), 7 * dayMilliseconds)
    for await (const { id } of stage.store.sites.listDue({ kind: 'deletion', until })) due.push(id)
    expect(due).toContain(site.id)
  })

  it('tells why it failed', async () => {
    await rehearse()
    await copied()
    await followOriginal(ports(), original.id, 'an-event')
    const failure = { step: 'ready', reason: 'It answers wrongly.', cause: 'check' } as const
    await given.commit(failBuild((await found()) as BuildingSite, failure, given.context))
    expect((await check()).json).toMatchObject({
      rehearsal: { status: 'failed', cause: 'check', reason: 'It answers wrongly.', isOpen: false },
    })
    expect((await rehearse()).json).toMatchObject({ rehearsal: { status: 'building' } })
  })

  it.each([
    [{ blueprint: { name: 'welcome', version: 99 } }, 'target.blueprint'],
    [{ plan: 'gold' }, 'target.plan'],
    [{ cell: 'elsewhere' }, 'target.cell'],
  ])('is refused for %j', async (target, field) => {
    const { status, json } = await rehearse({ target, reason })
    expect([status, JSON.stringify(json)]).toEqual([400, expect.stringContaining(field)])
  })
})
