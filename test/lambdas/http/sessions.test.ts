import { afterAll, describe, expect, it } from 'vitest'
import { answerForms } from '../../../lambdas/http/openapi.ts'
import { type ApiAnswer, openApiStage } from '../api-stage.ts'
import { signIn } from '../sign-in.ts'

const writes: string[] = []

const stage = await openApiStage(({ sessions }) => ({
  sessions: {
    ...sessions,
    noteUse: (session, now) => {
      writes.push(now)
      return sessions.noteUse(session, now)
    },
  },
}))
afterAll(() => stage[Symbol.asyncDispose]())

const minute = 60_000
const day = 24 * 60 * minute

interface Entry {
  readonly id: string
  readonly createdAt: string
  readonly usedAt: string
  readonly current: boolean
  readonly browser: string | null
  readonly network: string | null
}

type Headers = Awaited<ReturnType<typeof signIn>>['headers']

const list = async (headers: Headers): Promise<readonly Entry[]> => {
  const answer = await stage.send({ path: '/v1/sessions', headers })
  expect(answer.status).toBe(200)
  expect((await answerForms())['listSessions']?.[200]?.schema?.parse(answer.json)).toEqual(answer.json)
  return answer.json['sessions'] as Entry[]
}

const isOpen = async (headers: Headers): Promise<boolean> =>
  (await stage.send({ path: '/v1/session', headers })).status === 200

const end = (headers: Headers, id?: string): Promise<ApiAnswer> =>
  stage.send({ method: 'DELETE', path: id === undefined ? '/v1/sessions' : `/v1/sessions/${id}`, headers })

describe('a session of an owner', () => {
  it('is found by the cookie of the page, and nobody is no error', async () => {
    const { headers } = await signIn(stage, 'found@example.com')
    const cookies = [`sitewright_session=${headers.authorization.slice('Bearer '.length)}`]
    const find = async (sent: { cookies?: string[] }) => {
      const { status, json } = await stage.send({ path: '/v1/session/person', ...sent })
      expect(json['now']).toEqual(expect.any(String))
      return [status, json['email']]
    }
    expect(await find({ cookies })).toEqual([200, 'found@example.com'])
    expect(await find({})).toEqual([200, null])
    await stage.send({ method: 'DELETE', path: '/v1/session', headers })
    expect(await find({ cookies })).toEqual([200, null])
  })

  it('ends after fourteen days without a request', async () => {
    const { headers } = await signIn(stage, 'idle@example.com')
    stage.turnClock(14 * day - 1)
    expect(await isOpen(headers)).toBe(true)
    stage.turnClock(14 * day)
    expect(await isOpen(headers)).toBe(false)
  })

  it('stores its use once in five minutes', async () => {
    const { headers } = await signIn(stage, 'busy@example.com')
    writes.length = 0
    for (let request = 0; request < 20; request += 1) {
      await isOpen(headers)
      stage.turnClock(minute)
    }
    expect(writes).toHaveLength(3)
  })

  it('that is ended while its use is stored lets nobody in', async () => {
    await using other = await openApiStage(({ sessions }) => ({
      sessions: { ...sessions, noteUse: async () => false },
    }))
    const { headers } = await signIn(other, 'ended@example.com')
    other.turnClock(6 * minute)
    expect((await other.send({ path: '/v1/session', headers })).status).toBe(401)
  })
})

describe('the sessions of an owner', () => {
  it('are listed with their times, browser and coarse network, last used first', async () => {
    const first = await signIn(stage, 'lists@example.com')
    stage.turnClock(10 * minute)
    const second = await signIn(stage, 'lists@example.com')
    const entries = await list(second.headers)
    expect(entries).toMatchObject([
      { current: true, createdAt: stage.now(), usedAt: stage.now(), network: '127.0.0.0/24' },
      { current: false, browser: 'Unknown browser' },
    ])
    stage.turnClock(10 * minute)
    expect((await list(first.headers)).map(({ current }) => current)).toEqual([true, false])
    expect(JSON.stringify(entries)).not.toContain(second.headers.authorization.slice('Bearer '.length))
  })

  it('are ended one by one, which is in the audit log', async () => {
    const first = await signIn(stage, 'revokes@example.com')
    stage.turnClock(1)
    const second = await signIn(stage, 'revokes@example.com')
    const other = (await list(second.headers)).find(({ current }) => !current)
    expect((await end(second.headers, other?.id)).status).toBe(204)
    expect(await isOpen(first.headers)).toBe(false)
    expect(await isOpen(second.headers)).toBe(true)
    const { items } = await stage.store.auditLog.page({ order: 'newest first', limit: 1, target: String(other?.id) })
    expect(items).toMatchObject([{ action: 'signOut', targets: [first.accountId, other?.id] }])
  })

  it('of somebody else are not found', async () => {
    const mine = await signIn(stage, 'mine@example.com')
    const theirs = await signIn(stage, 'theirs@example.com')
    const [entry] = await list(theirs.headers)
    const foreign = await end(mine.headers, entry?.id)
    const unknown = await end(mine.headers, 'ses_01jq3v5k8m0000000000000000')
    expect(foreign.status).toBe(404)
    expect({ ...foreign.json, requestId: '' }).toEqual({ ...unknown.json, requestId: '' })
    expect(await isOpen(theirs.headers)).toBe(true)
  })

  it('are all ended but the current one', async () => {
    const all = [await signIn(stage, 'all@example.com')]
    for (let more = 0; more < 3; more += 1) all.push(await signIn(stage, 'all@example.com'))
    const [kept, ...others] = all
    expect((await end(kept!.headers)).status).toBe(204)
    expect(await Promise.all(others.map(({ headers }) => isOpen(headers)))).toEqual([false, false, false])
    expect(await list(kept!.headers)).toHaveLength(1)
  })

  it('clear the cookie of the one that ends itself', async () => {
    const { headers } = await signIn(stage, 'itself@example.com')
    const [entry] = await list(headers)
    const answer = await end(headers, entry?.id)
    expect(answer.cookies).toEqual(['sitewright_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax'])
    expect(await isOpen(headers)).toBe(false)
  })
})

describe('a change by cookie', () => {
  const own = 'http://localhost:4000'
  let changes = 0
  const change = async (headers: Readonly<Record<string, string>>) => {
    const { authorization } = (await signIn(stage, `changes-${changes++}@example.com`)).headers
    const cookies = [`sitewright_session=${authorization.slice('Bearer '.length)}`]
    return (await stage.send({ method: 'DELETE', path: '/v1/session', headers, cookies })).status
  }

  it.each([
    [{ origin: own }],
    [{ 'sec-fetch-site': 'same-origin' }],
    [{ origin: own, 'sec-fetch-site': 'same-origin' }],
  ])('from the console, which says %j, is made', async (headers) => {
    expect(await change(headers)).toBe(204)
  })

  it.each([
    [{}],
    [{ origin: 'null' }],
    [{ origin: 'https://localhost:4000' }],
    [{ origin: 'http://cookie.localhost:4000' }],
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site' }],
    [{ 'sec-fetch-site': 'none' }],
    [{ origin: own, 'sec-fetch-site': 'cross-site' }],
    [{ origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' }],
  ])('from elsewhere, which says %j, is refused', async (headers) => {
    expect(await change(headers)).toBe(403)
  })
})
