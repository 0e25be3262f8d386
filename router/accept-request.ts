import type { IncomingMessage } from 'node:http'

/** A request that may be passed on. */
export interface AcceptedRequest {
  readonly accepted: true
  readonly method: string
  /** In origin form: it starts with a slash. */
  readonly path: string
  /** The Host field as the visitor sent it. */
  readonly host: string
  readonly hasBody: boolean
  /** The size of its request line and fields. */
  readonly fieldsBytes: number
  /** How long the body is, where the visitor said so. */
  readonly bodyBytes?: number
}

export interface RefusedRequest {
  readonly accepted: false
  readonly status: 400 | 405
  /** A sentence for the visitor. */
  readonly reason: string
}

const refuse = (reason: string, status: RefusedRequest['status'] = 400): RefusedRequest => ({
  accepted: false,
  status,
  reason,
})

/** For the Allow field of a refusal with 405 (RFC 9110 §15.5.6). */
export const allowedMethods = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'

/**
 * Reads what two servers in a row must not understand differently: the host of a request and where the request ends. Catches
 * the malformed requests that Node's parser lets through.
 */
export const acceptRequest = (
  request: Pick<IncomingMessage, 'rawHeaders' | 'headers' | 'method' | 'url' | 'httpVersion'>,
): AcceptedRequest | RefusedRequest => {
  const { headers, method = '', httpVersion } = request
  const host = requestHost(request)
  if (host === undefined) return refuse('The request needs exactly one valid Host field.')
  const path = originForm(request.url ?? '', host)
  if (path === undefined) return refuse('The request target must be a path, or a URL of the same host.')
  // It would send the visitor what the router adds.
  if (method === 'TRACE') return refuse('TRACE is not supported.', 405)
  const coding = headers['transfer-encoding']
  const length = headers['content-length']
  if (coding !== undefined && (length !== undefined || httpVersion !== '1.1' || coding.toLowerCase() !== 'chunked')) {
    return refuse('Transfer-Encoding must be chunked, in HTTP/1.1, without a Content-Length.')
  }
  const hasBody = coding !== undefined || (length !== undefined && !/^0+$/.test(length))
  const fieldsBytes = fieldsBytesOf(request)
  return {
    accepted: true,
    method,
    path,
    host,
    hasBody,
    fieldsBytes,
    ...(length === undefined ? {} : { bodyBytes: Number(length) }),
  }
}

/** As they arrived, but for blanks around values. */
export const fieldsBytesOf = (request: Pick<IncomingMessage, 'rawHeaders' | 'method' | 'url'>): number => {
  const { rawHeaders, method = '', url = '' } = request
  let bytes = `${method} ${url} HTTP/1.1\r\n\r\n`.length
  // Each is followed by a colon and a space, or by the end of its line.
  for (const text of rawHeaders) bytes += text.length + 2
  return bytes
}

/** RFC 9112 §3.2.2 puts the authority of an absolute target above Host; only where they agree is there no doubt. */
const originForm = (target: string, host: string): string | undefined => {
  if (target.startsWith('/')) return target
  const absolute = /^https?:\/\/([^/?#]*)(.*)$/i.exec(target)
  const [, authority, rest] = absolute ?? []
  if (authority === undefined || rest === undefined || authority.toLowerCase() !== host.toLowerCase()) return undefined
  return rest.startsWith('/') ? rest : `/${rest}`
}

/** A name of at most 253 bytes (RFC 1035 §2.3.4) and perhaps a dot, or an IP address; perhaps a port. Nothing that could need quoting anywhere. */
const validHost = /^([a-z0-9._-]{1,254}|\[[0-9a-f:.]{2,45}\])(:\d{1,5})?$/i

/** The value of the one Host field of a request; undefined where there is none, more than one, or a malformed one. */
const requestHost = ({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): string | undefined => {
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
