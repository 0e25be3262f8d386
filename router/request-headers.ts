import type { IncomingMessage } from 'node:http'
import { entitlementHeader, ownHeaderPrefix, purposeHeader } from '../core/entitlement/entitlement.ts'
import { viewerHeader } from '../core/entitlement/viewer.ts'
import type { Purpose } from '../core/hostname/derived-name.ts'
import { networkOf } from '../lambdas/rate-limits/network.ts'
import { unknownClient } from './client-usage.ts'
import { hopByHopOf } from './response-headers.ts'

/** What the router knows of a request and tells the site. */
export interface Forwarding {
  /** The signed entitlement. */
  readonly entitlement: string
  /** The purpose of the hostname, if it is not a usual one. */
  readonly purpose?: Purpose | undefined
  /** The signed viewer. */
  readonly viewer?: string | undefined
  /** The visitor's address. */
  readonly peer: string
  readonly protocol: 'http' | 'https'
  /** The Host field as the visitor sent it. */
  readonly host: string
}

/**
 * The request fields for a site: the visitor's, in order and unchanged, without those of the connection, those that only the
 * router may set, those whose names are not plain, and cookies of Sitewright. Derived hostnames get no cookies at all.
 * @param raw names and values in turn, as they came.
 */
export const forwardedRequestHeaders = (raw: readonly string[], forwarding: Forwarding): string[] => {
  const { entitlement, purpose, viewer, peer, protocol, host } = forwarding
  const isHopByHop = hopByHopOf(raw)
  const kept: string[] = []
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? ''
    const value = raw[index + 1] ?? ''
    const lower = name.toLowerCase()
    // The expectation has been met here: Node answered it with 100 before the request was seen.
    if (lower === 'expect' || isHopByHop(lower) || isRefused(lower)) continue
    if (lower === 'cookie' && purpose !== undefined) continue
    const cleaned = lower === 'cookie' ? withoutOurCookies(value) : value
    if (cleaned !== undefined) kept.push(name, cleaned)
  }
  kept.push('X-Forwarded-For', peer, 'X-Real-IP', peer, 'X-Forwarded-Proto', protocol, 'X-Forwarded-Host', host)
  kept.push('Forwarded', `for=${forwardedNode(peer)};host="${host}";proto=${protocol}`)
  kept.push(entitlementHeader, entitlement)
  if (purpose !== undefined) kept.push(purposeHeader, purpose)
  if (viewer !== undefined) kept.push(viewerHeader, viewer)
  return kept
}

/**
 * Servers that hand fields over as environment variables (CGI, WSGI, PHP) cannot tell `x_sitewright_viewer` from
 * `x-sitewright-viewer`. The load balancer on AWS drops the others too (`dropInvalidHeaderFields`).
 */
const plainName = /^[a-z0-9-]+$/

const isRefused = (lower: string): boolean =>
  !plainName.test(lower) ||
  lower === 'forwarded' ||
  lower === 'x-real-ip' ||
  lower.startsWith('x-forwarded-') ||
  lower.startsWith(ownHeaderPrefix)

/** RFC 7239 §6: an IPv6 address stands in brackets and quotes. */
const forwardedNode = (peer: string): string => (peer.includes(':') ? `"[${peer}]"` : peer)

/** Sessions of owners and operators, the viewer of a site, and whatever is added to them. No site may see them. */
const isOurCookie = (name: string): boolean => /^(__host-)?sitewright_/.test(name)

/** A Cookie field without our cookies, or undefined where nothing else is in it. */
const withoutOurCookies = (field: string): string | undefined => {
  if (!field.toLowerCase().includes('sitewright_')) return field
  const kept = field.split(';').filter((pair) => !isOurCookie(cookieName(pair)))
  return kept.some((pair) => pair.trim() !== '') ? kept.join(';').trim() : undefined
}

const cookieName = (pair: string): string => (pair.split('=', 1)[0] ?? '').trim().toLowerCase()

/** Facts about visitors that are better than those of the connection. */
export interface KnownOfVisitors {
  /** How they come where something in front of the router ends TLS. */
  readonly visitorProtocol?: Forwarding['protocol'] | undefined
  /** The visitor's address behind proxies. The connection's address counts by default. */
  readonly visitorAddressOf?: ((request: IncomingMessage) => string) | undefined
  /** Whether an address is of a trusted proxy. It stands for many clients, so no limit per client counts it. */
  readonly isProxy?: ((address: string) => boolean) | undefined
}

/** The key for limits per client: an IPv4 address or IPv6 /64. `unknownClient` if only a proxy's address is known. */
export const clientOf = (request: IncomingMessage, { visitorAddressOf, isProxy }: KnownOfVisitors): string => {
  const address = visitorAddressOf === undefined ? request.socket.remoteAddress : visitorAddressOf(request)
  if (address === undefined || address === '' || isProxy?.(address) === true) return unknownClient
  return networkOf(address).name
}

/** The facts of a request, by its connection and these settings, whatever the request itself claims. */
export const forwardingOf = (
  request: IncomingMessage,
  known: Pick<Forwarding, 'host' | 'entitlement' | 'purpose' | 'viewer'>,
  { visitorProtocol, visitorAddressOf }: KnownOfVisitors,
): Forwarding => {
  const { socket } = request
  const address = visitorAddressOf?.(request) || socket.remoteAddress
  return {
    entitlement: known.entitlement,
    purpose: known.purpose,
    viewer: known.viewer,
    host: known.host,
    // An IPv4 visitor of a socket that listens on both looks like `::ffff:127.0.0.1`.
    peer: (address ?? 'unknown').replace(/^::ffff:(?=\d+\.)/, ''),
    protocol: protocolOf(request, visitorProtocol),
  }
}

/**
 * Whether a page of the same origin caused a request, and no other site: browsers say so.
 * @param from the page or its origin, by which older browsers and those without TLS tell it.
 */
export const isOfOwnPage = ({ headers }: IncomingMessage, from = ''): boolean => {
  const sentFrom = headers['sec-fetch-site']
  if (sentFrom !== undefined) return sentFrom === 'same-origin'
  return URL.canParse(from) && new URL(from).host === headers.host?.toLowerCase()
}

export const protocolOf = (
  { socket }: IncomingMessage,
  visitorProtocol: KnownOfVisitors['visitorProtocol'],
): Forwarding['protocol'] => visitorProtocol ?? ('encrypted' in socket ? 'https' : 'http')
