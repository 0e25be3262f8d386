import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { describe, expect, it } from 'vitest'
import { createRandomness } from '../../../adapters/randomness.ts'
import { SitewrightError } from '../../../core/errors.ts'
import { type Operation, takesNothing } from '../../../lambdas/_runtime/operation.ts'
import { createApiGateway } from '../../../local/gateway/api-gateway.ts'
import type { LoadedFunction } from '../../../local/loaded-function.ts'
import { type Call, call } from '../../e2e/call.ts'
import { sampleFunction } from '../../support/sample-function.ts'
import { served } from '../served.ts'

const operation = (method: Operation['method'], path: string): Operation => ({
  ...takesNothing,
  id: `${method} ${path}`,
  method,
  path,
  audience: 'public',
  summary: '',
  errors: [],
})

const httpFunction = (operations: readonly Operation[], invoke: LoadedFunction['invoke']): LoadedFunction => ({
  name: 'things',
  definition: sampleFunction('things', [{ operations, answers: async () => ({}), run: async () => () => invoke }]),
  invoke,
})

const operations = [
  operation('GET', '/v1/things'),
  operation('POST', '/v1/things'),
  operation('GET', '/v1/things/export'),
  operation('GET', '/v1/things/{id}'),
  operation('POST', '/v1/things/{id}'),
]

/** Sends a request through a gateway whose one function answers as told, and gives the answer and the event. */
const through = async (request: Call, result: () => unknown = () => ({ statusCode: 204 })) => {
  const events: APIGatewayProxyEventV2[] = []
  const errors: object[] = []
  const gateway = createApiGateway(
    [
      httpFunction(operations, async (event) => {
        events.push(event as APIGatewayProxyEventV2)
        return result()
      }),
    ],
    {
      randomness: createRandomness(),
      log: { info: () => undefined, warn: () => undefined, error: (fields) => errors.push(fields) },
    },
  )
  await using server = await served((incoming, response) => {
    gateway(incoming, response, new URL(`http://localhost${incoming.url}`)).catch((error: unknown) => {
      response.destroy(error as Error)
    })
  })
  const answer = await call(server, request)
  return { answer, event: events[0], errors }
}

describe('the event of a request', () => {
  // The fields and the manner of https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
  it('is that of an HTTP API in payload format 2.0', async () => {
    const { event, answer } = await through({
      method: 'POST',
      path: '/v1/things/value1?parameter1=value1&parameter1=value2&parameter2=value',
      at: 'id.execute-api.us-east-1.amazonaws.com',
      headers: {
        header1: 'value1',
        header2: 'value1,value2',
        cookie: 'cookie1=1; cookie2=2',
        'user-agent': 'agent',
        'content-type': 'text/plain',
      },
      body: 'Hello from Lambda',
    })
    expect(event).toEqual({
      version: '2.0',
      routeKey: 'POST /v1/things/{id}',
      rawPath: '/v1/things/value1',
      rawQueryString: 'parameter1=value1&parameter1=value2&parameter2=value',
      cookies: ['cookie1=1', 'cookie2=2'],
      headers: expect.objectContaining({ header1: 'value1', header2: 'value1,value2' }),
      queryStringParameters: { parameter1: 'value1,value2', parameter2: 'value' },
      pathParameters: { id: 'value1' },
      requestContext: {
        accountId: expect.any(String),
        apiId: expect.any(String),
        domainName: expect.any(String),
        domainPrefix: expect.any(String),
        http: {
          method: 'POST',
          path: '/v1/things/value1',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: 'agent',
        },
        requestId: answer.headers['x-request-id'],
        routeKey: 'POST /v1/things/{id}',
        stage: '$default',
        time: expect.stringMatching(/^\d{2}\/[A-Z][a-z]{2}\/\d{4}:\d{2}:\d{2}:\d{2} \+0000$/),
        timeEpoch: expect.any(Number),
      },
      body: Buffer.from('Hello from Lambda').toString('base64'),
      isBase64Encoded: true,
    })
    expect(event?.headers).not.toHaveProperty('cookie')
  })

  it('leaves out what the request has none of', async () => {
    const { event } = await through({ path: '/v1/things' })
    expect(event).toMatchObject({ rawQueryString: '', isBase64Encoded: false })
    for (const absent of ['body', 'cookies', 'queryStringParameters', 'pathParameters']) {
      expect(event).not.toHaveProperty(absent)
    }
  })

  it('has each parameter of the path decoded', async () => {
    const { event } = await through({ method: 'POST', path: '/v1/things/sch%C3%B6n%2Fund' })
    expect(event?.pathParameters).toEqual({ id: 'schön/und' })
    expect(event?.rawPath).toBe('/v1/things/sch%C3%B6n%2Fund')
  })

  it('brings bytes that are no text as they are', async () => {
    const body = Buffer.from([0, 255, 254, 10])
    const { event } = await through({ method: 'POST', path: '/v1/things', body })
    expect(Buffer.from(event?.body ?? '', 'base64')).toEqual(body)
  })
})

