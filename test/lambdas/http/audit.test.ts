import { afterAll, describe, expect, it } from 'vitest'
import { createRandomness } from '../../../adapters/randomness.ts'
import { enterRefusals } from '../../../lambdas/operators/audit/refusals.ts'
import { newOperatorSession } from '../../../lambdas/operators/operator-session.ts'
import { unlimited } from '../../support/signing-up.ts'
import { openApiStage } from '../api-stage.ts'
import { givenSites } from '../given-site.ts'
import type { HttpRequest } from '../http-request.ts'
import { signIn } from '../sign-in.ts'

const hour = 3_600_000
const failing = { audit: false, refusals: false }
type Replace = NonNullable<Parameters<typeof openApiStage>[0]>
const replaced: Replace = ({ auditLog, refusals }) => ({
  abuse: unlimited,
  auditLog: {
    ...auditLog,
    append: async (entry) => (failing.audit ? Promise.reject(new Error('no table')) : auditLog.append(entry)),
  },
  refusals: {
    count: async (refusal) => (failing.refusals ? Promise.reject(new Error('no table')) : refusals.count(refusal)),
  },
})
// Its filters are the engine's to judge.
const stage = await openApiStage(replaced, undefined, true)
afterAll(() => stage[Symbol.asyncDispose]())

const newest = async (limit = 1) => (await stage.store.auditLog.page({ order: 'newest first', limit })).items

const asOperator = async (role: 'support' | 'admin', request: HttpRequest) =>
  stage.send({ ...request, headers: { ...request.headers, ...(await stage.operator(`${role}@example.com`, role)) } })

describe('a sign-in', () => {
  it('is recorded with its network and browser, and the end of its session too', async () => {
    const email = 'jane.doe@example.com'
    const { id } = (await stage.send({ method: 'POST', path: '/v1/signups', body: { email, name: 'Jane Doe' } })).json
    const answer = await stage.send({
      method: 'POST',
      path: `/v1/signups/${id}/verification`,
      body: { code: stage.codeFor(email) },
      sourceIp: '2001:db8:1:2:3:4:5:6',
      headers: { 'user-agent': `Browser/1.0 (+mailto:jane.doe@example.com) ${'x'.repeat(300)}` },
    })
    const { account, session } = answer.json as { account: { id: string }; session: { token: string } }
    const from = { network: '2001:db8:1:2::/64', userAgent: expect.stringMatching(/^Browser\/1.0 \[address\] x/) }
    const [entry] = await newest()
    expect(entry).toMatchObject({
      who: { kind: 'person', id: expect.stringMatching(/^prsn_/) },
      action: 'signIn',
      at: stage.now(),
      targets: [account.id],
      from,
    })
    expect(entry?.from.userAgent).toHaveLength(200)

    const headers = { authorization: `Bearer ${session.token}` }
    expect((await stage.send({ method: 'DELETE', path: '/v1/session', headers })).status).toBe(204)
    const [end] = await newest()
    expect(end).toMatchObject({ who: entry?.who, action: 'signOut', from: { network: '127.0.0.1' } })

    const log = JSON.stringify(await newest(100))
    for (const secret of [email, 'Jane', session.token, stage.codeFor(email)]) expect(log).not.toContain(secret)
  })

  it('is not recorded with a wrong code', async () => {
    const before = await newest(100)
    const { id } = (await stage.send({ method: 'POST', path: '/v1/signups', body: { email: 'b@example.com' } })).json
    const code = stage.codeFor('b@example.com') === '000000' ? '000001' : '000000'
    await stage.send({ method: 'POST', path: `/v1/signups/${id}/verification`, body: { code } })
    expect(await newest(100)).toEqual(before)
  })
})

