import { afterAll, describe, expect, it } from 'vitest'
import type { ActiveSite, Site, SuspendedSite } from '../../../core/site/site.ts'
import { beginCopy } from '../../../lambdas/endings/copy/take-copy.ts'
import { unlimited } from '../../support/signing-up.ts'
import { openApiStage } from '../api-stage.ts'
import { givenSites } from '../given-site.ts'
import { signIn } from '../sign-in.ts'

const hour = 3_600_000
const day = 24 * hour
let count = 0

const stage = await openApiStage(() => ({ abuse: unlimited }))
const given = givenSites(stage)
const owner = await signIn(stage, 'ada@example.com')
afterAll(() => stage[Symbol.asyncDispose]())

const active = (): Promise<ActiveSite> => {
  count += 1
  return given.active(owner.accountId, `site-${count}`)
}
const ended = async (): Promise<SuspendedSite> => {
  const site = await active()
  stage.turnClock(15 * day)
  return given.suspended(site)
}

const reason = 'asked for by phone'
/** As an administrator, unless told. */
const act = async ({ id }: Pick<Site, 'id'>, what: string, more: object = {}, email = 'root@example.com') =>
  stage.send({
    method: 'POST',
    path: `/v1/operator/sites/${id}/${what}`,
    headers: await stage.operator(email, 'admin'),
    body: { reason, ...more },
  })
const stored = async ({ id }: Pick<Site, 'id'>) => (await stage.store.sites.get(id))!
const history = async ({ id }: Pick<Site, 'id'>) => (await stage.store.siteLists.pageOfEvents(id, { limit: 100 })).items
const byOperator = {
  actor: { kind: 'operator', operatorId: expect.stringMatching(/^op_[0-9a-f]{32}$/), role: 'admin' },
  causationId: 'req_test',
}

const problem = (kind: string, status: number) => ({ status, json: { type: `urn:sitewright:problem:${kind}` } })

describe('an operator extends a trial', () => {
  it.each([
    ['P7D', 7 * day],
    ['P2W', 14 * day],
    ['PT12H', 12 * hour],
    ['P1DT6H', 30 * hour],
    ['P365D', 365 * day],
  ])('by %s, repeatedly and without using the owner’s extension', async (by, milliseconds) => {
    const site = await active()
    for (const times of [1, 2]) {
      const trialEndsAt = new Date(Date.parse(site.trialEndsAt) + times * milliseconds).toISOString()
      expect(await act(site, 'extend', { by })).toMatchObject({
        status: 200,
        json: { trialEndsAt, extensionsUsed: 0, extension: { left: 1 } },
      })
      expect((await history(site))[0]).toMatchObject({
        ...byOperator,
        type: 'TrialExtended',
        data: { reason, trialEndsAt },
      })
    }
  })

  it.each([
    ...['P0D', 'PT0H', 'P-7D', '-P7D', 'P366D', 'P53W', 'PT8761H', 'P1M', 'P1Y', 'PT5M', 'P1WT1H', 'P7', 'P', 'PT'],
    ...['P1DT', '7 days', '', 'p7d', ' P7D', 'P7D ', 'P1.5D', `P${'9'.repeat(30)}D`, '٧D', 7, null],
  ])('and not by %j', async (by) => {
    const site = await active()
    const refused = await act(site, 'extend', { by })
    expect(refused).toMatchObject(problem('invalid-request', 400))
    expect(refused.json['errors']).toEqual([expect.objectContaining({ path: 'by' })])
    expect(await stored(site)).toEqual(site)
  })

  it.each([undefined, '', '   ', 'two\nlines', 'x'.repeat(501), 7])('refuses the reason %j', async (none) => {
    const site = await active()
    for (const what of ['suspend', 'resume', 'restore', 'hold', 'unhold', 'purge'])
      expect(await act(site, what, { reason: none })).toMatchObject(problem('invalid-request', 400))
    expect(await act(site, 'extend', { by: 'P7D', reason: none })).toMatchObject(problem('invalid-request', 400))
    expect(await act(site, 'plan', { plan: 'starter', reason: none })).toMatchObject(problem('invalid-request', 400))
    expect(await stored(site)).toEqual(site)
  })
})

