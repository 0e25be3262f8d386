import { canonicalEmail } from '../signup/email.ts'

/** Labels under a country code below which domains are registered, such as `co` in `co.uk`. */
const registryLabels: ReadonlySet<string> = new Set([
  'ac',
  'co',
  'com',
  'edu',
  'go',
  'gob',
  'gov',
  'ltd',
  'mil',
  'ne',
  'net',
  'nom',
  'or',
  'org',
  'plc',
  'sch',
])

export const mailDomainOf = (email: string): string => {
  const canonical = canonicalEmail(email)
  return canonical.slice(canonical.lastIndexOf('@') + 1)
}

/** The part of a domain that somebody registered, so that made-up subdomains do not count apart. */
export const registrableDomain = (domain: string): string => {
  const labels = domain.split('.')
  const [second = '', top = ''] = labels.slice(-2)
  return labels.slice(top.length === 2 && registryLabels.has(second) ? -3 : -2).join('.')
}

const withParents = (domain: string): readonly string[] =>
  domain.split('.').map((_, index, labels) => labels.slice(index).join('.'))

/** Whether an address is at one of these domains, or below. */
export const isMailAtOneOf = (domains: ReadonlySet<string>, email: string): boolean =>
  withParents(mailDomainOf(email)).some((domain) => domains.has(domain))
