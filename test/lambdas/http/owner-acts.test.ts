import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { endOperation, type SiteUnder } from '../../../core/site/change-site.ts'
import type { ActiveSite, Site, SuspendedSite } from '../../../core/site/site.ts'
import { changePlan } from '../../../lambdas/endings/act-on-site.ts'
import { archiveSite, beginArchiving } from '../../../lambdas/endings/archive-site.ts'
import { copiesPerDay } from '../../../lambdas/endings/copy/begin-copies.ts'
import { beginCopy, pauseForCopy, recordCopy } from '../../../lambdas/endings/copy/take-copy.ts'
import { beginSuspension } from '../../../lambdas/endings/end-site.ts'
import { beginPurge, confirmPurge } from '../../../lambdas/endings/purge-site.ts'
import { unlimited } from '../../support/signing-up.ts'
import { type ApiStage, openApiStage } from '../api-stage.ts'
import { type GivenSites, givenSites } from '../given-site.ts'
import { type SignedIn, signIn } from '../sign-in.ts'

const day = 86_400_000

let stage: ApiStage
let given: GivenSites
let owner: SignedIn
let count = 0

beforeAll(async () => {
  stage = await openApiStage(() => ({ abuse: unlimited }))
  given = givenSites(stage)
  owner = await signIn(stage, 'ada@example.com')
})
afterAll(async () => stage?.[Symbol.asyncDispose]())

const active = (): Promise<ActiveSite> => {
  count += 1
  return given.active(owner.accountId, `site-${count}`)
}
const ended = async (): Promise<SuspendedSite> => {
  const site = await active()
  stage.turnClock(15 * day)
  // A session lives for thirty days.
  owner = await signIn(stage, 'ada@example.com')
  return given.suspended(site)
}

const act = (method: string, path: string, body?: object) =>
  stage.send({ method, path, headers: owner.headers, ...(body && { body }) })
const post = ({ id }: Pick<Site, 'id'>, what: string) => act('POST', `/v1/sites/${id}/${what}`)
const remove = ({ id }: Pick<Site, 'id'>, body?: object) => act('DELETE', `/v1/sites/${id}`, body)
const stored = async ({ id }: Pick<Site, 'id'>) => (await stage.store.sites.get(id))!
const lastEvent = async ({ id }: Pick<Site, 'id'>) =>
  (await stage.store.siteLists.pageOfEvents(id, { limit: 1 })).items[0]!

const problem = (kind: string, status: number) => ({ status, json: { type: `urn:sitewright:problem:${kind}` } })

describe('extending a trial', () => {
  it('adds its days to the end, once', async () => {
    const site = await active()
    expect((await act('GET', `/v1/sites/${site.id}`)).json).toMatchObject({ extension: { left: 1, days: 7 } })
    const extended = await post(site, 'extend')
    const trialEndsAt = new Date(Date.parse(site.trialEndsAt) + 7 * day).toISOString()
    expect(extended).toMatchObject({
      status: 200,
      json: { status: 'active', trialEndsAt, extension: { left: 0, days: 7 }, nextStep: { step: 'remind' } },
    })
    expect(await lastEvent(site)).toMatchObject({
      type: 'TrialExtended',
      actor: { kind: 'owner', personId: expect.stringMatching(/^prsn_/) },
      causationId: 'req_test',
    })
    expect(await post(site, 'extend')).toMatchObject(problem('extension-used', 409))
    expect((await stored(site)).version).toBe(site.version + 1)
  })

  it('counts from now for an ended trial and does not resume', async () => {
    const site = await ended()
    const trialEndsAt = new Date(Date.parse(stage.now()) + 7 * day).toISOString()
    expect(await post(site, 'extend')).toMatchObject({ status: 200, json: { status: 'suspended', trialEndsAt } })
    expect(stage.executions.filter((name) => name.includes(site.id))).toEqual([])
  })

  it('wins over a suspension before its gate', async () => {
    const site = await active()
    await given.commit(beginSuspension(site, given.context))
    expect(await post(site, 'extend')).toMatchObject({ status: 200, json: { status: 'active', operation: null } })
  })

  it('is refused for paid sites', async () => {
    const site = await active()
    await given.commit(changePlan(site, { plan: 'starter', reason: 'paid' }, given.context))
    expect(await post(site, 'extend')).toMatchObject(problem('transition-not-allowed', 409))
  })
})

