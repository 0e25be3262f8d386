import { Resolver } from 'node:dns/promises'
import * as z from 'zod'
import type { Dns, DnsAnswer, DomainEdge, DomainTenants, RegistrableDomains } from '../../lambdas/domains/ports.ts'

const errorSchema = z.object({ code: z.string() })

/** The name does not exist, or has no such record: the only answers that say that something is not there. */
const absent: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA'])

const attemptMilliseconds = 2000
const attempts = 2

/**
 * DNS by the system's resolvers. A server that fails, refuses or is slow makes an answer unknown.
 * @param options.servers others than the system's, as `address` or `address:port`.
 */
export const createResolverDns = (
  options: { readonly servers?: readonly string[]; readonly timeoutMilliseconds?: number } = {},
): Dns => {
  const { servers, timeoutMilliseconds = attemptMilliseconds } = options
  const resolver = new Resolver({ timeout: timeoutMilliseconds, tries: attempts })
  if (servers !== undefined) resolver.setServers(servers)

  const ask = async (question: () => Promise<readonly string[]>): Promise<DnsAnswer> => {
    try {
      return await question()
    } catch (error) {
      const { code } = errorSchema.safeParse(error).data ?? { code: '' }
      return absent.has(code) ? [] : undefined
    }
  }

  return {
    txt: (name) => ask(async () => (await resolver.resolveTxt(name)).map((parts) => parts.join(''))),
    cname: (name) =>
      ask(async () => (await resolver.resolveCname(name)).map((alias) => alias.toLowerCase().replace(/\.$/, ''))),
    addresses: async (name) => {
      const [four, six] = await Promise.all([ask(() => resolver.resolve4(name)), ask(() => resolver.resolve6(name))])
      return four === undefined || six === undefined ? undefined : [...four, ...six]
    },
  }
}

/** Custom domains that point where the sites' own hostnames point: the router serves every host. */
export const createDirectEdge = (dns: Pick<Dns, 'addresses'>): DomainEdge => ({
  targetOf: (hostname) => hostname,
  isReachedBy: async (addresses, target) => {
    const ours = await dns.addresses(target)
    // Without addresses of our own the mistake is ours.
    if (ours === undefined || ours.length === 0) return undefined
    return addresses.every((address) => ours.includes(address))
  },
})

/** On one machine the router serves every requested host. */
export const directTenants: DomainTenants = {
  serve: async () => 'served',
  withdraw: async () => undefined,
  list: async () => [],
}

/**
 * The Public Suffix List of the package `tldts` with its private part: strangers live below `github.io`. Loaded on first use.
 */
export const createRegistrableDomains = (): RegistrableDomains => ({
  of: async (hostname) => {
    const { getDomain } = await import('tldts')
    return getDomain(hostname, { allowPrivateDomains: true }) ?? undefined
  },
})
