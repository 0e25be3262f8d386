import { createHash } from 'node:crypto'
import type { AccountId } from '../ids.ts'

interface DomainRecord {
  /** `ALIAS` at the apex of a zone, where a CNAME is not possible. Providers also call it ANAME or CNAME flattening. */
  readonly type: 'TXT' | 'CNAME' | 'ALIAS'
  readonly name: string
  readonly value: string
  /** `edge`: for CloudFront; Sitewright does not check it. */
  readonly purpose: 'ownership' | 'traffic' | 'edge'
}

export interface DomainClaim {
  readonly accountId: AccountId
  readonly hostname: string
}

export const ownershipName = (hostname: string): string => `_sitewright.${hostname}`

/** Proves that an account controls a hostname's zone. It is public, and different for each account and hostname. */
export const ownershipValue = ({ accountId, hostname }: DomainClaim): string =>
  `sitewright=${createHash('sha256').update(`domain ${hostname} of ${accountId}`).digest('hex').slice(0, 40)}`

/**
 * The records of a custom domain; all must stay.
 * @param domain.target the name that traffic goes to.
 * @param domain.registrable the registered domain, whose apex cannot have a CNAME.
 * @param domain.challenge what the edge asks for at the apex.
 */
export const recordsOf = (
  claim: DomainClaim,
  {
    target,
    registrable,
    challenge,
  }: { readonly target: string; readonly registrable: string | undefined; readonly challenge?: string | undefined },
): readonly DomainRecord[] => {
  const isApex = claim.hostname === registrable
  const edge: DomainRecord[] =
    isApex && challenge !== undefined
      ? [{ type: 'TXT', name: `_cf-challenge.${claim.hostname}`, value: challenge, purpose: 'edge' }]
      : []
  return [
    { type: 'TXT', name: ownershipName(claim.hostname), value: ownershipValue(claim), purpose: 'ownership' },
    {
      type: isApex ? 'ALIAS' : 'CNAME',
      name: claim.hostname,
      value: target,
      purpose: 'traffic',
    },
    ...edge,
  ]
}