describe('resuming', () => {
  it('is idempotent for active sites', async () => {
    const site = await active()
    expect(await post(site, 'resume')).toMatchObject({ status: 200, json: { status: 'active' } })
    expect(await stored(site)).toEqual(site)
  })

  it('waits for a copy', async () => {
    const site = (await given.commit(beginCopy(await active(), given.context))) as ActiveSite & SiteUnder<'copy'>
    expect((await post(site, 'resume')).status).toBe(200)
    await given.commit(pauseForCopy(site, given.context))
    const refused = await post(site, 'resume')
    expect(refused).toMatchObject(problem('operation-in-progress', 409))
    expect(refused.headers['retry-after']).toBe('5')
  })

  it('uses the extension of an ended trial', async () => {
    const site = await ended()
    const trialEndsAt = new Date(Date.parse(stage.now()) + 7 * day).toISOString()
    expect(await post(site, 'resume')).toMatchObject({
      status: 200,
      json: { status: 'active', trialEndsAt, extension: { left: 0 }, suspended: null },
    })
    expect(await lastEvent(site)).toMatchObject({ type: 'SiteResumed', actor: { kind: 'owner' } })
  })

  it('requires a plan without an extension, and lists plans', async () => {
    const site = await ended()
    expect((await post(site, 'resume')).status).toBe(200)
    stage.turnClock(8 * day)
    await given.suspended((await stored(site)) as ActiveSite)
    const refused = await post(site, 'resume')
    expect(refused).toMatchObject(problem('payment-required', 402))
    expect(refused.json['plans']).toEqual([
      {
        id: 'starter',
        name: 'Starter',
        prices: expect.arrayContaining([{ amount: 1900, currency: 'EUR', interval: 'month' }]),
      },
      {
        id: 'growth',
        name: 'Growth',
        prices: expect.arrayContaining([{ amount: 79_000, currency: 'EUR', interval: 'year' }]),
      },
    ])
  })

  it('uses no extension on a paid plan or during the trial', async () => {
    const paid = await ended()
    await given.commit(changePlan(paid, { plan: 'starter', reason: 'paid' }, given.context))
    expect(await post(paid, 'resume')).toMatchObject({ status: 200, json: { status: 'active', trialEndsAt: null } })
    const full = await given.suspended(await active(), 'storage-full')
    expect(await post(full, 'resume')).toMatchObject({ status: 200, json: { extension: { left: 1 } } })
  })

  it('is refused after a suspension or purge by operators', async () => {
    const site = await given.suspended(await active(), 'operator')
    expect(await post(site, 'resume')).toMatchObject(problem('transition-not-allowed', 409))
    const gone = await given.suspended(await active())
    await given.commit(confirmPurge(gone, 'fraud', given.context))
    expect(await post(gone, 'resume')).toMatchObject(problem('transition-not-allowed', 409))
    expect((await act('GET', `/v1/sites/${gone.id}`)).json).toMatchObject({ deletion: { revocable: false } })
    expect(await act('DELETE', `/v1/sites/${gone.id}/deletion`)).toMatchObject(problem('transition-not-allowed', 409))
  })

  it('waits until the containers have stopped', async () => {
    const site = await given.stopping(await active(), 'storage-full')
    expect(await post(site, 'resume')).toMatchObject(problem('operation-in-progress', 409))
  })

  it('wins over archiving before its gate', async () => {
    const site = await given.suspended(await active(), 'storage-full')
    await given.commit(beginArchiving(site, given.context))
    expect(await post(site, 'resume')).toMatchObject({ status: 200, json: { status: 'active', operation: null } })
  })

  it('restores an archived site once, with the extension', async () => {
    const site = await given.archived(await ended())
    const begun = await post(site, 'resume')
    expect(begun).toMatchObject({
      status: 202,
      json: { status: 'archived', operation: 'restore', extension: { left: 0 }, nextStep: { step: 'warn' } },
    })
    const { version } = await stored(site)
    expect(stage.executions).toContain(`restore-site-${site.id}-${version}-1`)
    expect(await lastEvent(site)).toMatchObject({ type: 'SiteOperationBegun', data: { operation: 'restore' } })
    expect(await post(site, 'resume')).toMatchObject({ status: 202, json: { operation: 'restore' } })
    expect((await stored(site)).version).toBe(version)
  })

  it('wins over a purge before its gate, and waits for a release', async () => {
    const dying = await given.archived(await ended())
    await given.commit(beginPurge(dying, given.context))
    expect(await post(dying, 'resume')).toMatchObject({ status: 202, json: { operation: 'restore' } })
    const releasing = await given.releasing(await ended())
    expect(await post(releasing, 'resume')).toMatchObject(problem('operation-in-progress', 409))
  })

  it('is refused for purged sites', async () => {
    const site = await given.purged(await given.archived(await ended()))
    for (const what of ['resume', 'extend', 'archives'])
      expect(await post(site, what)).toMatchObject(problem('transition-not-allowed', 409))
    expect(await remove(site, { confirm: site.ownership?.hostname })).toMatchObject(
      problem('transition-not-allowed', 409),
    )
  })
})

