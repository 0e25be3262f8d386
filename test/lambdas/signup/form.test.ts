import { afterAll, describe, expect, it } from 'vitest'
import { openApiStage } from '../api-stage.ts'

const stage = await openApiStage()
afterAll(() => stage[Symbol.asyncDispose]())

const form = (body: string, origin?: string, query: Record<string, string> = {}) =>
  stage.send({
    method: 'POST',
    path: '/v1/signups/form',
    query,
    body,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...(origin === undefined ? {} : { origin }) },
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

  it.each([undefined, 'null', 'https://evil.example'])('mails nothing for a page of %s', async (origin) => {
    const before = stage.mails.length
    expect((await form('email=eve%40example.com', origin)).status).toBe(403)
    expect(stage.mails).toHaveLength(before)
  })
})
