import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TOTP, URI } from 'otpauth'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { openPeopleFile } from '../../../adapters/operators/people-file.ts'
import { answerForms } from '../../../lambdas/http/openapi.ts'
import { operations } from '../../../lambdas/manifest.ts'
import { permittedTo } from '../../../lambdas/operators/session-view.ts'
import { type ApiAnswer, type ApiStage, openApiStage } from '../api-stage.ts'

const minute = 60_000
let email: string
let uri: string
afterAll(async () => {
  await stage?.[Symbol.asyncDispose]()
  await rm(directory, { recursive: true, force: true })
})

let people = 0
beforeEach(async () => {
  people += 1
  email = `ops-${people}@example.com`
  const { person } = await file.add({ email, role: 'support', addedAt: stage.now() })
  uri = file.enrolmentOf(person, 'Sitewright').uri
  // Each test has windows of its own.
  stage.turnClock(24 * 60 * minute)
})

const password = (of = uri): string => (URI.parse(of) as TOTP).generate({ timestamp: Date.parse(stage.now()) })
const wrong = (code: string): string => (code === '000000' ? '000001' : '000000')

const begin = (address = email, sourceIp = '127.0.0.1') =>
  stage.send({ method: 'POST', path: '/v1/operator/sign-in', body: { email: address }, sourceIp })
const begun = async (address = email) => {
  const { json } = await begin(address)
  return { id: String(json['id']), code: stage.codeFor(address) }
}
const verify = (id: string, code: string, totp: string, sourceIp = '127.0.0.1') =>
  stage.send({ method: 'POST', path: `/v1/operator/sign-in/${id}/verification`, body: { code, totp }, sourceIp })

const signIn = async (): Promise<string> => {
  const { id, code } = await begun()
  const answer = await verify(id, code, password())
  expect(answer.status).toBe(200)
  return answer.cookies[0]?.split(';')[0] ?? ''
}
const send = (cookie: string, path: string, method = 'GET', body?: object): Promise<ApiAnswer> =>
  stage.send({ method, path, cookies: [cookie], headers: { origin: 'http://localhost:4000' }, ...(body && { body }) })

const plain = ({ json, status }: ApiAnswer) => ({ ...json, id: '', expiresAt: '', requestId: '', status })

const directory = await mkdtemp(join(tmpdir(), 'sitewright-code-'))
const file = openPeopleFile({ path: join(directory, 'operators.json'), secret: 'r'.repeat(43) })
const stage = await openApiStage(({ mailer, ...store }) => ({
  operatorDirectory: file.directory,
  operatorSignIn: {
    ...{ method: 'code-and-totp', people: file.people, mailer, secret: 'of codes' },
    attempts: (store as unknown as ApiStage['store']).operatorAttempts,
  },
}))

