import type { APIGatewayProxyEventV2 } from 'aws-lambda'

/** `POST /v1/sites` as API Gateway hands it over. */
export const siteRequest = (token: string, slug: string): APIGatewayProxyEventV2 => ({
  version: '2.0',
  routeKey: 'POST /v1/sites',
  rawPath: '/v1/sites',
  rawQueryString: '',
  headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': slug },
  requestContext: {
    accountId: '000000000000',
    apiId: 'bench',
    domainName: 'localhost',
    domainPrefix: 'localhost',
    http: { method: 'POST', path: '/v1/sites', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'bench' },
    requestId: slug,
    routeKey: 'POST /v1/sites',
    stage: '$default',
    time: '01/Jan/2026:00:00:00 +0000',
    timeEpoch: 0,
  },
  body: JSON.stringify({ slug }),
  isBase64Encoded: false,
})
