import { isIP } from 'node:net'
import { isSameText } from '../../core/digest.ts'

/**
 * Reads the address in `CloudFront-Viewer-Address`: the address, a colon and the port. An IPv6 address has no brackets there, so
 * the last colon separates the port; brackets are accepted too. Undefined without an address.
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/adding-cloudfront-headers.html
 */
const viewerAddress = (value: string): string | undefined => {
  const address = value.slice(0, Math.max(0, value.lastIndexOf(':'))).replace(/^\[(.*)\]$/, '$1')
  return isIP(address) === 0 ? undefined : address
}

/**
 * Returns the visitor of a request that came through one of our CloudFront distributions. Undefined if it did not: without a
 * secret that only CloudFront knows, its headers about the visitor are not trusted.
 * @param headers the values of `originHeader` and of `cloudfront-viewer-address`.
 * @param originSecrets the accepted secrets: two while one is rotated.
 * @returns `address` undefined if CloudFront names no address.
 */
export const edgeVisitor = (
  { shown, viewer = '' }: { readonly shown: string | undefined; readonly viewer: string | undefined },
  originSecrets: readonly string[],
): { readonly address: string | undefined } | undefined => {
  if (shown === undefined || !originSecrets.some((secret) => isSameText(shown, secret))) return undefined
  return { address: viewerAddress(viewer) }
}
