import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { nothing, type Operation } from '../../lambdas/_runtime/operation.ts'
import { problemForms } from '../../lambdas/_runtime/problem.ts'
import { answerForms, openApiDocument } from '../../lambdas/http/openapi.ts'
import { operations } from '../../lambdas/manifest.ts'
import { webhookTypes } from '../../lambdas/webhooks/webhook-types.ts'

const contentSchema = z.record(z.string(), z.strictObject({ schema: z.looseObject({}) }))
const jsonBodySchema = z.strictObject({ required: z.literal(true), content: contentSchema })
/** Bytes of any type, which the document does not describe. */
const rawBodySchema = z.strictObject({
  required: z.literal(true),
  description: z.string().min(10),
  content: z.strictObject({ '*/*': z.strictObject({}) }),
})
const responseSchema = z.strictObject({
  description: z.string().min(1),
  headers: z
    .record(z.string(), z.strictObject({ description: z.string(), schema: z.looseObject({ type: z.string() }) }))
    .optional(),
  content: contentSchema.optional(),
})
const operationSchema = z.strictObject({
  operationId: z.string(),
  tags: z.tuple([z.enum(['public', 'owner', 'operator'])]),
  summary: z.string().min(10),
  description: z.string().optional(),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z
    .array(
      z.looseObject({
        in: z.enum(['path', 'query', 'header']),
        name: z.string(),
        required: z.boolean().optional(),
        schema: z.looseObject({}),
      }),
    )
    .default([]),
  requestBody: z.union([jsonBodySchema, rawBodySchema]).optional(),
  responses: z.record(
    z.string().regex(/^[1-5]\d\d$/),
    z.union([z.strictObject({ $ref: z.string().startsWith('#/components/responses/') }), responseSchema]),
  ),
})

/** As much of OpenAPI 3.1 as this document uses, and nothing besides. */
const documentSchema = z.strictObject({
  openapi: z.string().regex(/^3\.1\.\d+$/),
  info: z.strictObject({
    title: z.string(),
    version: z.string(),
    description: z.string(),
    license: z.strictObject({ name: z.string(), identifier: z.string() }),
  }),
  servers: z.array(z.strictObject({ url: z.url() })).min(1),
  tags: z.array(z.strictObject({ name: z.string(), description: z.string() })),
  paths: z.record(
    z.string().regex(/^\/(v1|\.well-known)\//),
    z.partialRecord(z.enum(['get', 'post', 'put', 'patch', 'delete']), operationSchema),
  ),
  webhooks: z.record(
    z.enum(webhookTypes),
    z.strictObject({
      post: operationSchema
        .pick({ operationId: true, summary: true, parameters: true })
        .extend({ requestBody: jsonBodySchema, responses: z.record(z.enum(['2XX', '410']), z.looseObject({})) }),
    }),
  ),
  components: z.strictObject({
    schemas: z.record(z.string(), z.looseObject({})),
    responses: z.record(z.string(), responseSchema),
    securitySchemes: z.record(z.string(), z.looseObject({ type: z.string() })),
  }),
})

const propertiesSchema = z.object({ properties: z.record(z.string(), z.looseObject({})).default({}) })

const json: unknown = JSON.parse(JSON.stringify(await openApiDocument('https://console.example.com')))
const forms = await answerForms()
const document = documentSchema.parse(json)
const responsesOf = ({ responses }: z.infer<typeof operationSchema>) =>
  Object.fromEntries(
    Object.entries(responses).map(([status, response]) => {
      const shared = '$ref' in response ? response.$ref.replace('#/components/responses/', '') : undefined
      return [status, responseSchema.parse(shared === undefined ? response : document.components.responses[shared])]
    }),
  )
const described = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    path,
    method: method.toUpperCase(),
    operation: { ...operation, responses: responsesOf(operation) },
  })),
)

const referencesIn = (value: unknown): readonly string[] => {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner] : referencesIn(inner),
  )
}