describe('signing in with a mailed code and a one-time password', () => {
  it('is how this installation says that operators sign in', async () => {
    expect((await stage.send({ path: '/v1/operator/sign-in/methods' })).json).toEqual({ method: 'code-and-totp' })
    expect((await stage.send({ path: '/v1/operator/sign-in' })).status).toBe(404)
  })

  it.each(['support', 'sales', 'admin'] as const)('says all that the role %s permits', (role) => {
    const permitted = operations.filter(({ roles }) => roles?.includes(role)).map(({ id }) => id)
    expect(permittedTo(role).toSorted()).toEqual(permitted.toSorted())
  })

  it('opens a session, which says who, what and until when', async () => {
    const { id, code } = await begun()
    const answer = await verify(id, code, password())
    expect(answer.cookies).toEqual([
      expect.stringMatching(/^sitewright_operator=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/),
    ])
    expect((await answerForms())['operatorVerifyCode']?.[200]?.schema?.parse(answer.json)).toEqual(answer.json)
    expect(answer.json).toMatchObject({ operator: { email, role: 'support' } })
    expect(answer.json['operations']).toEqual(permittedTo('support'))
    expect(permittedTo('support')).not.toContain('operatorPurge')
    expect(JSON.stringify(answer.json)).not.toContain('token')
  })

  it('answers the same about an address of nobody, step by step', async () => {
    const [known, unknown] = [await begin(), await begin('nobody@example.com')]
    expect(plain(unknown)).toEqual(plain(known))
    expect(stage.codeFor('nobody@example.com')).toBe('')
    const [one, other] = [String(known.json['id']), String(unknown.json['id'])]
    const bad = wrong(stage.codeFor(email))
    for (let tries = 0; tries < 6; tries += 1) {
      expect(plain(await verify(other, bad, '123456'))).toEqual(plain(await verify(one, bad, '123456')))
    }
  })

  it('does not say which of the two was wrong', async () => {
    const { id, code } = await begun()
    const [first, second] = [await verify(id, wrong(code), password()), await verify(id, code, wrong(password()))]
    expect(first.status).toBe(422)
    expect(plain(second)).toEqual(plain(first))
  })

  it('takes a code once', async () => {
    const { id, code } = await begun()
    expect((await verify(id, code, password())).status).toBe(200)
    stage.turnClock(minute)
    expect((await verify(id, code, password())).status).toBe(410)
  })

  it('takes a one-time password once, also with another code', async () => {
    const [one, other] = [await begun(), await begun()]
    const first = stage.mails.findLast(({ to, id }) => to === email && id.endsWith(one.id.slice(4)))?.code ?? ''
    const used = password()
    expect((await verify(one.id, first, used)).status).toBe(200)
    expect((await verify(other.id, other.code, used)).status).toBe(422)
    stage.turnClock(minute)
    expect((await verify(other.id, other.code, password())).status).toBe(200)
  })

  it('takes five tries on a code, and none after ten minutes', async () => {
    const { id, code } = await begun()
    for (let tries = 0; tries < 5; tries += 1) expect((await verify(id, wrong(code), '123456')).status).toBe(422)
    expect((await verify(id, code, password())).status).toBe(410)
    const late = await begun()
    stage.turnClock(10 * minute)
    expect((await verify(late.id, late.code, password())).status).toBe(410)
  })

  it('limits tries on the one-time password of a person over all codes', async () => {
    const statuses: number[] = []
    for (let codes = 0; codes < 3; codes += 1) {
      const { id, code } = await begun()
      for (let tries = 0; tries < 4; tries += 1) statuses.push((await verify(id, code, wrong(password()))).status)
    }
    expect(statuses).toEqual([...Array<number>(10).fill(422), 429, 429])
  })

  it('limits tries from a network over all sign-ins', async () => {
    const { id, code } = await begun()
    const tries = Array.from({ length: 201 }, () => verify(id, wrong(code), '123456', '203.0.113.9'))
    expect((await Promise.all(tries)).some(({ status }) => status === 429)).toBe(true)
    expect((await verify(id, wrong(code), '123456', '198.51.100.9')).status).toBe(410)
  })

  it('limits codes to an address and from a network', async () => {
    const strangers = await Promise.all(Array.from({ length: 60 }, (_, n) => begin(`n${n}@example.com`, '203.0.113.9')))
    expect(strangers.some(({ status }) => status === 429)).toBe(true)
    const many = await Promise.all(Array.from({ length: 70 }, (_, n) => begin(email, `198.51.100.${n}`)))
    expect(many.some(({ status }) => status === 429)).toBe(true)
  })

  it('is open to an operator whose address another network floods with requests', async () => {
    const flood = await Promise.all(Array.from({ length: 65 }, () => begin(email, '203.0.113.9')))
    expect(flood.filter(({ status }) => status === 429).length).toBeGreaterThan(50)
    expect((await begin(email, '198.51.100.1')).status).toBe(201)
  })

  it('of somebody who was removed or reset after the mail is refused', async () => {
    const { id, code } = await begun()
    const before = password()
    await file.reset(email)
    expect((await verify(id, code, before)).status).toBe(422)
    await file.remove(email)
    expect((await verify(id, code, before)).status).toBe(422)
  })

  it('is in the audit log, with failures by the hour', async () => {
    const { id, code } = await begun()
    await verify(id, wrong(code), '123456')
    await verify(id, code, password())
    const counted: unknown[] = []
    const later = new Date(Date.parse(stage.now()) + 60 * minute).toISOString()
    for await (const refusal of stage.store.refusals.ended(later)) counted.push(refusal)
    const operatorId = (await file.people.find(email))?.operatorId
    expect(counted).toContainEqual(
      expect.objectContaining({ who: { kind: 'operator', id: operatorId, role: 'support' }, count: 1 }),
    )
    expect(counted).toContainEqual(expect.objectContaining({ who: { kind: 'visitor', id: 'unknown' } }))
    const { items } = await stage.store.auditLog.page({ order: 'newest first', limit: 1, who: operatorId })
    expect(items).toMatchObject([{ action: 'signIn' }])
  })
})

