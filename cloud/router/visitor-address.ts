import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { edgeVisitor } from '../../lambdas/_runtime/edge-visitor.ts'
import { originHeader } from '../../lambdas/_runtime/own-headers.ts'

type Request = Pick<IncomingMessage, 'headersDistinct'>

/**
 * Who the load balancer, which alone can reach a router, says that asks: it appends the address that it sees to
 * `X-Forwarded-For`. What stands before may be made up.
 */
const ofLoadBalancer = ({ headersDistinct }: Request): string => {
  const address = headersDistinct['x-forwarded-for']?.join(',').split(',').at(-1)?.trim() ?? ''
  return isIP(address) === 0 ? '' : address
}

/**
 * Returns a visitor's address; empty if unknown. CloudFront stands before custom domains, so that the load balancer sees its
 * address; it is trusted if it shows a secret that it alone knows.
 * @param originSecrets what it may show now.
 */
export const createVisitorAddress =
  (originSecrets: () => readonly string[]): ((request: Request) => string) =>
  (request) => {
    const { headersDistinct } = request
    const shown = headersDistinct[originHeader]?.join(',')
    const viewer = headersDistinct['cloudfront-viewer-address']?.at(-1)
    const visitor = edgeVisitor({ shown, viewer }, originSecrets())
    return visitor === undefined ? ofLoadBalancer(request) : (visitor.address ?? '')
  }