describe('deleting', () => {
  it('requires the typed hostname', async () => {
    const site = await active()
    for (const confirm of ['', 'yes', 'site-0.localhost', `${site.ownership.hostname}.`]) {
      const refused = await remove(site, { confirm })
      expect(refused).toMatchObject(problem('confirmation-wrong', 422))
      expect(refused.json['errors']).toEqual([{ path: 'confirm', message: 'is not the hostname of this site' }])
    }
    for (const missing of [undefined, {}, { confirm: null }, { confirm: site.ownership.hostname, force: true }])
      expect(await remove(site, missing)).toMatchObject(problem('invalid-request', 400))
    expect(await stored(site)).toEqual(site)
  })

  it('suspends an active site at once and purges it a week later', async () => {
    const site = await active()
    const deleted = await remove(site, { confirm: ` ${site.ownership.hostname.toUpperCase()} ` })
    const purgeAt = new Date(Date.parse(stage.now()) + 7 * day).toISOString()
    expect(deleted).toMatchObject({
      status: 200,
      json: {
        status: 'suspended',
        suspended: { at: stage.now(), because: 'owner-deletion' },
        deletion: { requestedAt: stage.now(), purgeAt, revocable: true },
        nextStep: { step: 'purge', at: purgeAt },
      },
    })
    expect(stage.executions).toContain(`suspend-site-${site.id}-${site.version + 1}-1`)
    expect(await lastEvent(site)).toMatchObject({ type: 'SiteSuspended', data: { because: 'owner-deletion' } })
    const { version } = await stored(site)
    stage.turnClock(day)
    expect(await remove(site, { confirm: site.ownership.hostname })).toMatchObject({
      status: 200,
      json: { deletion: { purgeAt } },
    })
    expect((await stored(site)).version).toBe(version)
  })

  it('aborts a running copy', async () => {
    const site = await given.commit(beginCopy(await active(), given.context))
    expect(await remove(site, { confirm: site.ownership.hostname })).toMatchObject({
      status: 200,
      json: { status: 'suspended', operation: 'suspend' },
    })
  })

  it('can be cancelled; the site keeps its status', async () => {
    const suspended = await ended()
    const archived = await given.archived(await ended())
    for (const site of [suspended, archived]) {
      expect(await remove(site, { confirm: site.ownership.hostname })).toMatchObject({
        json: { status: site.status, deletion: { purgeAt: new Date(Date.parse(stage.now()) + 7 * day).toISOString() } },
      })
      expect((await lastEvent(site)).type).toBe('SiteDeletionRequested')
      const path = `/v1/sites/${site.id}/deletion`
      expect(await act('DELETE', path)).toMatchObject({ status: 200, json: { status: site.status, deletion: null } })
      expect((await lastEvent(site)).type).toBe('SiteDeletionRevoked')
      expect(await act('DELETE', path)).toMatchObject(problem('transition-not-allowed', 409))
    }
  })

  it('waits for a restore', async () => {
    const site = await given.archived(await ended())
    expect((await post(site, 'resume')).status).toBe(202)
    const refused = await remove(site, { confirm: site.ownership.hostname })
    expect(refused).toMatchObject(problem('operation-in-progress', 409))
  })

  it('is refused for building and failed sites', async () => {
    const failed = await given.failed(owner.accountId, 'site-failed')
    const building = await given.building(owner.accountId, 'site-building')
    for (const site of [failed, building]) {
      const refused = await remove(site, { confirm: site.ownership?.hostname })
      expect(refused).toMatchObject(problem('transition-not-allowed', 409))
      for (const what of ['resume', 'extend', 'archives'])
        expect(await post(site, what)).toMatchObject(problem('transition-not-allowed', 409))
    }
  })

  it('cannot be cancelled without a deletion', async () => {
    const refused = await act('DELETE', `/v1/sites/${(await active()).id}/deletion`)
    expect(refused).toMatchObject(problem('transition-not-allowed', 409))
  })
})

