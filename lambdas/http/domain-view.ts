import type * as z from 'zod'
import type { CustomDomain } from '../../core/domains/custom-domain.ts'
import { goesAt, isHeld } from '../../core/domains/custom-domain.ts'
import { recordsOf } from '../../core/domains/domain-records.ts'
import type { DomainEdge, RegistrableDomains } from '../../core/ports/domains.ts'
import type { domainViewSchema } from './domain-view-schema.ts'

interface DomainViewPorts {
  readonly edge: Pick<DomainEdge, 'targetOf'>
  readonly registrableDomains: RegistrableDomains
}

/** A custom domain as its owner sees it, with what they have to set. */
export const domainView = async (
  { edge, registrableDomains }: DomainViewPorts,
  domain: CustomDomain,
  siteHostname: string,
): Promise<z.infer<typeof domainViewSchema>> => {
  const { hostname, state, addedAt, seen } = domain
  const records = recordsOf(domain, {
    target: edge.targetOf(siteHostname),
    registrable: await registrableDomains.of(hostname),
  })
  return {
    hostname,
    state,
    records: records.map((record) => ({ ...record, seen: seen?.[record.purpose] ?? null })),
    addedAt,
    checkedAt: seen?.at ?? null,
    verifiedAt: isHeld(domain) ? domain.verifiedAt : null,
    releaseAt: goesAt(domain) ?? null,
    releasedBecause: domain.state === 'releasing' ? domain.because : null,
  }
}
