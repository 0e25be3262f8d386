import type { Dns, DomainEdge, DomainTenants } from '../../core/ports/domains.ts'

/** Custom domains that lead to where the sites' own hostnames lead: the router serves whatever host it is asked for. */
export const createDirectEdge = (dns: Pick<Dns, 'addresses'>): DomainEdge => ({
  targetOf: (hostname) => hostname,
  isReachedBy: async (addresses, target) => {
    const ours = await dns.addresses(target)
    // Without addresses of our own the mistake is ours.
    if (ours === undefined || ours.length === 0) return undefined
    return addresses.every((address) => ours.includes(address))
  },
})

/** On one machine the router serves whatever host it is asked for. */
export const directTenants: DomainTenants = { serve: async () => true, withdraw: async () => undefined }
