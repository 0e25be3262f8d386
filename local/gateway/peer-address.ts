import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

export interface ConnectionEnd {
  readonly address: string
  readonly port: number
}

/** A TCP connection, as this side of it calls its ends. */
export interface Connection {
  readonly remote: ConnectionEnd
  readonly local: ConnectionEnd
}

/** The connection of a request that came through one of our routers is the router's. */
const behindRouters = new WeakMap<IncomingMessage, { readonly address: string; readonly rest: string }>()

/** The address of the connection on which the visitor, or a proxy before us, sent a request; empty if unknown. */
export const peerAddress = (request: IncomingMessage): string =>
  behindRouters.get(request)?.address ?? request.socket.remoteAddress ?? ''

/** What {@link peerAddress} does not say of a connection, as a router passes it on. */
export const restOfConnection = ({ remotePort, localAddress, localPort }: Socket): string =>
  `${remotePort} ${localPort} ${localAddress}`

/** The connection on which the visitor, or a proxy before us, sent a request; undefined if unknown. */
export const peerConnection = (request: IncomingMessage): Connection | undefined => {
  const [remotePort, localPort, localAddress] = (
    behindRouters.get(request)?.rest ?? restOfConnection(request.socket)
  ).split(' ')
  const remote = { address: peerAddress(request), port: Number(remotePort) }
  const local = { address: localAddress ?? '', port: Number(localPort) }
  const isKnown = [remote, local].every(({ address, port }) => address !== '' && Number.isInteger(port))
  return isKnown ? { remote, local } : undefined
}

/** Takes a request's peer from the fields that a router added, and removes them. Only for requests on the routers' socket. */
export const takePeer = (
  request: IncomingMessage,
  fields: { readonly address: string; readonly rest: string },
): void => {
  const take = (field: string): string => {
    const value = request.headersDistinct[field]?.[0] ?? ''
    delete request.headersDistinct[field]
    delete request.headers[field]
    return value
  }
  behindRouters.set(request, { address: take(fields.address), rest: take(fields.rest) })
}