describe("an operator's read", () => {
  it('names those whose data it shows, by id only', async () => {
    const owner = await signIn(stage, 'read@example.com')
    const sites = givenSites(stage)
    const one = await sites.active(owner.accountId, 'one')
    const other = await sites.active(owner.accountId, 'other')
    const query = { owner: 'read@example.com' }
    expect((await asOperator('support', { path: '/v1/operator/sites', query })).status).toBe(200)
    const [list] = await newest()
    expect(list).toMatchObject({ action: 'operatorListSites', who: { role: 'support' } })
    expect(list?.targets.toSorted()).toEqual([one.id, other.id].toSorted())

    const personId = (await stage.store.accounts.getOwner(owner.accountId))?.id
    for (const what of ['', '/consequences', '/billing']) {
      await asOperator('support', { path: `/v1/operator/sites/${one.id}${what}` })
      expect([what, (await newest())[0]?.targets]).toEqual([what, [one.id, owner.accountId, personId]])
    }
    expect(JSON.stringify(await newest(100))).not.toContain('read@example.com')
  })

  it('is refused where it cannot be recorded, as is an act, which then does not happen', async () => {
    failing.audit = true
    const reason = 'a test'
    const read = await asOperator('admin', { path: '/v1/operator/brake' })
    const act = await asOperator('admin', { method: 'POST', path: '/v1/operator/brake/pull', body: { reason } })
    failing.audit = false
    for (const answer of [read, act]) {
      expect(answer).toMatchObject({ status: 503, json: { type: 'urn:sitewright:problem:unavailable' } })
      expect(JSON.stringify(answer.json)).not.toContain('tripped')
    }
    expect((await asOperator('admin', { path: '/v1/operator/brake' })).json).toMatchObject({ tripped: null })
  })

  it('keeps addresses out of a reason', async () => {
    const body = { reason: 'Asked by <jane@example.com>, twice.', paused: false }
    await asOperator('support', { method: 'PUT', path: '/v1/operator/trials', body })
    expect((await newest())[0]?.reason).toBe('Asked by <[address]>, twice.')
  })
})

describe('refusals', () => {
  const enter = async () => {
    const { auditLog: _, ...ports } = stage.store
    const clocks = { domain: stage.now, wall: stage.now }
    await enterRefusals({ ...ports, clocks, randomness: createRandomness(), auditPolicy: { retentionDays: 400 } })
  }

  it('to somebody who is signed in are one entry for each person, problem and hour', async () => {
    await enter()
    const { headers, accountId } = await signIn(stage, 'refused@example.com')
    const missing = { path: '/v1/sites/site_01jq3v5k8m0000000000000000', headers }
    for (let time = 0; time < 3; time += 1) await stage.send(missing)
    await stage.send({ method: 'POST', path: '/v1/sites', body: { slug: '?' }, headers })
    const forbidden = { method: 'POST', path: '/v1/operator/brake/release', body: { reason: 'a test' } }
    expect((await asOperator('support', forbidden)).status).toBe(403)
    expect((await stage.send({ path: '/v1/session' })).status).toBe(401)
    const before = await newest(100)
    await enter()
    expect(await newest(100)).toEqual(before)

    stage.turnClock(hour)
    await enter()
    await enter()
    const entered = (await newest(100)).filter(({ id }) => !before.some((entry) => entry.id === id))
    const owner = await stage.store.accounts.getOwner(accountId)
    const shown = entered.map(({ who, action, refused, at }) => ({ id: who.id, action, at, ...refused }))
    const of = (id: unknown, problem: string, count: number) => ({
      id,
      action: 'refused',
      at: stage.now(),
      problem: `urn:sitewright:problem:${problem}`,
      hour: before[0]?.at.replace(/:\d\d:\d\d\.\d{3}/, ':00:00.000'),
      count,
    })
    expect(shown).toHaveLength(3)
    expect(shown).toEqual(
      expect.arrayContaining([
        of(owner?.id, 'not-found', 3),
        of(owner?.id, 'hostname-not-allowed', 1),
        of(expect.stringMatching(/^op_/), 'forbidden', 1),
      ]),
    )
  })

  it('include one to a page of another origin that used the cookie of somebody signed in', async () => {
    stage.turnClock(hour)
    await enter()
    const before = await newest(100)
    const { headers, accountId } = await signIn(stage, 'lured@example.com')
    const token = String(headers.authorization).replace('Bearer ', '')
    const foreign = { origin: 'http://acme.localhost:4000' }
    const request = {
      method: 'DELETE',
      path: '/v1/session',
      cookies: [`sitewright_session=${token}`],
      headers: foreign,
    }
    expect((await stage.send(request)).status).toBe(403)
    expect((await stage.send({ path: '/v1/session', headers })).status).toBe(200)
    stage.turnClock(hour)
    await enter()
    const [entry] = (await newest(100)).filter(
      ({ id, action }) => action === 'refused' && !before.some((one) => one.id === id),
    )
    expect(entry).toMatchObject({
      who: { id: (await stage.store.accounts.getOwner(accountId))?.id },
      refused: { problem: 'urn:sitewright:problem:forbidden', count: 1 },
    })
  })

  it('are answered and logged where they cannot be counted', async () => {
    const { headers } = await signIn(stage, 'uncounted@example.com')
    failing.refusals = true
    const answer = await stage.send({ path: '/v1/sites/site_01jq3v5k8m0000000000000000', headers })
    failing.refusals = false
    expect(answer.status).toBe(404)
    expect(stage.logLines.at(-2)).toContain('refusal-not-counted')
  })
})

