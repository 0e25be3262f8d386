import { system } from '../events/system.ts'
import type { SiteId } from '../ids.ts'
import type { DomainPorts } from './domain-ports.ts'
import { lookAtDomain } from './look-at-domain.ts'

/** Brings the domains of a site into line with its plan, and with whether it is still there. */
export const followSite = async (ports: DomainPorts, siteId: SiteId, causationId: string): Promise<void> => {
  for (const domain of await ports.domains.listBySite(siteId)) {
    await lookAtDomain(ports, domain, { actor: system, causationId })
  }
}
