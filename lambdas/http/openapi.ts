import type * as z from 'zod'
import { createDocument, type ZodOpenApiOverride } from 'zod-openapi'
import type { ErrorKind } from '../../core/errors.ts'
import { writePortablePattern } from '../../core/portable-pattern.ts'
import { type AnswerForms, hasBody, nothing, type Operation } from '../_runtime/operation.ts'
import { problemForms, problemType } from '../_runtime/problem.ts'
import { problemSchema } from '../_runtime/problem-schema.ts'
import { functions, httpTriggersOf, operations } from '../manifest.ts'
import { webhookDescriptions } from '../webhooks/webhook-types.ts'

export const answerForms = async (): Promise<AnswerForms> => {
  const triggers = functions.flatMap((definition) => httpTriggersOf(definition))
  return Object.assign({}, ...(await Promise.all(triggers.map(({ answers }) => answers()))))
}

/** The errors of an operation, including those of every operation. */
const errorKindsOf = (operation: Operation): readonly ErrorKind[] => {
  const kinds: ErrorKind[] = [
    ...operation.errors,
    // Unknown parameters are refused everywhere.
    'InvalidRequest',
    ...(operation.rawBody === undefined ? [] : (['PayloadTooLarge'] as const)),
    ...(hasBody(operation) ? (['MalformedBody', 'UnsupportedMediaType', 'PayloadTooLarge'] as const) : []),
    // A member of a team, a token or an operator may lack the right.
    ...(operation.audience === 'public' ? [] : (['Unauthenticated', 'Forbidden'] as const)),
    ...(operation.audience === 'operator' ? (['Unavailable'] as const) : []),
  ]
  return [...new Set(kinds)]
}

const sharedAnswers = new Map<string, ReturnType<typeof problemAnswer>>()

const text = { schema: { type: 'string' } as const }

/** Its `id` makes it one of `components.responses`, which each operation with the same errors refers to. */
const problemAnswer = (kinds: readonly ErrorKind[], inWords: boolean) => ({
  id: `${kinds.join('Or')}${inWords ? 'InWords' : ''}`,
  description: kinds.map((kind) => `${problemForms[kind].title} (\`${problemType(kind)}\`)`).join('; '),
  content: { 'application/problem+json': { schema: problemSchema }, ...(inWords ? { 'text/plain': text } : {}) },
})

const problemAnswers = (operation: Operation) => {
  const byStatus = Map.groupBy(errorKindsOf(operation).toSorted(), (kind) => problemForms[kind].status)
  return Object.fromEntries(
    [...byStatus].map(([status, kinds]) => {
      const made = problemAnswer(kinds, operation.rawBody?.refusesInWords === true)
      const answer = sharedAnswers.get(made.id) ?? made
      sharedAnswers.set(made.id, answer)
      return [status, answer]
    }),
  )
}

const answers = (operation: Operation, forms: AnswerForms) =>
  Object.fromEntries(
    Object.entries(forms[operation.id] ?? {}).map(
      ([status, { description, schema, contentType = 'application/json', orText, headers = {} }]) => [
        status,
        {
          description,
          headers: Object.fromEntries(
            Object.entries(headers).map(([name, said]) => [name, { description: said, ...text }]),
          ),
          ...(schema === undefined
            ? {}
            : { content: { [contentType]: { schema }, ...(orText === undefined ? {} : { [orText]: text }) } }),
        },
      ],
    ),
  )

/** This description, and GETs of signed-in people that answer with JSON and nothing more; see `lambdas/_runtime/answer.ts`. */
const isTagged = ({ id, method, audience }: Operation, forms: AnswerForms): boolean => {
  const form = forms[id]?.[200]
  const isPlain = form?.schema !== undefined && form.contentType === undefined && form.headers === undefined
  return method === 'GET' && (audience !== 'public' || id === 'describeApi') && isPlain
}

const notModified = (operation: Operation, forms: AnswerForms) =>
  isTagged(operation, forms)
    ? {
        304: {
          description: '`If-None-Match` has the `ETag` of the present answer.',
          headers: { ETag: { description: 'A weak tag.', ...text } },
        },
      }
    : {}

const securityOf = ({ audience }: Operation) => {
  switch (audience) {
    case 'public':
      return []
    case 'owner':
      return [{ bearer: [] }, { cookie: [] }]
    case 'operator':
      return [{ operator: [] }, { operatorCookie: [] }]
  }
}

const describeMore = ({ roles, description }: Operation) => {
  const ofRoles = roles && `For operators of the roles: ${roles.join(', ')}.`
  const sentences = [ofRoles, description].filter((sentence) => sentence !== undefined)
  return sentences.length === 0 ? {} : { description: sentences.join(' ') }
}

const tags: Readonly<Record<Operation['audience'], string>> = {
  public: 'Needs no session, such as the sign-up.',
  owner: 'For owners and members of a team, and their tokens.',
  operator: "For the company's staff.",
}

const describe = (operation: Operation, forms: AnswerForms) => ({
  operationId: operation.id,
  tags: [operation.audience],
  summary: operation.summary,
  ...describeMore(operation),
  requestParams: requestParams(operation),
  ...(operation.rawBody === undefined
    ? {}
    : { requestBody: { required: true, description: operation.rawBody.description, content: { '*/*': {} } } }),
  ...(hasBody(operation)
    ? { requestBody: { required: true, content: { 'application/json': { schema: operation.body } } } }
    : {}),
  responses: { ...answers(operation, forms), ...notModified(operation, forms), ...problemAnswers(operation) },
  security: securityOf(operation),
})

const requestParams = ({ params, query, headers }: Operation) => {
  const given = (name: string, schema: z.ZodObject) => (schema === nothing ? {} : { [name]: schema })
  return { ...given('path', params), ...given('query', query), ...given('header', headers) }
}

const paths = (forms: AnswerForms) => {
  const byPath = Map.groupBy(operations, ({ path }) => path)
  return Object.fromEntries(
    [...byPath].map(([path, list]) => [
      path,
      Object.fromEntries(list.map((operation) => [operation.method.toLowerCase(), describe(operation, forms)])),
    ]),
  )
}

/** `/v1` grows: clients must accept unknown fields in answers, while the API refuses them in requests. */
const leaveAnswersOpen: ZodOpenApiOverride = ({ jsonSchema, io }) => {
  if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
}

const override: ZodOpenApiOverride = (context) => {
  leaveAnswersOpen(context)
  writePortablePattern(context.jsonSchema)
}

/** The OpenAPI 3.1 description of the whole API, made from the schemas that check the requests. */
export const openApiDocument = async (consoleUrl: string) =>
  createDocument(
    {
      openapi: '3.1.0',
      info: {
        title: 'Sitewright',
        version: '1',
        description: 'Sign-up, sites, subscriptions and domains. Errors are problems (RFC 9457).',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: consoleUrl }],
      tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
      paths: paths(await answerForms()),
      webhooks: webhookDescriptions(),
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer' },
          cookie: { type: 'apiKey', in: 'cookie', name: 'sitewright_session' },
          operatorCookie: { type: 'apiKey', in: 'cookie', name: 'sitewright_operator' },
          operator: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description: "An operator's access token from the identity provider (docs/operators.md).",
          },
        },
      },
    },
    { override },
  )
