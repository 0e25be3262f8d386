import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { peerAddress } from './peer-address.ts'

const headersOf = (request: IncomingMessage): Record<string, string> => {
  const headers: Record<string, string> = {}
  for (const [name, values] of Object.entries(request.headersDistinct)) {
    // API Gateway splits cookies and joins all other headers.
    if (name !== 'cookie' && values !== undefined) headers[name] = values.join(',')
  }
  return headers
}

const cookiesOf = (request: IncomingMessage): string[] =>
  (request.headers.cookie ?? '')
    .split(';')
    .map((cookie) => cookie.trim())
    .filter((cookie) => cookie !== '')

const queryOf = (search: URLSearchParams): Record<string, string> => {
  const query: Record<string, string> = {}
  for (const name of new Set(search.keys())) query[name] = search.getAll(name).join(',')
  return query
}

const isEmpty = (record: object): boolean => Object.keys(record).length === 0

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

/** As in a web server's log: `12/Mar/2020:19:03:58 +0000`. */
const logTime = (date: Date): string => {
  const [day, time] = date.toISOString().split('T')
  const [year, , dayOfMonth] = day?.split('-') ?? []
  return `${dayOfMonth}/${months[date.getUTCMonth()]}/${year}:${time?.slice(0, 8)} +0000`
}

/**
 * The event that an HTTP API makes of a request, in payload format 2.0. Empty parts are absent.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export const httpEvent = (
  request: IncomingMessage,
  found: {
    url: URL
    routeKey: string
    pathParameters: Record<string, string>
    body: Buffer
    requestId: string
    sourceIp: string
  },
): APIGatewayProxyEventV2 => {
  const { url, routeKey, pathParameters, body, requestId, sourceIp } = found
  const cookies = cookiesOf(request)
  const query = queryOf(url.searchParams)
  const now = new Date()
  return {
    version: '2.0',
    routeKey,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    ...(cookies.length > 0 ? { cookies } : {}),
    headers: headersOf(request),
    ...(isEmpty(query) ? {} : { queryStringParameters: query }),
    ...(isEmpty(pathParameters) ? {} : { pathParameters }),
    requestContext: {
      accountId: 'local',
      apiId: 'local',
      domainName: url.hostname,
      domainPrefix: url.hostname.split('.')[0] ?? '',
      http: {
        method: request.method ?? '',
        path: url.pathname,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp,
        userAgent: request.headers['user-agent'] ?? '',
      },
      requestId,
      routeKey,
      stage: '$default',
      time: logTime(now),
      timeEpoch: now.getTime(),
    },
    ...(body.length > 0 ? { body: body.toString('base64') } : {}),
    isBase64Encoded: body.length > 0,
  }
}

export const isLoopback = (address: string): boolean => ['127.0.0.1', '::1', '::ffff:127.0.0.1'].includes(address)

/** Whether an address is of this machine or of one of the proxies: these are trusted to forward. */
export const isTrustedProxy = (address: string, proxies: readonly string[]): boolean =>
  isLoopback(address) || proxies.includes(address.replace(/^::ffff:(?=\d+\.)/, ''))

/**
 * Returns the address of a request's client. Only this machine and `proxies` are trusted to forward; they append the address
 * that they see to `X-Forwarded-For`, so earlier entries may be forged.
 */
export const sourceIpOf = (request: IncomingMessage, proxies: readonly string[] = []): string => {
  const peer = peerAddress(request)
  const forwarded = request.headers['x-forwarded-for']
  if (forwarded === undefined || !isTrustedProxy(peer, proxies)) return peer
  // Node joins several fields by commas. `headersDistinct` would copy all fields of each request to a site.
  const last = forwarded.toString().split(',').at(-1)?.trim() ?? ''
  return isIP(last) === 0 ? peer : last
}
