import { entitlementHeader, ownHeaderPrefix } from '../core/entitlement/entitlement.ts'
import { withoutConsoleCookies } from './console-cookies.ts'
import { hopByHopOf } from './hop-by-hop.ts'

/** What the router itself knows of a request and tells the site. */
export interface Forwarding {
  /** The signed entitlement. */
  readonly entitlement: string
  /** The visitor's address. */
  readonly peer: string
  readonly protocol: 'http' | 'https'
  /** The Host field as the visitor sent it. */
  readonly host: string
}

/**
 * The request fields that a site gets: the visitor's, in order and untouched, but for what belongs to the connection, what
 * only the router may say, and the console's cookies.
 * @param raw names and values in turn, as they came.
 */
export const forwardedRequestHeaders = (raw: readonly string[], forwarding: Forwarding): string[] => {
  const isHopByHop = hopByHopOf(raw)
  const kept: string[] = []
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? ''
    const value = raw[index + 1] ?? ''
    const lower = name.toLowerCase()
    // The expectation has been met here: Node answered it with 100 before the request was seen.
    if (lower === 'expect' || isHopByHop(lower) || isOurs(lower)) continue
    const cleaned = lower === 'cookie' ? withoutConsoleCookies(value) : value
    if (cleaned !== undefined) kept.push(name, cleaned)
  }
  const { entitlement, peer, protocol, host } = forwarding
  kept.push('X-Forwarded-For', peer, 'X-Real-IP', peer, 'X-Forwarded-Proto', protocol, 'X-Forwarded-Host', host)
  kept.push('Forwarded', `for=${forwardedNode(peer)};host="${host}";proto=${protocol}`)
  kept.push(entitlementHeader, entitlement)
  return kept
}

/**
 * Servers that hand fields over as environment variables (CGI, WSGI, PHP) cannot tell `x_sitewright_viewer` from
 * `x-sitewright-viewer`: any character other than a letter or digit counts as a hyphen here.
 */
const isOurs = (lower: string): boolean => {
  if (!lower.startsWith('x') && lower !== 'forwarded') return false
  const name = lower.replace(/[^a-z0-9]/g, '-')
  return (
    name === 'forwarded' || name === 'x-real-ip' || name.startsWith('x-forwarded-') || name.startsWith(ownHeaderPrefix)
  )
}

/** RFC 7239 §6: an IPv6 address stands in brackets and quotes. */
const forwardedNode = (peer: string): string => (peer.includes(':') ? `"[${peer}]"` : peer)
