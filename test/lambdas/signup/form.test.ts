import { afterAll, describe, expect, it } from 'vitest'
import type { SignupId } from '../../../core/ids.ts'
import { openApiStage } from '../api-stage.ts'

const stage = await openApiStage()
afterAll(() => stage[Symbol.asyncDispose]())

const form = (body: string, origin?: string, query: Record<string, string> = {}, headers = {}) =>
  stage.send({
    method: 'POST',
    path: '/v1/signups/form',
    query,
    body,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(origin === undefined ? {} : { origin }),
      ...headers,
    },
  })

describe('the form of the sign-up page', () => {
  it('mails the code and goes to the page that asks for it', async () => {
    const answer = await form('email=ada%40example.com&acceptedTerms=on', 'http://localhost:4000')
    expect(answer.status).toBe(303)
    expect(answer.headers['location']).toMatch(/^\/mailed\/#\/signups\/sgn_/)
    expect(stage.codeFor('ada@example.com')).toMatch(/^[B-Z]{4}-[B-Z]{4}$/)
  })

  it('tells in words what is wrong', async () => {
    const answer = await form('email=ada', 'http://localhost:4000')
    expect(answer.status).toBe(400)
    expect(answer.headers['content-type']).toContain('text/plain')
    expect(answer.text).toContain('email: must be an e-mail address')
  })

  it('tells it in the language of the page', async () => {
    const answer = await form('email=ada', 'http://localhost:4000', { language: 'de' })
    expect([answer.status, answer.text]).toEqual([
      400,
      expect.stringContaining('Geben Sie eine gültige E-Mail-Adresse'),
    ])
  })

  it.each([
    ['welcome', { blueprint: 'welcome' }],
    ['gone', {}],
  ])('keeps what the link to the page said: %s', async (blueprint, kept) => {
    const referer = `http://localhost:4000/?blueprint=${blueprint}&utm_source=fair&gclid=a1`
    const answer = await form('email=link%40example.com', 'http://localhost:4000', {}, { referer })
    const id = String(answer.headers['location']).split('/').at(-1)
    const { blueprint: chosen, attribution } = (await stage.store.signups.get(id as SignupId)) ?? {}
    expect({ blueprint: chosen, attribution }).toEqual({
      blueprint: undefined,
      ...kept,
      attribution: { source: 'fair', landingPage: '/' },
    })
  })

  it.each([undefined, 'null', 'https://evil.example'])('mails nothing for a page of %s', async (origin) => {
    const before = stage.mails.length
    expect((await form('email=eve%40example.com', origin)).status).toBe(403)
    expect(stage.mails).toHaveLength(before)
  })
})
