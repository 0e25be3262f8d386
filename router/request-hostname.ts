import type { IncomingMessage } from 'node:http'

/** A name or IPv4 address, or an IPv6 address in brackets; perhaps a port. Nothing that could need quoting anywhere. */
const validHost = /^([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d{1,5})?$/i

/** The value of the one Host field of a request; undefined where there is none, more than one, or a malformed one. */
export const requestHost = ({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): string | undefined => {
  let host: string | undefined
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() !== 'host') continue
    // `headers.host` would be the first of several, and a site might believe another.
    if (host !== undefined) return undefined
    host = rawHeaders[index + 1]
  }
  return host !== undefined && validHost.test(host) ? host : undefined
}

/** The hostname that a request is for: lower-case, without port and trailing dot. Undefined as for `requestHost`. */
export const requestHostname = (request: Pick<IncomingMessage, 'rawHeaders'>): string | undefined =>
  requestHost(request)?.replace(/:\d+$/, '').replace(/\.$/, '').toLowerCase()
