import { describe, expect, it } from 'vitest'
import { errorKinds } from '../../../core/errors.ts'
import { problemType } from '../../../lambdas/_runtime/problem.ts'
import { openApiDocument } from '../../../lambdas/http/openapi.ts'
import { openApiStage } from '../api-stage.ts'

const document = JSON.parse(JSON.stringify(await openApiDocument('https://console.example'))) as { paths: object }

describe('the description of the API', () => {
  it('is served, as OpenAPI 3.1', async () => {
    await using stage = await openApiStage()
    const answer = await stage.send({ path: '/v1/openapi.json' })
    expect(answer.status).toBe(200)
    expect(answer.json).toMatchObject({ openapi: '3.1.0', servers: [{ url: 'http://localhost:4000' }] })
    expect(answer.json['paths']).toEqual(document.paths)
  })

  it('names only existing problems', () => {
    const known = new Set(errorKinds.map(problemType))
    const named = JSON.stringify(document).match(/urn:sitewright:problem:[a-z-]+/g) ?? []
    expect(named.length).toBeGreaterThan(10)
    for (const type of named) expect(known).toContain(type)
  })
})

describe('the description as it is served', () => {
  it('is made once, and not sent again to whom has it', async () => {
    await using stage = await openApiStage()
    const path = '/v1/openapi.json'
    const { headers, text } = await stage.send({ path })
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-cache' })
    const etag = String(headers['etag'])
    expect(await stage.send({ path, headers: { 'if-none-match': etag } })).toMatchObject({ status: 304, text: '' })
    expect(await stage.send({ path, headers: { 'if-none-match': 'W/"other"' } })).toMatchObject({ status: 200, text })
  })
})
