import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { SitewrightError } from '../../../core/errors.ts'
import { publicEndpoint } from '../../../lambdas/_runtime/endpoint.ts'
import { httpHandler } from '../../../lambdas/_runtime/http-handler.ts'
import { takesNothing } from '../../../lambdas/_runtime/operation.ts'
import { lambdaContext } from '../../../local/loaded-function.ts'
import { eventOf, type HttpRequest } from '../http-request.ts'

const operation = {
  ...takesNothing,
  id: 'makeLeftover',
  method: 'POST',
  path: '/v1/things/{id}',
  audience: 'public',
  summary: '',
  params: z.object({ id: z.string().regex(/^[a-z]+$/, 'must be letters') }),
  query: z.object({ limit: z.coerce.number().max(9).optional() }),
  headers: z.object({ 'x-colour': z.string().optional() }),
  body: z.strictObject({ text: z.string() }),
  answers: {},
  errors: [],
} as const

type Level = 'info' | 'warn' | 'error'

/** Sends a request to a handler of one route that answers with its input, or fails as told. */
const send = async (
  request: Partial<HttpRequest>,
  { failure, originSecrets }: { failure?: unknown; originSecrets?: () => Promise<readonly string[]> } = {},
) => {
  const lines: { level: Level; fields: object }[] = []
  const line = (level: Level) => (fields: object) => {
    lines.push({ level, fields })
  }
  const handler = httpHandler(
    [
      publicEndpoint(operation, async (input, context) => {
        if (failure !== undefined) throw failure
        return { status: 201, body: { ...input, ...context }, headers: { location: '/v1/things/1' }, cookies: ['a=1'] }
      }),
    ],
    { log: { info: line('info'), warn: line('warn'), error: line('error') }, originSecrets },
  )
  const event = eventOf({ method: 'POST', path: '/v1/things/abc', requestId: 'req_7', ...request })
  const result = await handler(event, lambdaContext('test', 15))
  return { result, json: JSON.parse(result.body ?? '{}') as Record<string, unknown>, lines }
}

const good = { body: { text: 'hello' } }

describe('a handler of the API', () => {
  it.each([
    ['its own time ends', Object.assign(new Error('aborted'), { name: 'TimeoutError' }), 503],
    ['the database does not answer', Object.assign(new Error('ECONNREFUSED'), { $metadata: { attempts: 9 } }), 503],
    ['the database is at fault', Object.assign(new Error('disk'), { $metadata: {}, $fault: 'server' }), 503],
    [
      'the database has too much to do',
      Object.assign(new Error('slow down'), {
        name: 'ProvisionedThroughputExceededException',
        $metadata: {},
        $fault: 'client',
      }),
      503,
    ],
    [
      'the SDK says that there was too much to do',
      Object.assign(new Error('slow down'), { $metadata: {}, $fault: 'client', $retryable: { throttling: true } }),
      503,
    ],
    ['we asked the database for nonsense', Object.assign(new Error('what?'), { $metadata: {}, $fault: 'client' }), 500],
  ])('says after %s whether to retry', async (_, failure, status) => {
    const { result, lines } = await send(good, { failure })
    expect(result.statusCode).toBe(status)
    expect(result.headers?.['retry-after']).toBe(status === 503 ? '2' : undefined)
    expect(lines).toMatchObject([{ level: 'error' }])
  })

  it('passes parsed input and returns the answer', async () => {
    const { result, json, lines } = await send({
      ...good,
      headers: { 'x-colour': 'red', 'x-other': '1' },
      query: { limit: '7' },
    })
    expect(result).toMatchObject({
      statusCode: 201,
      cookies: ['a=1'],
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store', location: '/v1/things/1' },
    })
    expect(json).toEqual({
      params: { id: 'abc' },
      query: { limit: 7 },
      headers: { 'x-colour': 'red' },
      body: { text: 'hello' },
      requestId: 'req_7',
      sourceIp: '127.0.0.1',
      cookies: [],
    })
    expect(lines).toEqual([])
  })

  it.each(['application/json', 'application/json; charset=utf-8', 'application/vnd.api+json', 'Application/JSON'])(
    'takes a body of the type %s, in base64 too',
    async (type) => {
      const body = JSON.stringify({ text: 'schön' })
      expect((await send({ headers: { 'content-type': type }, body })).result.statusCode).toBe(201)
    },
  )

  it.each([
    ['a path that it does not have', { ...good, path: '/v1/nothing' }, 404, 'not-found'],
    ['a method that it does not have', { ...good, method: 'GET' }, 404, 'not-found'],
    ['a body of no type', { body: '{}' }, 415, 'unsupported-media-type'],
    ['a body of another type', { body: '{}', headers: { 'content-type': 'text/json' } }, 415, 'unsupported-media-type'],
    ['no body', { headers: { 'content-type': 'application/json' } }, 400, 'malformed-body'],
    ['a body that is not JSON', { body: '{', headers: { 'content-type': 'application/json' } }, 400, 'malformed-body'],
    [
      'a body with a prototype in it',
      { body: '{"text":"x","__proto__":{}}', headers: { 'content-type': 'application/json' } },
      400,
      'malformed-body',
    ],
    ['a body over 256 KiB', { body: { text: 'x'.repeat(256 * 1024) } }, 413, 'payload-too-large'],
    ['a body over 256 KiB that is not even JSON', { body: 'x'.repeat(256 * 1024 + 1) }, 413, 'payload-too-large'],
    ['a wrong parameter of the path', { ...good, path: '/v1/things/7' }, 400, 'invalid-request'],
    ['a wrong query', { ...good, query: { limit: '10' } }, 400, 'invalid-request'],
    ['a wrong body', { body: { text: 7 } }, 400, 'invalid-request'],
  ])('refuses %s', async (_what, request, status, type) => {
    const { result, json, lines } = await send(request)
    expect(json).toMatchObject({ status, type: `urn:sitewright:problem:${type}`, requestId: 'req_7' })
    expect(result.statusCode).toBe(status)
    expect(result.headers?.['content-type']).toBe('application/problem+json')
    expect(lines.map(({ level }) => level)).toEqual(['info'])
  })

  it('answers a domain error with its problem and logs its kind', async () => {
    const { json, lines } = await send(good, {
      failure: new SitewrightError('HostnameTaken', "The name 'ada' is taken."),
    })
    expect(json).toMatchObject({ status: 409, detail: "The name 'ada' is taken." })
    expect(lines).toEqual([
      {
        level: 'info',
        fields: { event: 'request-refused', requestId: 'req_7', route: 'POST /v1/things/abc', kind: 'HostnameTaken' },
      },
    ])
  })

  it('logs a server error in full', async () => {
    const error = new SitewrightError('Unavailable', 'Come again.', { cause: new Error('the engine is away') })
    const { json, lines } = await send(good, { failure: error })
    expect(json).toMatchObject({ status: 503, detail: 'Come again.' })
    expect(lines).toMatchObject([{ level: 'error', fields: { requestId: 'req_7', err: error } }])
  })

  it.each([
    new Error('hunter2'),
    Object.assign(new Error('hunter2'), { statusCode: 418 }),
    Object.assign(new Error('hunter2'), { statusCode: 200, expose: true }),
    'hunter2',
  ])('hides an unexpected error and logs it with the request: %s', async (error) => {
    const { result, json, lines } = await send(good, { failure: error })
    expect(result.statusCode).toBe(500)
    expect(json).toEqual({ type: 'about:blank', title: 'Something went wrong', status: 500, requestId: 'req_7' })
    expect(lines).toMatchObject([{ level: 'error', fields: { requestId: 'req_7', err: error } }])
  })
})

