import { describe, expect, it } from 'vitest'
import { errorKinds } from '../../../core/errors.ts'
import type { Operation } from '../../../lambdas/_runtime/operation.ts'
import { hasBody } from '../../../lambdas/_runtime/operation.ts'
import { problemForms, problemType } from '../../../lambdas/_runtime/problem.ts'
import { answerForms } from '../../../lambdas/http/answer-forms.ts'
import { api } from '../../../lambdas/http/api.ts'
import { openApiDocument } from '../../../lambdas/http/openapi.ts'
import { openApiStage } from '../api-stage.ts'

const operations: readonly Operation[] = Object.values(api)

interface Described {
  readonly operationId: string
  readonly requestBody?: object
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[]
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: object }>>
  readonly security: readonly object[]
}

const document = JSON.parse(JSON.stringify(openApiDocument('https://console.example'))) as {
  openapi: string
  servers: readonly object[]
  paths: Readonly<Record<string, Readonly<Record<string, Described>>>>
  components: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

const described = ({ path, method }: Operation): Described => {
  const found = document.paths[path]?.[method.toLowerCase()]
  if (found === undefined) throw new Error(`${method} ${path} is not described`)
  return found
}

const references = (value: unknown): string[] => {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => (name === '$ref' ? [String(inner)] : references(inner)))
}

describe('the description of the API', () => {
  it('is served, as OpenAPI 3.1', async () => {
    await using stage = await openApiStage()
    const answer = await stage.send({ path: '/v1/openapi.json' })
    expect(answer.status).toBe(200)
    expect(answer.json).toMatchObject({ openapi: '3.1.0', servers: [{ url: 'http://localhost:4000' }] })
    expect(answer.json['paths']).toEqual(document.paths)
  })

  it('has every operation and no other', () => {
    const ids = Object.values(document.paths).flatMap((methods) => Object.values(methods).map((one) => one.operationId))
    expect(ids.toSorted()).toEqual(operations.map(({ id }) => id).toSorted())
  })

  it('has no dangling references', () => {
    const found = new Set(references(document))
    expect(found.size).toBeGreaterThan(0)
    for (const reference of found) {
      const [, components, kind, name] = reference.split('/')
      expect([components, document.components[kind ?? '']?.[name ?? '']]).toEqual(['components', expect.any(Object)])
    }
  })

  it.each(operations)('of $method $path has its input, its answers and who may call it', (operation) => {
    const { requestBody, parameters = [], responses, security } = described(operation)
    expect(requestBody !== undefined).toBe(hasBody(operation) || operation.rawBody !== undefined)
    const inPath = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    expect(parameters.filter(({ in: place }) => place === 'path').map(({ name }) => name)).toEqual(inPath)
    for (const { in: place, required } of parameters) if (place === 'path') expect(required).toBe(true)
    for (const status of Object.keys(answerForms[operation.id as keyof typeof answerForms]))
      expect(responses).toHaveProperty(status)
    const schemes = {
      public: [],
      owner: [{ bearer: [] }, { cookie: [] }],
      operator: [{ operator: [] }, { operatorCookie: [] }],
    }
    expect(security).toEqual(schemes[operation.audience])
    if (operation.audience !== 'public') expect(responses).toHaveProperty('401')
    if (operation.audience === 'operator') expect(responses).toHaveProperty('403')
  })

  it.each(operations)('of $method $path has every problem that it may answer with', (operation) => {
    const { responses } = described(operation)
    for (const kind of operation.errors) {
      const response = responses[problemForms[kind].status]
      expect(response?.description).toContain(problemType(kind))
      expect(response?.content).toHaveProperty('application/problem+json')
    }
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
