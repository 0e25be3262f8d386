import { createHash } from 'node:crypto'
import type { AccountId } from '../ids.ts'

/** A record that an owner has to set. */
interface DomainRecord {
  /** `ALIAS` where a CNAME is not possible: at the apex of a zone. Providers also call it ANAME, or flatten a CNAME. */
  readonly type: 'TXT' | 'CNAME' | 'ALIAS'
  readonly name: string
  readonly value: string
  readonly purpose: 'ownership' | 'traffic'
}

export interface DomainClaim {
  readonly accountId: AccountId
  readonly hostname: string
}

export const ownershipName = (hostname: string): string => `_sitewright.${hostname}`

/**
 * What proves that an account may have a hostname. It is public as soon as it is set and needs no secret: only whoever controls
 * the zone can set it. Each account and hostname has its own, so that nobody's record serves somebody else.
 */
export const ownershipValue = ({ accountId, hostname }: DomainClaim): string =>
  `sitewright=${createHash('sha256').update(`domain ${hostname} of ${accountId}`).digest('hex').slice(0, 40)}`

/**
 * The two records of a custom domain. Both are to stay.
 * @param domain.target the name that traffic has to lead to.
 * @param domain.registrable the domain that somebody registered, at whose apex no CNAME is possible.
 */
export const recordsOf = (
  claim: DomainClaim,
  { target, registrable }: { readonly target: string; readonly registrable: string | undefined },
): readonly DomainRecord[] => [
  { type: 'TXT', name: ownershipName(claim.hostname), value: ownershipValue(claim), purpose: 'ownership' },
  {
    type: claim.hostname === registrable ? 'ALIAS' : 'CNAME',
    name: claim.hostname,
    value: target,
    purpose: 'traffic',
  },
]