describe('a session of an operator', () => {
  it('ends after half an hour without a request, and after twelve at the latest', async () => {
    const idle = await signIn()
    stage.turnClock(30 * minute)
    expect((await send(idle, '/v1/operator/session')).status).toBe(401)
    const busy = await signIn()
    for (let spent = 0; spent < 12 * 60; spent += 20) {
      expect((await send(busy, '/v1/operator/sites')).status).toBe(200)
      stage.turnClock(20 * minute)
    }
    expect((await send(busy, '/v1/operator/sites')).status).toBe(401)
  })

  it('is found by the cookie of the page, and nobody is no error', async () => {
    const cookie = await signIn()
    const find = async (sent: string) => {
      const { status, json } = await send(sent, '/v1/operator/session/present')
      return [status, json['session']]
    }
    expect(await find(cookie)).toEqual([200, (await send(cookie, '/v1/operator/session')).json])
    expect(await find('sitewright_operator=planted')).toEqual([200, null])
    expect(await find('other=1')).toEqual([200, null])
    stage.turnClock(30 * minute)
    expect(await find(cookie)).toEqual([200, null])
  })

  it('is not kept by a page that polls, and is kept by a change that says so', async () => {
    const cookie = await signIn()
    const headers = { origin: 'http://localhost:4000', 'sitewright-poll': '1' }
    const polls = (path: string, method = 'GET') => stage.send({ path, method, cookies: [cookie], headers })
    stage.turnClock(20 * minute)
    expect((await polls('/v1/operator/sessions', 'DELETE')).status).toBe(204)
    stage.turnClock(20 * minute)
    expect((await polls('/v1/operator/session')).status).toBe(200)
    stage.turnClock(10 * minute)
    expect((await polls('/v1/operator/session')).status).toBe(401)
  })

  it('enters a poll in the audit log once an hour, and never only by its header', async () => {
    const cookie = await signIn()
    const poll = { path: '/v1/operator/trials', cookies: [cookie], headers: { 'sitewright-poll': '1' } }
    const entries = async () => {
      const { items } = await stage.store.auditLog.page({ order: 'newest first', limit: 20 })
      const operatorId = (await file.people.find(email))?.operatorId
      return items.filter(({ who, action }) => who.id === operatorId && action === 'operatorGetTrials').length
    }
    for (let polls = 0; polls < 3; polls += 1) expect((await stage.send(poll)).status).toBe(200)
    expect(await entries()).toBe(1)
    expect((await stage.send({ ...poll, headers: {} })).status).toBe(200)
    expect(await entries()).toBe(2)
  })

  it('has the present role, and no power once its operator is removed', async () => {
    const cookie = await signIn()
    const act = () => send(cookie, '/v1/operator/sites/site_01jq3v5k8m0000000000000000/hold', 'POST', { reason: 'x' })
    expect((await act()).status).toBe(404)
    await file.add({ email, role: 'sales', addedAt: stage.now() })
    expect((await act()).status).toBe(403)
    expect((await send(cookie, '/v1/operator/session')).json).toMatchObject({ operator: { role: 'sales' } })
    await file.remove(email)
    expect((await act()).status).toBe(401)
    await file.add({ email, role: 'admin', addedAt: stage.now() })
    expect((await act()).status).toBe(401)
  })

  it('ends with its authenticator', async () => {
    const cookie = await signIn()
    await file.reset(email)
    expect((await send(cookie, '/v1/operator/session')).status).toBe(401)
  })

  it('changes nothing for a page of another site', async () => {
    const cookies = [await signIn()]
    const change = { method: 'PUT', path: '/v1/operator/trials', cookies, body: { paused: false, reason: 'x' } }
    for (const headers of [{}, { origin: 'https://evil.example' }, { 'sec-fetch-site': 'same-site' }]) {
      expect((await stage.send({ ...change, headers })).status).toBe(403)
    }
    expect((await stage.send({ ...change, headers: { 'sec-fetch-site': 'same-origin' } })).status).toBe(200)
  })

  it('is no session of an owner, and that is none of an operator', async () => {
    const cookie = await signIn()
    expect((await send(cookie.replace('_operator', '_session'), '/v1/session')).status).toBe(401)
    expect((await send('sitewright_operator=planted', '/v1/operator/session')).status).toBe(401)
    expect((await send(`__Host-${cookie}`, '/v1/operator/session')).status).toBe(401)
  })

  it('is listed, and ended one by one or with all others; another person’s is not found', async () => {
    const first = await signIn()
    stage.turnClock(minute)
    const second = await signIn()
    const list = async (cookie: string) =>
      (await send(cookie, '/v1/operator/sessions')).json['sessions'] as { id: string; current: boolean }[]
    const [own, other] = await list(second)
    expect([own?.current, other?.current]).toEqual([true, false])
    await file.add({ email: 'else@example.com', role: 'admin', addedAt: stage.now() }).then(({ person }) => {
      email = person.email
      uri = file.enrolmentOf(person, 'x').uri
    })
    const foreign = await signIn()
    expect((await send(foreign, `/v1/operator/sessions/${other?.id}`, 'DELETE')).status).toBe(404)
    expect((await send(second, `/v1/operator/sessions/${other?.id}`, 'DELETE')).status).toBe(204)
    expect((await send(first, '/v1/operator/session')).status).toBe(401)
    expect((await send(second, '/v1/operator/sessions', 'DELETE')).status).toBe(204)
    expect(await list(second)).toHaveLength(1)
    expect((await send(second, '/v1/operator/session', 'DELETE')).json).toEqual({ signOutUrl: null })
    expect((await send(second, '/v1/operator/session')).status).toBe(401)
    expect((await send(foreign, '/v1/operator/session')).status).toBe(200)
  })
})