describe('a handler of an API behind CloudFront', () => {
  const originSecret = 'what only our distribution sends along'
  const originSecrets = async () => [originSecret]
  const viaCloudFront = (viewer: string) => ({
    ...good,
    sourceIp: '64.252.64.1',
    headers: { 'x-sitewright-origin': originSecret, 'cloudfront-viewer-address': viewer },
  })

  it.each([
    ['198.51.100.10:46532', '198.51.100.10'],
    ['2001:db8::1:443', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1:46532', '2001:db8:0:1:1:1:1:1'],
    ['[2001:db8::1]:46532', '2001:db8::1'],
  ])('takes a visitor’s address from %s', async (viewer, address) => {
    const { result, json } = await send(viaCloudFront(viewer), { originSecrets })
    expect(result.statusCode).toBe(201)
    expect(json['sourceIp']).toBe(address)
  })

  it.each([
    ['no secret', { 'cloudfront-viewer-address': '198.51.100.10:46532' }],
    ['another secret', { 'x-sitewright-origin': 'guessed', 'cloudfront-viewer-address': '198.51.100.10:46532' }],
    [
      'two secrets',
      { 'x-sitewright-origin': `guessed,${originSecret}`, 'cloudfront-viewer-address': '198.51.100.10:46532' },
    ],
    ['no address', { 'x-sitewright-origin': originSecret }],
    ['no address that is one', { 'x-sitewright-origin': originSecret, 'cloudfront-viewer-address': 'somebody:80' }],
    [
      'an address without a port',
      { 'x-sitewright-origin': originSecret, 'cloudfront-viewer-address': '198.51.100.10' },
    ],
  ])('refuses requests with %s without details', async (_, headers) => {
    const { result, json, lines } = await send({ ...good, headers }, { originSecrets })
    expect(result.statusCode).toBe(403)
    expect(json).toEqual({
      type: 'urn:sitewright:problem:forbidden',
      title: 'Not allowed',
      status: 403,
      detail: 'This address does not accept requests. Use the console or its API.',
      requestId: 'req_7',
    })
    expect(JSON.stringify(lines)).not.toContain(originSecret)
    expect(lines).toMatchObject([{ level: 'info', fields: { kind: 'Forbidden' } }])
  })

  it('accepts the previous secret during a rotation', async () => {
    let accepted = [originSecret]
    const asked = async (shown: string) => {
      const headers = { 'x-sitewright-origin': shown, 'cloudfront-viewer-address': '198.51.100.10:46532' }
      return (await send({ ...good, headers }, { originSecrets: async () => accepted })).result.statusCode
    }
    expect([await asked(originSecret), await asked('the next one')]).toEqual([201, 403])
    accepted = ['the next one', originSecret]
    expect([await asked(originSecret), await asked('the next one')]).toEqual([201, 201])
    accepted = ['the next one']
    expect([await asked(originSecret), await asked('the next one')]).toEqual([403, 201])
    accepted = []
    expect(await asked('the next one')).toBe(403)
  })

  it('is unavailable without the secret', async () => {
    const away = Object.assign(new Error('no answer'), { name: 'TimeoutError' })
    const { result } = await send(viaCloudFront('198.51.100.10:46532'), { originSecrets: () => Promise.reject(away) })
    expect(result.statusCode).toBe(503)
  })

  it('refuses before routing', async () => {
    expect((await send({ ...good, path: '/v1/nothing' }, { originSecrets })).result.statusCode).toBe(403)
  })

  it('ignores the header without a proxy', async () => {
    const { result, json } = await send(viaCloudFront('198.51.100.10:46532'))
    expect(result.statusCode).toBe(201)
    expect(json['sourceIp']).toBe('64.252.64.1')
  })
})