describe('copies', () => {
  it('that are refused because another one began at the same moment do not count', async () => {
    const site = await active()
    for (let copy = 1; copy <= copiesPerDay; copy += 1) {
      const answers = await Promise.all(Array.from({ length: 6 }, () => post(site, 'archives')))
      const [begun, ...refused] = answers.map(({ status }) => status).toSorted()
      expect(begun).toBe(202)
      // A request that reads the count after the last copy began has reached the limit.
      expect(copy < copiesPerDay ? [409] : [409, 429]).toEqual(expect.arrayContaining(refused))
      await given.commit(endOperation((await stored(site)) as ActiveSite, 'done', given.context))
    }
    expect((await post(site, 'archives')).status).toBe(429)
  })

  it('start one at a time, for running sites', async () => {
    const site = await active()
    const begun = await post(site, 'archives')
    expect(begun).toMatchObject({
      status: 202,
      headers: { location: `/v1/sites/${site.id}/archives` },
      json: { status: 'active', operation: 'copy' },
    })
    expect(stage.executions).toContain(`copy-site-${site.id}-${site.version + 1}-1`)
    const refused = await post(site, 'archives')
    expect(refused).toMatchObject(problem('operation-in-progress', 409))
    expect(refused.json['retryAfterSeconds']).toBe(5)
    expect(await post(await ended(), 'archives')).toMatchObject(problem('transition-not-allowed', 409))
  })

  it('are limited per day; other refusals do not count', async () => {
    const site = await active()
    for (let copy = 1; copy <= copiesPerDay; copy += 1) {
      expect((await post(site, 'archives')).status).toBe(202)
      expect(await post(site, 'archives')).toMatchObject(problem('operation-in-progress', 409))
      await given.commit(endOperation((await stored(site)) as ActiveSite, 'done', given.context))
    }
    const { version } = await stored(site)
    const refused = await post(site, 'archives')
    expect(refused).toMatchObject(problem('rate-limited', 429))
    const untilMidnight = (Date.parse(`${stage.now().slice(0, 10)}T24:00:00Z`) - Date.parse(stage.now())) / 1000
    expect(refused.headers['retry-after']).toBe(String(Math.ceil(untilMidnight)))
    expect(refused.json['detail']).toMatch(
      /^The data of a site can be copied or restored 4 times a day\. Try again in \d+ hours\.$/,
    )
    expect((await stored(site)).version).toBe(version)
    expect((await post(await active(), 'archives')).status).toBe(202)
    stage.turnClock(untilMidnight * 1000)
    expect((await post(site, 'archives')).status).toBe(202)
  })

  it('start once per Idempotency-Key', async () => {
    const [site, other] = [await active(), await active()]
    const ask = ({ id }: Pick<Site, 'id'>, key: string, headers: object = owner.headers) =>
      stage.send({ method: 'POST', path: `/v1/sites/${id}/archives`, headers: { ...headers, 'idempotency-key': key } })
    const first = await ask(site, 'k')
    expect(first).toMatchObject({ status: 202, json: { operation: 'copy' } })
    const begun = await stored(site)
    expect(await ask(site, 'k')).toEqual(first)
    expect(await stored(site)).toEqual(begun)
    expect(await ask(site, 'another')).toMatchObject(problem('operation-in-progress', 409))
    expect(await ask(other, 'k')).toMatchObject(problem('idempotency-key-reused', 422))
    const stranger = await signIn(stage, 'mallory@example.com')
    expect(await ask(site, 'k', stranger.headers)).toMatchObject(problem('not-found', 404))

    await given.commit(endOperation(begun as ActiveSite, 'done', given.context))
    for (let again = 0; again <= copiesPerDay; again += 1)
      expect(await ask(site, 'k')).toMatchObject({ status: 200, json: { operation: null } })
    expect((await stored(site)).version).toBe(begun.version + 1)
    expect(await ask(site, 'another')).toMatchObject({ status: 202, json: { operation: 'copy' } })
  })

  it('start once for concurrent requests', async () => {
    const site = await active()
    const answers = await Promise.all([post(site, 'archives'), post(site, 'archives')])
    expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 409])
    expect((await stored(site)).version).toBe(site.version + 1)
  })

  const copiedThrice = async (): Promise<ActiveSite> => {
    let site: ActiveSite = await active()
    for (let pausedMilliseconds = 100; pausedMilliseconds <= 300; pausedMilliseconds += 100) {
      const begun = (await given.commit(beginCopy(site, given.context))) as ActiveSite & SiteUnder<'copy'>
      const { archiveId } = begun.operation
      const { blueprint } = begun
      const copy = { id: archiveId, at: stage.now(), kind: 'owner' as const, bytes: 10, files: 1, blueprint }
      site = (await given.commit(recordCopy(begun, { ...copy, pausedMilliseconds }, given.context))) as ActiveSite
    }
    return site
  }

  it('are listed in pages, newest first, with the pause', async () => {
    const site = await copiedThrice()
    const path = `/v1/sites/${site.id}/archives`
    const list = async (query: Record<string, string>) => {
      const { json, status } = await stage.send({ path, query, headers: owner.headers })
      expect(status).toBe(200)
      return json as { archives: { pausedMilliseconds: number }[]; cursor?: string }
    }
    const all = await list({})
    expect(all.cursor).toBeUndefined()
    expect(all.archives.map(({ pausedMilliseconds }) => pausedMilliseconds)).toEqual([300, 200, 100])
    const first = await list({ limit: '2' })
    const second = await list({ limit: '2', cursor: first.cursor! })
    expect([...first.archives, ...second.archives]).toEqual(all.archives)
    expect(second.cursor).toBeUndefined()
    const refused = await stage.send({ path, query: { cursor: 'bm9uZQ' }, headers: owner.headers })
    expect(refused).toMatchObject(problem('invalid-request', 400))
  })

  it('have a download link each', async () => {
    const { id, archives } = await copiedThrice()
    const path = (archiveId: string) => `/v1/sites/${id}/archives/${archiveId}/download`
    expect(await act('GET', path(archives[1]!.id))).toMatchObject({
      status: 200,
      json: { url: expect.stringContaining(archives[1]!.id), expiresAt: expect.stringMatching(/Z$/) },
    })
    const other = await copiedThrice()
    for (const wrong of [other.archives[0]!.id, 'arc_1', '..%2F..'])
      expect(await act('GET', path(wrong))).toMatchObject(problem('not-found', 404))
  })

  it('are restored once per Idempotency-Key, after a copy of the present data', async () => {
    const site = await copiedThrice()
    const restore = (archiveId: string, { id }: Pick<Site, 'id'> = site, headers: object = owner.headers) => {
      const path = `/v1/sites/${id}/archives/${archiveId}/restore`
      return stage.send({ method: 'POST', path, headers: { ...headers, 'idempotency-key': 'r' } })
    }
    const [, copy] = site.archives
    const archiveId = copy!.id
    const stranger = await signIn(stage, 'oscar@example.com')
    expect(await restore(archiveId, site, stranger.headers)).toMatchObject(problem('not-found', 404))
    expect(await restore('arc_1')).toMatchObject(problem('not-found', 404))
    expect(await restore(archiveId, await ended())).toMatchObject(problem('transition-not-allowed', 409))
    const first = await restore(archiveId)
    expect(first).toMatchObject({ status: 202, json: { status: 'active', operation: 'restore-copy' } })
    expect(await restore(archiveId)).toEqual(first)
    const begun = (await stored(site)) as ActiveSite
    expect(begun).toMatchObject({
      operation: { kind: 'upgrade', target: { blueprint: copy!.blueprint }, copy: { restores: archiveId } },
    })
    expect(await restore(site.archives[0]!.id)).toMatchObject(problem('idempotency-key-reused', 422))
    expect(await post(site, `archives/${archiveId}/restore`)).toMatchObject(problem('operation-in-progress', 409))
    await given.commit(endOperation(begun, 'done', given.context))
    expect(await restore(archiveId)).toMatchObject({ status: 200, json: { operation: null } })
    expect((await stored(site)).version).toBe(begun.version + 1)
  })

  it('have no pause when made by archiving', async () => {
    const site = (await given.commit(beginArchiving(await ended(), given.context))) as SuspendedSite &
      SiteUnder<'archive'>
    const { blueprint, operation } = site
    const copy = { id: operation.archiveId, at: stage.now(), kind: 'reclaim' as const, bytes: 1, files: 0, blueprint }
    await given.commit(archiveSite(site, copy, given.context))
    // With the time: there may be several in a day.
    const nameAt = (at: string) =>
      `${site.ownership.slug}-${at.replace(/(T|\..*|:)/g, (mark) => (mark === 'T' ? '-' : ''))}`
    expect((await act('GET', `/v1/sites/${site.id}/archives`)).json).toEqual({
      archives: [{ ...copy, name: nameAt(stage.now()), pausedMilliseconds: null }],
      schedule: null,
    })
  })
})

describe('a build', () => {
  it('has an estimate by recent builds while it lasts', async () => {
    const done = await Promise.all(Array.from({ length: 10 }, active))
    const building = await given.building(owner.accountId, 'site-estimated')
    const progressOf = async (site: Site) => (await act('GET', `/v1/sites/${site.id}`)).json['progress']
    expect(await progressOf(building)).toMatchObject({
      estimate: { usual: expect.any(Number), ninetieth: expect.any(Number) },
    })
    expect(await progressOf(done[0]!)).toMatchObject({ estimate: null })
  })
})
