import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'

/**
 * The address of whoever made a request. The load balancer, which alone can reach a router, appends the address that it sees
 * to `X-Forwarded-For`; what stands before may be made up. Empty where there is none.
 */
export const visitorAddressOf = (request: Pick<IncomingMessage, 'headersDistinct'>): string => {
  const last = request.headersDistinct['x-forwarded-for']?.join(',').split(',').at(-1)?.trim() ?? ''
  return isIP(last) === 0 ? '' : last
}
