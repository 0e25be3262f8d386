import { createHash, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { SitewrightError } from '../../core/errors.ts'
import { originHeader } from './origin-header.ts'

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Compares in constant time, whatever the lengths. */
const isSame = (given: string, expected: string): boolean => timingSafeEqual(digestOf(given), digestOf(expected))

/**
 * The address in `CloudFront-Viewer-Address`, which is the address, a colon and the port; an IPv6 address has no brackets
 * there, so the last colon counts. Undefined where there is no such address in it.
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/adding-cloudfront-headers.html
 */
const viewerAddress = (value = ''): string | undefined => {
  const address = value.slice(0, Math.max(0, value.lastIndexOf(':'))).replace(/^\[(.*)\]$/, '$1')
  return isIP(address) === 0 ? undefined : address
}

/**
 * The middleware of an API behind CloudFront: it refuses what did not come that way, and then lets `sourceIp` be the
 * visitor's address, since API Gateway sees that of CloudFront. Without a secret there is nothing in front, and nothing of
 * the sort is believed.
 * Whoever is refused is not told what is missing.
 */
export const behindEdge = (originSecret: string | undefined) => ({
  before: ({ event: { headers, requestContext } }: { readonly event: APIGatewayProxyEventV2 }): void => {
    if (originSecret === undefined) return
    const shown = headers[originHeader]
    const address = viewerAddress(headers['cloudfront-viewer-address'])
    if (shown === undefined || !isSame(shown, originSecret) || address === undefined) {
      throw new SitewrightError('Forbidden', 'This cannot be asked for here.')
    }
    requestContext.http.sourceIp = address
  },
})
