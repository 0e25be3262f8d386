import { STATUS_CODES } from 'node:http'
import { ownHeaderPrefix, trialHeader } from '../core/entitlement/entitlement.ts'
import type { Purpose } from '../core/hostname/derived-name.ts'
import type { Instant } from '../core/instant.ts'
import { isBeside } from '../core/site/environment.ts'
import type { Site } from '../core/site/site.ts'
import { productEventHeader } from '../lambdas/reports/usage/product-events.ts'

/**
 * The fields of one connection by RFC 9110 §7.6.1 and its predecessors, and trailers, which are not passed on. No standard has `Proxy`: programs behind
 * CGI take it for the variable HTTP_PROXY, and would send their own requests there (https://httpoxy.org).
 */
const alwaysHopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Fields that say where a message ends, whom it is for, and who sent it: naming them in Connection does not remove them. */
const neverHopByHop =
  /^(?:host|content-length|cookie|authorization|origin|forwarded|via|x-real-ip|x-forwarded-.*|sec-fetch-.*)$/

/**
 * Tells which fields of a message end at this connection, also those that its Connection fields name.
 * @param raw names and values in turn, as they came. @returns a test for a lower-case field name.
 */
export const hopByHopOf = (raw: readonly string[]): ((name: string) => boolean) => {
  const named = connectionOptions(raw)
  if (named.size === 0) return (name) => alwaysHopByHop.has(name)
  return (name) => alwaysHopByHop.has(name) || (named.has(name) && !neverHopByHop.test(name))
}

const noOptions: ReadonlySet<string> = new Set()

const isConnection = (name = ''): boolean => name.length === 'connection'.length && name.toLowerCase() === 'connection'

const connectionOptions = (raw: readonly string[]): ReadonlySet<string> => {
  let options: Set<string> | undefined
  for (let index = 0; index + 1 < raw.length; index += 2) {
    if (!isConnection(raw[index])) continue
    options ??= new Set()
    for (const option of (raw[index + 1] ?? '').split(',')) options.add(option.trim().toLowerCase())
  }
  // The two that nearly every message has name no field.
  options?.delete('keep-alive')
  options?.delete('close')
  return options ?? noOptions
}

/**
 * The response fields for a visitor: the site's, unchanged and in order but for Content-Length, without those of the connection, those that only the
 * router may set, product events, and what changes cookies of other hostnames. Derived hostnames set no cookies at all.
 * @param raw names and values in turn, as they came.
 * @param context.hostname the requested one, lower-case.
 * @param context.trialEndsAt of a trial: keeps search engines away, and tells a banner when it ends.
 * @param context.site of a rehearsal or an environment: keeps search engines away.
 * @param context.noteEvents gets the fields that name product events, if there are any.
 */
export const forwardedResponseHeaders = (
  raw: readonly string[],
  status: number,
  context: {
    readonly hostname: string
    readonly purpose?: Purpose | undefined
    readonly trialEndsAt?: Instant | undefined
    readonly site?: Pick<Site, 'rehearsalOf' | 'environmentOf'>
    readonly noteEvents?: ((fields: readonly string[]) => void) | undefined
  },
): string[] => {
  const { hostname, purpose, trialEndsAt, site, noteEvents } = context
  const isHopByHop = hopByHopOf(raw)
  const isDropped = (lower: string, value: string): boolean =>
    isHopByHop(lower) ||
    lower.startsWith(ownHeaderPrefix) ||
    (lower === 'set-cookie' && (purpose !== undefined || !staysOnHost(value, hostname))) ||
    // RFC 9110 §8.6: a 204 or 1xx has no length; a visitor that believed one would wait for a body.
    (lower === 'content-length' && (status === 204 || status < 200))
  const kept: string[] = []
  /** Node reads the bytes of a Content-Disposition behind it as UTF-8. */
  const last: string[] = []
  const events: string[] = []
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? ''
    const value = raw[index + 1] ?? ''
    const lower = name.toLowerCase()
    if (lower === productEventHeader) events.push(value)
    else if (!isDropped(lower, value)) (lower === 'content-length' ? last : kept).push(name, withinHost(lower, value))
  }
  if (events.length > 0) noteEvents?.(events)
  if (trialEndsAt !== undefined || (site !== undefined && isBeside(site))) kept.push('X-Robots-Tag', 'noindex')
  if (trialEndsAt !== undefined) kept.push(trialHeader, `ends=${trialEndsAt}`)
  kept.push(...last)
  return kept
}

/**
 * Whether a Set-Cookie field sets its cookie for this hostname only. A Domain of a parent would reach every other site. RFC
 * 6265 §5.2: attribute names fold case, a leading dot is ignored, an empty Domain is none.
 */
const staysOnHost = (field: string, hostname: string): boolean =>
  field
    .split(';')
    .slice(1)
    .every((attribute) => {
      const equals = attribute.indexOf('=')
      if (equals < 0 || attribute.slice(0, equals).trim().toLowerCase() !== 'domain') return true
      const domain = attribute
        .slice(equals + 1)
        .trim()
        .toLowerCase()
        .replace(/^\./, '')
      return domain === '' || domain === hostname
    })

/**
 * A field's value, where Clear-Site-Data clears no cookies: browsers clear those of the whole registrable domain, and so end the sessions on all
 * other sites. https://github.com/w3c/webappsec-clear-site-data/issues/55
 */
const withinHost = (lower: string, value: string): string => {
  if (lower !== 'clear-site-data') return value
  // Firefox compares without any white space.
  const types = value.replaceAll(/\s/g, '').split(',')
  return types
    .filter((type) => type !== '"cookies"')
    .map((type) => (type === '"*"' ? '"cache", "storage"' : type))
    .join(', ')
}

/** A site's reason phrase, or the standard one if it has characters that a field cannot have. */
export const reasonPhrase = (status: number, message: string | undefined): string =>
  message && /^[\t\x20-\x7e\x80-\xff]+$/.test(message) ? message : (STATUS_CODES[status] ?? '')

/** The first part of an answer as bytes, for a connection that has left Node's HTTP server. */
export const answerHead = (status: number, message: string | undefined, headers: readonly string[]): Buffer => {
  let head = `HTTP/1.1 ${status} ${reasonPhrase(status, message)}\r\n`
  for (let index = 0; index + 1 < headers.length; index += 2) head += `${headers[index]}: ${headers[index + 1]}\r\n`
  return Buffer.from(`${head}\r\n`, 'latin1')
}
