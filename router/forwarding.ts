import type { IncomingMessage } from 'node:http'
import type { Forwarding } from './request-headers.ts'

/** What is known of visitors better than connections show it. */
export interface KnownOfVisitors {
  /** How they come where something in front of the router ends TLS. */
  readonly visitorProtocol?: Forwarding['protocol'] | undefined
  /** The address of whoever made a request, where proxies stand before the router; else that of the connection. */
  readonly visitorAddressOf?: ((request: IncomingMessage) => string) | undefined
}

/** What is true of a request by what its connection shows or is known besides, whatever the request says of itself. */
export const forwardingOf = (
  request: IncomingMessage,
  { host, entitlement }: Pick<Forwarding, 'host' | 'entitlement'>,
  { visitorProtocol, visitorAddressOf }: KnownOfVisitors,
): Forwarding => {
  const { socket } = request
  const address = visitorAddressOf?.(request) || socket.remoteAddress
  return {
    entitlement,
    host,
    // An IPv4 visitor of a socket that listens on both looks like `::ffff:127.0.0.1`.
    peer: (address ?? 'unknown').replace(/^::ffff:(?=\d+\.)/, ''),
    protocol: visitorProtocol ?? ('encrypted' in socket ? 'https' : 'http'),
  }
}
