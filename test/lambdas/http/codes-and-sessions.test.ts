import { afterAll, describe, expect, it } from 'vitest'
import { answerForms } from '../../../lambdas/http/openapi.ts'
import { openApiStage } from '../api-stage.ts'
import { signIn } from '../sign-in.ts'

const stage = await openApiStage()

afterAll(() => stage[Symbol.asyncDispose]())

const minute = 60_000
const day = 24 * 60 * minute

const startSignup = async (email: string): Promise<{ id: string; code: string }> => {
  const { json } = await stage.send({ method: 'POST', path: '/v1/signups', body: { email } })
  return { id: String(json['id']), code: stage.codeFor(email) }
}

const verify = (id: string, code: string) =>
  stage.send({ method: 'POST', path: `/v1/signups/${id}/verification`, body: { code } })

const wrong = (code: string): string => (code === '000000' ? '000001' : '000000')

const kindOf = ({ json }: { json: Record<string, unknown> }) => json['type']

describe('a sign-up', () => {
  it.each([
    ['r&d@example.org', 'r&d@example.org'],
    ['Ada@bücher.example', 'Ada@xn--bcher-kva.example'],
    ['grace@example.com ', 'grace@example.com'],
  ])('of %j is taken, and its address stored as %s', async (email, stored) => {
    const { status, json } = await stage.send({ method: 'POST', path: '/v1/signups', body: { email } })
    expect(status).toBe(201)
    expect(await stage.store.signups.get(json['id'] as never)).toMatchObject({ email: stored })
    expect((await verify(String(json['id']), stage.codeFor(stored))).status).toBe(200)
  })
})

describe('a code', () => {
  it('is valid for almost fifteen minutes', async () => {
    const { id, code } = await startSignup('in-time@example.com')
    stage.turnClock(15 * minute - 1)
    expect((await verify(id, code)).status).toBe(200)
  })

  it('expires after fifteen minutes', async () => {
    const { id, code } = await startSignup('late@example.com')
    stage.turnClock(15 * minute)
    const answer = await verify(id, code)
    expect(answer.status).toBe(410)
    expect(kindOf(answer)).toBe('urn:sitewright:problem:code-expired')
  })

  it('is valid after four wrong attempts, which are counted down', async () => {
    const { id, code } = await startSignup('fifth@example.com')
    for (const left of [4, 3, 2, 1]) {
      const answer = await verify(id, wrong(code))
      expect(answer.status).toBe(422)
      expect(answer.json['detail']).toBe(`The code is wrong. ${left} of 5 tries are left.`)
    }
    expect((await verify(id, code)).status).toBe(200)
  })

  it('is invalid after five wrong attempts, even if correct', async () => {
    const { id, code } = await startSignup('sixth@example.com')
    for (let tries = 0; tries < 5; tries += 1) await verify(id, wrong(code))
    const answer = await verify(id, code)
    expect(answer.status).toBe(410)
    expect(kindOf(answer)).toBe('urn:sitewright:problem:code-exhausted')
  })

  it('accepts surrounding spaces', async () => {
    const { id, code } = await startSignup('spaces@example.com')
    expect((await verify(id, ` ${code}\n`)).status).toBe(200)
  })
})

describe('a session', () => {
  it('returns the domain clock and the contact', async () => {
    const turned = '2026-06-01T00:00:00.000Z'
    await using other = await openApiStage(({ clocks }) => ({
      clocks: { ...clocks, domain: () => turned },
      contact: 'help@example.org',
    }))
    const { headers, accountId } = await signIn(other, 'turned@example.com')
    const { json, status } = await other.send({ path: '/v1/session', headers })
    expect(status).toBe(200)
    expect((await answerForms())['getSession']?.[200]?.schema?.parse(json)).toEqual(json)
    expect(json).toEqual({
      account: { id: accountId, email: 'turned@example.com' },
      session: { expiresAt: expect.stringMatching(/^2026-03-02T/), idleEndsAt: expect.stringMatching(/^2026-02-14T/) },
      now: turned,
      contact: 'help@example.org',
    })
  })

  it('expires after thirty days', async () => {
    const { headers } = await signIn(stage, 'session@example.com')
    for (const days of [13, 13]) {
      stage.turnClock(days * day)
      expect((await stage.send({ path: '/v1/session', headers })).status).toBe(200)
    }
    stage.turnClock(4 * day - 1)
    expect((await stage.send({ path: '/v1/session', headers })).status).toBe(200)
    stage.turnClock(1)
    const answer = await stage.send({ path: '/v1/session', headers })
    expect(answer.status).toBe(401)
    expect(kindOf(answer)).toBe('urn:sitewright:problem:unauthenticated')
  })
})