describe('the answer of a function', () => {
  it('reaches the client with its headers and cookies', async () => {
    const { answer } = await through({ path: '/v1/things' }, () => ({
      statusCode: 201,
      headers: { 'content-type': 'text/plain', 'x-count': 7 },
      cookies: ['a=1; Path=/', 'b=2'],
      body: 'schön',
    }))
    expect(answer).toMatchObject({ status: 201, text: 'schön' })
    expect(answer.headers).toMatchObject({
      'content-type': 'text/plain',
      'x-count': '7',
      'set-cookie': ['a=1; Path=/', 'b=2'],
      'content-length': '6',
    })
  })

  it('may be bytes in base64', async () => {
    const { answer } = await through({ path: '/v1/things' }, () => ({
      statusCode: 200,
      body: Buffer.from('bytes').toString('base64'),
      isBase64Encoded: true,
    }))
    expect(answer.text).toBe('bytes')
  })

  it('without content has no length', async () => {
    const { answer } = await through({ path: '/v1/things' })
    expect(answer.status).toBe(204)
    expect(answer.headers).not.toHaveProperty('content-length')
  })
})

describe('a request that reaches no function', () => {
  it.each([
    ['an unknown path', { path: '/v1/nothing' }, 404, undefined],
    ['a path with a slash too many', { path: '/v1/things/' }, 404, undefined],
    ['a method that the path does not have', { method: 'PUT', path: '/v1/things' }, 405, 'GET, POST'],
    ['a method that neither of two paths has', { method: 'PUT', path: '/v1/things/export' }, 405, 'GET, POST'],
    ['a percent sign that leads nowhere', { method: 'POST', path: '/v1/things/%' }, 400, undefined],
    [
      'a body that is too long',
      { method: 'POST', path: '/v1/things', body: ' '.repeat(256 * 1024 + 1) },
      413,
      undefined,
    ],
  ])('%s', async (_what, request, status, allow) => {
    const { answer, event } = await through(request)
    expect(answer.status).toBe(status)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(answer.headers.allow).toBe(allow)
    expect(event).toBeUndefined()
  })
})

describe('a function that fails', () => {
  it('is answered with a problem that tells nothing but where to look', async () => {
    const { answer, errors } = await through({ path: '/v1/things' }, () => {
      throw new Error('the password is hunter2')
    })
    expect(answer.status).toBe(500)
    expect(answer.json).toEqual({
      type: 'about:blank',
      title: 'Something went wrong',
      status: 500,
      requestId: answer.headers['x-request-id'],
    })
    expect(errors).toEqual([{ requestId: answer.headers['x-request-id'], err: expect.any(Error) }])
  })

  it('with an error of ours is answered with its problem', async () => {
    const { answer, errors } = await through({ path: '/v1/things' }, () => {
      throw new SitewrightError('Unavailable', 'Come again.')
    })
    expect(answer).toMatchObject({ status: 503, json: { detail: 'Come again.' } })
    expect(errors).toEqual([])
  })
})
