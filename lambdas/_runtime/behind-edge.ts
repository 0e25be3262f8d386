import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { SitewrightError } from '../../core/errors.ts'
import { edgeVisitor } from './edge-visitor.ts'
import { originHeader } from './origin-header.ts'

/** What shows that a request came by way of CloudFront; asked for with each request, so that it can be rolled. */
export type OriginSecrets = () => Promise<readonly string[]>

/**
 * The middleware of an API behind CloudFront: it refuses what did not come that way, and then lets `sourceIp` be the visitor's
 * address, since API Gateway sees that of CloudFront. Without secrets there is nothing in front, and nothing of the sort is
 * believed. A refusal does not say what is missing.
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
