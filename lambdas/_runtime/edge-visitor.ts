import { createHash, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Compares in constant time, whatever the lengths. */
const isSame = (given: string, expected: string): boolean => timingSafeEqual(digestOf(given), digestOf(expected))

/**
 * The address in `CloudFront-Viewer-Address`, which is the address, a colon and the port; an IPv6 address has no brackets
 * there, so the last colon counts. Brackets would be no reason not to understand it. Undefined where there is no such address
 * in it.
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/adding-cloudfront-headers.html
 */
const viewerAddress = (value: string): string | undefined => {
  const address = value.slice(0, Math.max(0, value.lastIndexOf(':'))).replace(/^\[(.*)\]$/, '$1')
  return isIP(address) === 0 ? undefined : address
}

/**
 * Who asks by way of one of our CloudFront distributions. Undefined where the request did not come by it: it does not show
 * what CloudFront alone knows, and nothing that it says of a visitor is to be believed.
 * @param headers what came in the header `originHeader`, and in `cloudfront-viewer-address`.
 * @param originSecrets what CloudFront may show: while the secret is rolled, two of them.
 * @returns `address` undefined where CloudFront names no address.
 */
export const edgeVisitor = (
  { shown, viewer = '' }: { readonly shown: string | undefined; readonly viewer: string | undefined },
  originSecrets: readonly string[],
): { readonly address: string | undefined } | undefined => {
  if (shown === undefined || !originSecrets.some((secret) => isSame(shown, secret))) return undefined
  return { address: viewerAddress(viewer) }
}
