import { createEdgeAddresses } from '../../adapters/cloudfront/edge-addresses.ts'
import { createConsoleLog } from '../../adapters/console-log.ts'
import { createRegistrableDomains, createResolverDns } from '../../adapters/dns/resolver-dns.ts'
import { createDomainStore } from '../../adapters/dynamodb/domain-store.ts'
import type { DomainEdge } from '../../core/ports/domain-edge.ts'
import { customDomainsLabel } from '../names.ts'
import type { OpenTables } from './tables.ts'

/** `shop.custom.sites.example.com` of `shop.sites.example.com`: its certificate is that of the domain which leads there. */
const targetOf = (hostname: string): string => hostname.replace('.', `.${customDomainsLabel}.`)

/** What looking at custom domains needs. */
export const openDomains = (tables: OpenTables) => {
  const isOfEdge = createEdgeAddresses({ now: () => performance.now(), log: createConsoleLog('warn') })
  const edge: Pick<DomainEdge, 'targetOf' | 'isReachedBy'> = {
    targetOf,
    isReachedBy: (addresses) => isOfEdge(addresses),
  }
  return {
    dns: createResolverDns(),
    edge,
    registrableDomains: createRegistrableDomains(),
    domains: createDomainStore({ ...tables, outbox: false }),
  }
}
