import { createHash } from 'node:crypto'
import * as z from 'zod'

/** As the HTML standard has it, with the 64 bytes of RFC 5321 (4.5.3.1.1). */
const localPart = /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}$/

const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
/** At least two labels: nobody mails to a top-level domain (RFC 7085). The last one has a letter, so it is no IP address. */
const mailDomain = new RegExp(`^(?:${label}\\.)+(?!\\d+$)${label}$`)

/** The domain in ASCII and lower case by the URL standard (UTS 46), as browsers send it; empty for what is no domain. */
const asciiDomain = (domain: string): string => {
  // These would end the host of a URL, or be decoded in it.
  if (/[\s\p{Cc}/?#@:%[\]\\]/u.test(domain)) return ''
  return URL.parse(`http://${domain}`)?.hostname ?? ''
}

/**
 * Returns an e-mail address by the HTML standard's rule, trimmed and with its domain in ASCII and lower case, so that each spelling
 * of a domain is stored as one; undefined for anything else. The local part is ASCII and keeps its case.
 * @see https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address
 */
export const normalEmail = (text: string): string | undefined => {
  const trimmed = text.trim()
  const at = trimmed.lastIndexOf('@')
  const local = trimmed.slice(0, Math.max(0, at))
  const domain = asciiDomain(trimmed.slice(at + 1))
  const address = `${local}@${domain}`
  return localPart.test(local) && mailDomain.test(domain) && address.length <= 254 ? address : undefined
}

/** The addresses that a text names, in their stored form. A quote before one may belong to it or to the text: both are returned. */
export const emailsIn = (text: string): readonly string[] =>
  (text.match(/[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\p{L}\p{N}.-]*[\p{L}\p{N}]/gu) ?? []).flatMap((found) =>
    [found, found.replace(/^['`*_/=]+/, '')].flatMap((address) => normalEmail(address) ?? []),
  )

const mustBeAddress = 'must be an e-mail address such as ada@example.com'

/** The one form of an e-mail address: in requests, settings, options and files. */
export const emailSchema = z
  .string(mustBeAddress)
  .max(320)
  .overwrite((text) => normalEmail(text) ?? text)
  .refine((text) => normalEmail(text) !== undefined, mustBeAddress)
  .meta({ format: 'email' })

/** The name, empty without one, and the address of a sender such as `Acme <no-reply@acme.example>`. */
export const senderIn = (from: string): { readonly name: string; readonly address: string } => {
  const [, name = '', address = from] = /^([^<>]*)<([^<>]*)>\s*$/.exec(from) ?? []
  return { name: name.trim().replace(/^"(.*)"$/, '$1'), address: normalEmail(address) ?? address }
}

/** The sender of mails: an address, or a name and an address in angle brackets. */
export const senderSchema = z
  .string()
  .max(400)
  .regex(/^\P{Cc}*$/u, 'must not contain control characters')
  .refine((from) => normalEmail(senderIn(from).address) !== undefined, {
    error: 'must be an e-mail address, alone or as in Acme <no-reply@acme.example>',
  })

/** Providers that deliver `name+anything@` to `name@`, by their documentation. */
const plusAliasDomains: ReadonlySet<string> = new Set([
  'fastmail.com',
  'gmail.com',
  'hotmail.com',
  'icloud.com',
  'live.com',
  'me.com',
  'outlook.com',
  'pm.me',
  'proton.me',
  'protonmail.com',
])

const dotAliasDomains: ReadonlySet<string> = new Set(['gmail.com'])

const sameMailbox: ReadonlyMap<string, string> = new Map([['googlemail.com', 'gmail.com']])

/**
 * The canonical form of an address: lower case, without plus and dot aliases where the provider ignores them. It
 * identifies a person; mail goes to the address as given.
 */
export const canonicalEmail = (email: string): string => {
  const lower = (normalEmail(email) ?? email.trim()).toLowerCase()
  const at = lower.lastIndexOf('@')
  const given = lower.slice(at + 1)
  const domain = sameMailbox.get(given) ?? given
  let local = lower.slice(0, at)
  if (plusAliasDomains.has(domain)) local = local.replace(/\+.*$/, '')
  if (dotAliasDomains.has(domain)) local = local.replaceAll('.', '')
  return `${local}@${domain}`
}

/** The address without `+anything`, where providers differ in what they do with it; undefined for an address without. */
export const plusMailbox = (email: string): string | undefined => {
  const canonical = canonicalEmail(email)
  const mailbox = canonical.replace(/\+[^@]*@/, '@')
  return mailbox === canonical ? undefined : mailbox
}

/** SHA-256 of the canonical address, hexadecimal. */
export const emailHash = (email: string): string => createHash('sha256').update(canonicalEmail(email)).digest('hex')

export const mailDomainOf = (email: string): string => {
  const canonical = canonicalEmail(email)
  return canonical.slice(canonical.lastIndexOf('@') + 1)
}

const withParents = (domain: string): readonly string[] =>
  domain.split('.').map((_, index, labels) => labels.slice(index).join('.'))

export const isMailAtOneOf = (domains: ReadonlySet<string>, email: string): boolean =>
  withParents(mailDomainOf(email)).some((domain) => domains.has(domain))
