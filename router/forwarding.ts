import type { IncomingMessage } from 'node:http'
import type { Forwarding } from './request-headers.ts'

/** What is true of a request by what its connection shows, whatever the request says of itself. */
export const forwardingOf = (request: IncomingMessage, host: string, entitlement: string): Forwarding => {
  const { socket } = request
  return {
    entitlement,
    host,
    // An IPv4 visitor of a socket that listens on both looks like `::ffff:127.0.0.1`.
    peer: (socket.remoteAddress ?? 'unknown').replace(/^::ffff:(?=\d+\.)/, ''),
    protocol: 'encrypted' in socket ? 'https' : 'http',
  }
}
