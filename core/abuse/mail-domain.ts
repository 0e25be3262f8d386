import { canonicalEmail } from '../signup/email.ts'

export const mailDomainOf = (email: string): string => {
  const canonical = canonicalEmail(email)
  return canonical.slice(canonical.lastIndexOf('@') + 1)
}

const withParents = (domain: string): readonly string[] =>
  domain.split('.').map((_, index, labels) => labels.slice(index).join('.'))

/** Whether an address is at one of these domains, or below. */
export const isMailAtOneOf = (domains: ReadonlySet<string>, email: string): boolean =>
  withParents(mailDomainOf(email)).some((domain) => domains.has(domain))