describe('the OpenAPI document', () => {
  it('has every operation of the API, and no other, under a name of its own', () => {
    expect(
      described.map(({ method, path, operation }) => `${method} ${path} ${operation.operationId}`).toSorted(),
    ).toEqual(operations.map(({ method, path, id }) => `${method} ${path} ${id}`).toSorted())
    expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length)
  })

  it('is served where the console is', () => {
    expect(document.servers).toEqual([{ url: 'https://console.example.com' }])
  })

  it('leads every reference to something', () => {
    const references = referencesIn(json)
    expect(references.length).toBeGreaterThan(0)
    for (const reference of references) {
      const [, , kind, name = ''] = reference.split('/')
      expect(Object.keys(document.components[kind === 'responses' ? kind : 'schemas'])).toContain(name)
    }
  })

  it('knows each way to sign in that it asks for', () => {
    const asked = described.flatMap(({ operation }) => operation.security.flatMap((one) => Object.keys(one)))
    expect(new Set(asked)).toEqual(new Set(Object.keys(document.components.securitySchemes)))
  })

  it('describes the groups of its operations', () => {
    const groups = described.flatMap(({ operation }) => operation.tags)
    expect(document.tags.map(({ name }) => name).toSorted()).toEqual([...new Set(groups)].toSorted())
  })

  it('has no pattern that only some languages can read', () => {
    expect(JSON.stringify(json)).not.toContain(String.raw`\\p{`)
  })

  it('leaves open what webhooks may get, as receivers accept fields that they do not know', () => {
    expect(JSON.stringify(document.webhooks)).not.toContain('"additionalProperties":false')
  })

  // Generators of clients name an object in a property after both, and leave out what would have two meanings.
  it('has no schema whose name another one and its property would give', () => {
    const names = Object.entries(document.components.schemas).flatMap(([name, schema]) =>
      Object.entries(propertiesSchema.parse(schema).properties).flatMap(([property, inner]) =>
        '$ref' in inner ? [] : [`${name}${property[0]?.toUpperCase()}${property.slice(1)}`],
      ),
    )
    expect(names.filter((name) => name in document.components.schemas)).toEqual([])
  })
})

const descriptionOf = ({ id }: Operation) => {
  const found = described.find(({ operation }) => operation.operationId === id)
  if (found === undefined) throw new Error(`${id} is not described`)
  return found.operation
}
const cases = operations.map((operation) => [operation.id, operation, descriptionOf(operation)] as const)

describe.each(cases)('the description of %s', (_, operation, description) => {
  it('asks for a session, or the token of an operator, where the operation needs one', () => {
    const security = {
      public: [],
      owner: [{ bearer: [] }, { cookie: [] }],
      operator: [{ operator: [] }, { operatorCookie: [] }],
    }
    expect(description.security).toEqual(security[operation.audience])
    expect('401' in description.responses).toBe(operation.audience !== 'public')
    if (operation.audience !== 'public') expect(description.responses).toHaveProperty('403')
    for (const role of operation.roles ?? []) expect(description.description).toContain(role)
  })

  it('has a schema for every answer that has a body', () => {
    for (const [status, { schema, contentType = 'application/json', orText }] of Object.entries(forms[operation.id]!)) {
      const content = description.responses[status]?.content
      if (schema === undefined) expect([['204', '302', '303'].includes(status), content]).toEqual([true, undefined])
      else expect(Object.keys(content ?? {})).toEqual([contentType, ...(orText === undefined ? [] : [orText])])
    }
  })

  it('answers every error as a problem, or where a form refuses in words as text', () => {
    const failures = Object.entries(description.responses).filter(([status]) => Number(status) >= 400)
    const problem = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }
    const words = operation.rawBody?.refusesInWords ? { 'text/plain': { schema: { type: 'string' } } } : {}
    for (const [, { content }] of failures) {
      expect(content).toEqual({ ...problem, ...words })
    }
  })

  it('names every error that the operation can end in', () => {
    for (const kind of operation.errors) {
      const answer = description.responses[String(problemForms[kind].status)]
      expect(answer?.description).toContain(problemForms[kind].title)
    }
  })

  it('names every parameter of the path, and no other', () => {
    const inPath = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    const given = description.parameters.filter((parameter) => parameter.in === 'path')
    expect(given.map(({ name }) => name)).toEqual(inPath)
    expect(given.every(({ required }) => required === true)).toBe(true)
  })

  it('takes a body exactly where the operation does, and refuses fields that it does not know', () => {
    const content = description.requestBody?.content ?? {}
    const body = 'application/json' in content ? content['application/json']?.schema : undefined
    expect(body !== undefined).toBe(operation.body !== nothing)
    if (body !== undefined) expect(body['additionalProperties']).toBe(false)
  })
})