describe('an operator suspends a site', () => {
  it('with a reason, once', async () => {
    const site = await active()
    expect(await act(site, 'suspend')).toMatchObject({
      status: 200,
      json: { status: 'suspended', suspended: { because: 'operator' }, operation: 'suspend' },
    })
    expect(stage.executions).toContain(`suspend-site-${site.id}-${site.version + 1}-1`)
    expect((await history(site))[0]).toMatchObject({
      ...byOperator,
      type: 'SiteSuspended',
      data: { because: 'operator', reason },
    })
    const { version } = await stored(site)
    expect((await act(site, 'suspend')).status).toBe(200)
    expect((await stored(site)).version).toBe(version)
  })

  it('even if paused for a copy, but only if active', async () => {
    const copied = await given.commit(beginCopy(await active(), given.context))
    expect(await act(copied, 'suspend')).toMatchObject({ status: 200, json: { operation: 'suspend' } })
    expect(await act(await ended(), 'suspend')).toMatchObject(problem('transition-not-allowed', 409))
    const pooled = await given.ready()
    expect(await act(pooled, 'suspend')).toMatchObject(problem('transition-not-allowed', 409))
  })
})

describe('an operator resumes a site', () => {
  it('that the owner cannot resume', async () => {
    const site = await given.suspended(await active(), 'operator')
    expect(await act(site, 'resume')).toMatchObject({ status: 200, json: { status: 'active' } })
    expect((await history(site))[0]).toMatchObject({ ...byOperator, type: 'SiteResumed', data: { reason } })
    expect(await act(site, 'resume')).toMatchObject({ status: 200, json: { status: 'active' } })
  })

  it('with an ended trial only after an extension or with a plan', async () => {
    const suspended = await ended()
    const archived = await given.archived(await ended())
    for (const site of [suspended, archived]) {
      expect(await act(site, 'resume')).toMatchObject(problem('transition-not-allowed', 409))
      expect((await act(site, 'extend', { by: 'P3D' })).status).toBe(200)
      expect((await act(site, 'resume')).status).toBe(site.status === 'archived' ? 202 : 200)
    }
    const paid = await ended()
    expect((await act(paid, 'plan', { plan: 'enterprise' })).status).toBe(200)
    expect(await act(paid, 'resume')).toMatchObject({ status: 200, json: { plan: 'enterprise', trialEndsAt: null } })
  })

  it('from its archive; restore applies to archived sites only', async () => {
    const site = await given.archived(await ended())
    expect(await act(site, 'restore')).toMatchObject(problem('transition-not-allowed', 409))
    await act(site, 'extend', { by: 'P7D' })
    expect(await act(site, 'restore')).toMatchObject({ status: 202, json: { operation: 'restore', attempts: 1 } })
    const { version } = await stored(site)
    expect(stage.executions).toContain(`restore-site-${site.id}-${version}-1`)
    expect((await history(site))[0]).toMatchObject({ ...byOperator, data: { operation: 'restore', reason } })
    expect((await act(site, 'restore')).status).toBe(202)
    expect((await stored(site)).version).toBe(version)
    for (const other of [await active(), await ended()])
      expect(await act(other, 'restore')).toMatchObject(problem('transition-not-allowed', 409))
  })
})

describe('a hold', () => {
  it('blocks endings until it ends', async () => {
    const site = await ended()
    expect(await act(site, 'hold')).toMatchObject({ status: 200, json: { heldSince: stage.now(), nextStep: null } })
    expect((await history(site))[0]).toMatchObject({ ...byOperator, type: 'SiteHeld', data: { reason } })
    const { version } = await stored(site)
    expect((await act(site, 'hold')).status).toBe(200)
    expect((await stored(site)).version).toBe(version)
    expect(await act(site, 'purge')).toMatchObject(problem('transition-not-allowed', 409))
    expect(await act(site, 'unhold')).toMatchObject({
      status: 200,
      json: { heldSince: null, nextStep: { step: 'archive' } },
    })
    expect((await history(site))[0]).toMatchObject({ ...byOperator, type: 'SiteHoldEnded', data: { reason } })
    expect((await act(site, 'unhold')).status).toBe(200)
    expect((await stored(site)).version).toBe(version + 1)
  })
})