describe('the log', () => {
  it('is read by time, person and target, page by page', async () => {
    const [last] = await newest()
    await asOperator('admin', { path: '/v1/operator/brake' })
    const query = { from: last!.at, limit: '1', who: last!.who.id, target: last!.targets[0]! }
    const { json } = await asOperator('admin', { path: '/v1/operator/audit', query })
    const { schemaVersion: _, expiresAt: __, ...entry } = last!
    expect(json).toEqual({ entries: [entry], names: expect.any(Object) })
    const pages = { limit: '2', until: last!.at }
    const first = (await asOperator('admin', { path: '/v1/operator/audit', query: pages })).json
    const next = { ...pages, cursor: String(first['cursor']) }
    const second = (await asOperator('admin', { path: '/v1/operator/audit', query: next })).json
    const { items } = await stage.store.auditLog.page({ order: 'newest first', limit: 4, until: last!.at })
    expect([first, second].flatMap(({ entries }) => entries)).toMatchObject(items.map(({ id }) => ({ id })))
    const bad = await asOperator('admin', { path: '/v1/operator/audit', query: { cursor: 'nonsense' } })
    expect(bad).toMatchObject({ status: 400, json: { type: 'urn:sitewright:problem:invalid-request' } })
  })

  it('names sites, owners, and operators by the addresses of their sessions', async () => {
    const { accountId } = await signIn(stage, 'named@example.com')
    const site = await givenSites(stage).active(accountId, 'named')
    await asOperator('support', { path: `/v1/operator/sites/${site.id}` })
    const [read] = await newest()
    const list = async () =>
      (await asOperator('admin', { path: '/v1/operator/audit', query: { target: site.id } })).json['names']
    expect(await list()).toEqual({ [site.id]: site.ownership.name })
    const all = await asOperator('admin', { path: '/v1/operator/audit' })
    const owner = await stage.store.accounts.getOwner(accountId)
    expect(all.json['names']).toMatchObject({ [String(owner?.id)]: 'named@example.com' })
    // Whose addresses it shows is recorded.
    expect((await newest())[0]?.targets).toContain(owner?.id)
    const operator = { operatorId: read!.who.id, email: 'support@example.com', role: 'support', listedAs: 'x' } as const
    const caller = { sourceIp: '192.0.2.1', userAgent: undefined }
    const ports = {
      randomness: createRandomness(),
      clocks: { wall: stage.now, domain: stage.now },
      auditPolicy: { retentionDays: 1 },
    }
    const { session, entry } = newOperatorSession(ports, operator, caller)
    await stage.store.operatorSessions.open(session, entry)
    expect(await list()).toEqual({ [site.id]: site.ownership.name, [read!.who.id]: 'support@example.com' })
  })

  it('is exported as JSON lines, oldest first, with a link to the next page', async () => {
    const entries: unknown[] = []
    let query: Record<string, string> = { limit: '4', until: stage.now() }
    for (;;) {
      const answer = await asOperator('admin', { path: '/v1/operator/audit/export', query })
      expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/jsonl' } })
      entries.push(
        ...answer.text
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line) as unknown),
      )
      const next = /^<(.+)>; rel="next"$/.exec(answer.headers['link'] ?? '')?.[1]
      if (next === undefined) break
      query = Object.fromEntries(new URL(next).searchParams)
    }
    const { items } = await stage.store.auditLog.page({ order: 'oldest first', limit: 1000, until: stage.now() })
    expect(entries).toEqual(items.map(({ schemaVersion: _, expiresAt: __, ...entry }) => entry))
    expect(entries.length).toBeGreaterThan(4)
  })
})
