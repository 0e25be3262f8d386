import { createHash } from 'node:crypto'

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
  const lower = email.trim().toLowerCase()
  const at = lower.lastIndexOf('@')
  const given = lower.slice(at + 1)
  const domain = sameMailbox.get(given) ?? given
  let local = lower.slice(0, at)
  if (plusAliasDomains.has(domain)) local = local.replace(/\+.*$/, '')
  if (dotAliasDomains.has(domain)) local = local.replaceAll('.', '')
  return `${local}@${domain}`
}

/** SHA-256 of the canonical address, hexadecimal. */
export const emailHash = (email: string): string => createHash('sha256').update(canonicalEmail(email)).digest('hex')

export const mailDomainOf = (email: string): string => {
  const canonical = canonicalEmail(email)
  return canonical.slice(canonical.lastIndexOf('@') + 1)
}

const withParents = (domain: string): readonly string[] =>
  domain.split('.').map((_, index, labels) => labels.slice(index).join('.'))

/** Whether an address is at one of these domains or below. */
export const isMailAtOneOf = (domains: ReadonlySet<string>, email: string): boolean =>
  withParents(mailDomainOf(email)).some((domain) => domains.has(domain))