describe('a purge', () => {
  const second = 'second@example.com'

  it('requires two operators', async () => {
    const site = await ended()
    const asked = await act(site, 'purge')
    const endsAt = new Date(Date.parse(stage.now()) + day).toISOString()
    expect(asked).toMatchObject({
      status: 202,
      json: { status: 'suspended', operation: null, deletion: null, purgeRequest: { at: stage.now(), endsAt } },
    })
    expect((await history(site))[0]).toMatchObject({ ...byOperator, type: 'SitePurgeRequested', data: { reason } })
    const again = await act(site, 'purge')
    expect(again).toMatchObject(problem('transition-not-allowed', 409))
    expect(again.json['detail']).toContain('Another operator must confirm it')
    expect(await act(site, 'purge', {}, 'ROOT@example.com')).toMatchObject(problem('transition-not-allowed', 409))

    expect(await act(site, 'purge', { reason: 'agreed' }, second)).toMatchObject({
      status: 202,
      json: { operation: 'purge', purgeRequest: null, deletion: { requestedAt: stage.now(), purgeAt: stage.now() } },
    })
    const { version } = await stored(site)
    expect(stage.executions).toContain(`purge-site-${site.id}-${version}-1`)
    const [agreed, requested] = await history(site)
    expect(agreed).toMatchObject({ ...byOperator, data: { operation: 'purge', reason: 'agreed' } })
    expect(agreed?.actor).not.toEqual(requested?.actor)
    // A second request finds it on its way.
    expect((await act(site, 'purge', {}, second)).status).toBe(202)
    expect((await stored(site)).version).toBe(version)
  })

  it('starts over if the second operator is too late', async () => {
    const site = await given.archived(await ended())
    expect((await act(site, 'purge')).status).toBe(202)
    stage.turnClock(day)
    expect(await act(site, 'purge', {}, second)).toMatchObject({
      status: 202,
      json: { operation: null, purgeRequest: { at: stage.now() } },
    })
    stage.turnClock(day - 1)
    expect(await act(site, 'purge')).toMatchObject({ status: 202, json: { operation: 'purge' } })
  })

  it('requires a suspended or archived site without an operation', async () => {
    expect(await act(await active(), 'purge')).toMatchObject(problem('transition-not-allowed', 409))
    const stopping = await given.stopping(await active())
    expect(await act(stopping, 'purge')).toMatchObject(problem('operation-in-progress', 409))
    const gone = await given.purged(await given.archived(await ended()))
    expect(await act(gone, 'purge')).toMatchObject(problem('transition-not-allowed', 409))
  })

  it('is cancelled when the owner resumes the site', async () => {
    const site = await given.suspended(await active())
    expect((await act(site, 'purge')).status).toBe(202)
    const { headers } = await signIn(stage, 'ada@example.com')
    expect((await stage.send({ method: 'POST', path: `/v1/sites/${site.id}/resume`, headers })).status).toBe(200)
    expect(await act(site, 'purge', {}, second)).toMatchObject(problem('transition-not-allowed', 409))
  })
})

describe('a plan', () => {
  it('can be any of the catalogue; repeating is idempotent', async () => {
    const site = await active()
    expect(await act(site, 'plan', { plan: 'growth' })).toMatchObject({
      status: 200,
      json: { plan: 'growth', trialEndsAt: null, extension: null, nextStep: null },
    })
    expect((await history(site))[0]).toMatchObject({
      ...byOperator,
      type: 'SitePlanChanged',
      data: { reason, plan: 'growth', previousPlan: 'trial' },
    })
    const { version } = await stored(site)
    expect((await act(site, 'plan', { plan: 'growth' })).status).toBe(200)
    expect((await stored(site)).version).toBe(version)
    expect(await act(site, 'plan', { plan: 'trial' })).toMatchObject({ json: { plan: 'trial', status: 'active' } })
  })

  it('must exist', async () => {
    const refused = await act(await active(), 'plan', { plan: 'gold' })
    expect(refused).toMatchObject(problem('invalid-request', 400))
    expect(refused.json['errors']).toEqual([
      { path: 'plan', message: 'must be one of: trial, starter, growth, enterprise' },
    ])
  })
})

it('keeps addresses out of the history of a site', async () => {
  const site = await given.suspended(await active())
  for (const what of ['hold', 'unhold', 'resume', 'suspend']) await act(site, what)
  const { headers } = await signIn(stage, 'ada@example.com')
  await stage.send({ method: 'POST', path: `/v1/sites/${site.id}/extend`, headers })
  const events = await history(site)
  expect(events.length).toBeGreaterThan(6)
  expect(JSON.stringify(events)).not.toMatch(/@|example\.com/)
})

it('answers for a site without an owner', async () => {
  for (const id of ['site_01jq3v5k8m0000000000000000', 'site_1', '..%2f', 'acct_01jq3v5k8m0000000000000000'])
    for (const what of ['suspend', 'resume', 'restore', 'hold', 'unhold', 'purge'])
      expect(await act({ id: id as Site['id'] }, what)).toMatchObject(problem('not-found', 404))
})
