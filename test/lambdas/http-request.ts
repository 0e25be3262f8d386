import type { APIGatewayProxyEventV2 } from 'aws-lambda'

export interface HttpRequest {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly cookies?: readonly string[]
  readonly query?: Readonly<Record<string, string>>
  /** An object goes as JSON, a text as it is. */
  readonly body?: object | string
  readonly requestId?: string
  /** This machine unless told. */
  readonly sourceIp?: string
}

/** The event of a request as API Gateway makes it, without what no handler of ours reads. */
export const eventOf = (request: HttpRequest): APIGatewayProxyEventV2 => {
  const {
    method = 'GET',
    path,
    headers = {},
    cookies,
    query,
    body,
    requestId = 'req_test',
    sourceIp = '127.0.0.1',
  } = request
  const isJson = typeof body === 'object'
  return {
    version: '2.0',
    routeKey: `${method} ${path}`,
    rawPath: path,
    rawQueryString: '',
    headers: { ...(isJson ? { 'content-type': 'application/json' } : {}), ...headers },
    ...(cookies === undefined ? {} : { cookies: [...cookies] }),
    ...(query === undefined ? {} : { queryStringParameters: { ...query } }),
    requestContext: {
      accountId: 'test',
      apiId: 'test',
      domainName: 'localhost',
      domainPrefix: 'localhost',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp, userAgent: 'test' },
      requestId,
      routeKey: `${method} ${path}`,
      stage: '$default',
      time: '31/Jan/2026:09:30:00 +0000',
      timeEpoch: 0,
    },
    ...(body === undefined ? {} : { body: isJson ? JSON.stringify(body) : body }),
    isBase64Encoded: false,
  }
}
