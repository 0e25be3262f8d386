import type { IncomingMessage } from 'node:http'

/** The connection of a request that came through one of our routers is the router's. */
const behindRouters = new WeakMap<IncomingMessage, string>()

/** The address of the connection on which the visitor, or a proxy before us, sent a request; empty if unknown. */
export const peerAddress = (request: IncomingMessage): string =>
  behindRouters.get(request) ?? request.socket.remoteAddress ?? ''

/** Takes a request's peer from the field that a router added, and removes the field. Only for requests on the routers' socket. */
export const takePeerAddress = (request: IncomingMessage, field: string): void => {
  behindRouters.set(request, request.headersDistinct[field]?.[0] ?? '')
  delete request.headersDistinct[field]
  delete request.headers[field]
}
