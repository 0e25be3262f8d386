import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { SitewrightError } from '../../core/errors.ts'
import { edgeVisitor } from './edge-visitor.ts'
import { originHeader } from './own-headers.ts'

/** The secrets that show that a request came through CloudFront; read for each request, so that they can be rotated. */
export type OriginSecrets = () => Promise<readonly string[]>

/**
 * The middleware of an API behind CloudFront. It refuses requests that did not come through CloudFront, and sets `sourceIp` to the
 * visitor's address, because API Gateway sees CloudFront's. Without secrets there is no CloudFront in front, and its headers are
 * not trusted. A refusal does not say what is missing.
 */
export const behindEdge = (originSecrets: OriginSecrets | undefined) => ({
  before: async ({ event: { headers, requestContext } }: { readonly event: APIGatewayProxyEventV2 }): Promise<void> => {
    if (originSecrets === undefined) return
    const given = { shown: headers[originHeader], viewer: headers['cloudfront-viewer-address'] }
    const visitor = edgeVisitor(given, await originSecrets())
    if (visitor?.address === undefined)
      throw new SitewrightError('Forbidden', 'This address does not accept requests. Use the console or its API.')
    requestContext.http.sourceIp = visitor.address
  },
})
