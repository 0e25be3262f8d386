import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { entityTag, hasTag } from '../../../lambdas/_runtime/answer.ts'
import { unlimited } from '../../support/signing-up.ts'
import { type ApiStage, openApiStage } from '../api-stage.ts'
import { givenSites } from '../given-site.ts'
import { signIn } from '../sign-in.ts'

describe('a tag', () => {
  it('is weak, and differs for different bodies', () => {
    expect(entityTag('{"a":1}')).toMatch(/^W\/"[\w-]{22}"$/)
    expect(entityTag('{"a":1}')).not.toBe(entityTag('{"a":2}'))
  })

  it.each([
    ['W/"a"', true],
    ['"a"', true],
    ['"b", W/"a"', true],
    ['*', true],
    ['"b"', false],
    [undefined, false],
  ])('is matched by %s: %s', (field, expected) => {
    expect(hasTag(field, 'W/"a"')).toBe(expected)
  })
})

describe('an answer that pages repeat', () => {
  let stage: ApiStage
  beforeAll(async () => {
    stage = await openApiStage(() => ({ abuse: unlimited }))
  })
  afterAll(async () => stage?.[Symbol.asyncDispose]())

  it('is 304 without a body to an owner until it changes', async () => {
    const owner = await signIn(stage, 'ada@example.com')
    const given = givenSites(stage)
    await given.active(owner.accountId, 'first')
    const ask = (etag?: string) =>
      stage.send({ path: '/v1/sites', headers: { ...owner.headers, ...(etag && { 'if-none-match': etag }) } })
    const { headers, status } = await ask()
    expect(status).toBe(200)
    expect(await ask(headers['etag'])).toMatchObject({ status: 304, text: '', headers: { etag: headers['etag'] } })
    await given.active(owner.accountId, 'second')
    expect((await ask(headers['etag'])).status).toBe(200)
  })

  it('is 304 to an operator, who is recorded all the same', async () => {
    const authorization = await stage.operator('sue@example.com', 'admin')
    const ask = (path: string, etag?: string) =>
      stage.send({ path, headers: { ...authorization, ...(etag && { 'if-none-match': etag }) } })
    const { headers } = await ask('/v1/operator/overview')
    expect((await ask('/v1/operator/overview', headers['etag'])).status).toBe(304)
    const { items } = await stage.store.auditLog.page({ order: 'newest first', limit: 10 })
    expect(items.filter(({ action }) => action === 'operatorGetOverview')).toHaveLength(2)
    // A file, and an answer without data.
    expect((await ask('/v1/operator/audit/export')).headers).not.toHaveProperty('etag')
    expect((await ask('/v1/operator/sites/site_1')).headers).not.toHaveProperty('etag')
  })
})
