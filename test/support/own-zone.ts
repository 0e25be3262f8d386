import { createDirectEdge, createRegistrableDomains, directTenants } from '../../adapters/dns/resolver-dns.ts'
import type {
  Dns,
  DnsAnswer,
  DomainEdge,
  DomainReach,
  DomainTenants,
  RegistrableDomains,
} from '../../lambdas/domains/ports.ts'

interface Records {
  readonly TXT?: readonly string[]
  readonly CNAME?: string
  readonly A?: readonly string[]
}

/** A DNS that a test sets, and can let fail. */
interface OwnZone {
  readonly dns: Dns
  readonly edge: DomainEdge
  /** What a domain says of itself that points elsewhere; `wrong` unless told. */
  readonly reach: DomainReach
  readonly tell: (hostname: string, seen: 'right' | 'wrong' | 'unknown') => void
  readonly tenants: DomainTenants
  readonly registrableDomains: RegistrableDomains
  readonly set: (name: string, records: Records) => void
  readonly remove: (name: string) => void
  /** From here on nobody can say anything of the name, until it is set again. */
  readonly fail: (name: string) => void
}

/** What functions need of a zone, where nobody sets anything in it. */
export const emptyZone = (): Pick<OwnZone, 'dns' | 'edge' | 'reach' | 'registrableDomains' | 'tenants'> => {
  const { dns, edge, reach, registrableDomains, tenants } = ownZone()
  return { dns, edge, reach, registrableDomains, tenants }
}

/** @param addressOfSites what all hostnames below `localhost` lead to. */
export const ownZone = (addressOfSites = '127.0.0.1'): OwnZone => {
  const names = new Map<string, Records | 'failing'>()
  const told = new Map<string, 'right' | 'wrong' | 'unknown'>()
  const ask = async (name: string, read: (records: Records) => readonly string[]): Promise<DnsAnswer> => {
    const found = names.get(name)
    if (found === 'failing') return undefined
    return found === undefined ? [] : read(found)
  }
  const dns: Dns = {
    txt: (name) => ask(name, ({ TXT = [] }) => TXT),
    cname: (name) => ask(name, ({ CNAME }) => (CNAME === undefined ? [] : [CNAME])),
    addresses: async (name) => (name.endsWith('.localhost') ? [addressOfSites] : ask(name, ({ A = [] }) => A)),
  }
  return {
    dns,
    edge: createDirectEdge(dns),
    reach: { ask: async (hostname) => told.get(hostname) ?? 'wrong' },
    tell: (hostname, seen) => void told.set(hostname, seen),
    tenants: directTenants,
    registrableDomains: createRegistrableDomains(),
    set: (name, records) => void names.set(name, records),
    remove: (name) => void names.delete(name),
    fail: (name) => void names.set(name, 'failing'),
  }
}
