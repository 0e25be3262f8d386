import type { IncomingMessage } from 'node:http'
import type { Forwarding } from './request-headers.ts'

/**
 * What is true of a request by what its connection shows, whatever the request says of itself.
 * @param known.visitorProtocol what is known better than the connection shows it: that TLS ends in front of the router.
 */
export const forwardingOf = (
  { socket }: IncomingMessage,
  known: {
    readonly host: string
    readonly entitlement: string
    readonly visitorProtocol: Forwarding['protocol'] | undefined
  },
): Forwarding => {
  const { host, entitlement, visitorProtocol } = known
  return {
    entitlement,
    host,
    // An IPv4 visitor of a socket that listens on both looks like `::ffff:127.0.0.1`.
    peer: (socket.remoteAddress ?? 'unknown').replace(/^::ffff:(?=\d+\.)/, ''),
    protocol: visitorProtocol ?? ('encrypted' in socket ? 'https' : 'http'),
  }
}
