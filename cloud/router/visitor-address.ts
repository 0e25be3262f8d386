import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { originHeader } from '../../lambdas/_runtime/origin-header.ts'

type Request = Pick<IncomingMessage, 'headersDistinct'>

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest()

const valid = (address: string): string => (isIP(address) === 0 ? '' : address)

/**
 * Who the load balancer, which alone can reach a router, says that asks: it appends the address that it sees to
 * `X-Forwarded-For`. What stands before may be made up.
 */
const ofLoadBalancer = ({ headersDistinct }: Request): string =>
  valid(headersDistinct['x-forwarded-for']?.join(',').split(',').at(-1)?.trim() ?? '')

/** Who CloudFront says that asks: the address, a colon and the port. An IPv6 address has no brackets there. */
const ofCloudFront = ({ headersDistinct }: Request): string => {
  const value = headersDistinct['cloudfront-viewer-address']?.at(-1) ?? ''
  return valid(value.slice(0, Math.max(0, value.lastIndexOf(':'))))
}

/**
 * Tells the address of whoever made a request; empty where nobody says. Before custom domains stands CloudFront, whom the load
 * balancer sees, and which is believed where it shows the secret that it alone knows.
 */
export const createVisitorAddress = (originSecret: string): ((request: Request) => string) => {
  const expected = digestOf(originSecret)
  return (request) => {
    const shown = request.headersDistinct[originHeader]?.join(',')
    const isOurs = shown !== undefined && timingSafeEqual(digestOf(shown), expected)
    return isOurs ? ofCloudFront(request) : ofLoadBalancer(request)
  }
}
