import type { APIGatewayProxyEventV2 } from 'aws-lambda'

/** A GET as API Gateway passes it to a function. */
export const eventOf = (
  path: string,
  template: string,
  parameters: Readonly<Record<string, string>>,
): APIGatewayProxyEventV2 => {
  const { pathname, search, searchParams } = new URL(path, 'http://localhost')
  return {
    version: '2.0',
    routeKey: `GET ${template}`,
    rawPath: pathname,
    rawQueryString: search.slice(1),
    headers: { authorization: 'Bearer a.b.c' },
    queryStringParameters: Object.fromEntries(searchParams),
    pathParameters: parameters,
    requestContext: {
      accountId: '000000000000',
      apiId: 'bench',
      domainName: 'localhost',
      domainPrefix: 'localhost',
      http: { method: 'GET', path: pathname, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'bench' },
      requestId: 'bench',
      routeKey: `GET ${template}`,
      stage: '$default',
      time: '01/Jan/2026:00:00:00 +0000',
      timeEpoch: 0,
    },
    isBase64Encoded: false,
  }
}
