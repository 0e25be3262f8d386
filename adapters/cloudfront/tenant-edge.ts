import { createHash } from 'node:crypto'
import { BlockList, isIP } from 'node:net'
import * as z from 'zod'
import type { Log } from '../../core/ports/context.ts'
import type { DomainTenants } from '../../lambdas/domains/custom-domain.ts'
import type { DistributionTenants, Tenant } from './distribution-tenants.ts'

interface TenantEdgeOptions {
  readonly tenants: DistributionTenants
  readonly distributionId: string
  readonly connectionGroupId: string
  /** The beginning of tenants' names. */
  readonly installation: string
  readonly tags: Readonly<Record<string, string>>
  readonly log: Log
}

/** CloudFront takes letters, digits and hyphens, and fewer of them than a hostname has. */
const nameOf = (installation: string, hostname: string): string =>
  `${installation}-${createHash('sha256').update(hostname).digest('hex').slice(0, 32)}`

/** The statuses after which another request may succeed. */
const failed: ReadonlySet<string> = new Set(['failed', 'validation-timed-out', 'expired', 'revoked', 'inactive'])

const bringOn = async ({ tenants, log }: TenantEdgeOptions, tenant: Tenant, hostname: string): Promise<void> => {
  const certificate = await tenants.certificateOf(tenant)
  if (certificate === undefined || failed.has(certificate.status)) {
    if (certificate !== undefined) {
      log.warn(
        { event: 'domain-certificate-failed', hostname, status: certificate.status },
        'a certificate for a domain failed; another is requested',
      )
    }
    await tenants.requestCertificate(tenant, hostname)
    return
  }
  if (certificate.status === 'issued' && certificate.arn !== tenant.certificateArn) {
    await tenants.useCertificate(tenant, certificate)
  }
}

const make = async (options: TenantEdgeOptions, name: string, hostname: string): Promise<void> => {
  const { tenants, distributionId, connectionGroupId, tags, log } = options
  const made = await tenants.create({ name, domain: hostname, distributionId, connectionGroupId, tags })
  if (made === 'elsewhere')
    log.warn(
      { event: 'domain-elsewhere', hostname, tenant: name },
      'a domain is served by a CloudFront distribution that is not ours',
    )
}

/**
 * Keeps a distribution tenant for each hostname: a domain that passes from one site to another keeps its tenant and
 * certificate.
 */
export const createTenantEdge = (options: TenantEdgeOptions): DomainTenants => {
  const { tenants, installation } = options
  return {
    serve: async (hostname) => {
      const name = nameOf(installation, hostname)
      const tenant = await tenants.find(name)
      if (tenant === undefined) await make(options, name, hostname)
      // A withdrawal was cut off, and the domain was added again.
      else if (!tenant.isEnabled) await tenants.enable(tenant)
      else if (tenant.isActive) return true
      else await bringOn(options, tenant, hostname)
      return false
    },
    withdraw: async (hostname) => {
      const tenant = await tenants.find(nameOf(installation, hostname))
      if (tenant === undefined) return
      await tenants.remove(tenant.isEnabled ? await tenants.disable(tenant) : tenant)
    },
    list: () => tenants.domainsOf(options.distributionId),
  }
}

const prefixSchema = z.object({ service: z.string() })
const rangesSchema = z.object({
  prefixes: z.array(prefixSchema.extend({ ip_prefix: z.string() })),
  ipv6_prefixes: z.array(prefixSchema.extend({ ipv6_prefix: z.string() })),
})

const addRange = (list: BlockList, range: string): void => {
  const [address = '', bits = ''] = range.split('/')
  list.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

const dayMilliseconds = 86_400_000

/**
 * Knows the addresses of CloudFront by the list that AWS publishes, read once a day. Resolvers give different ones for a name,
 * so they cannot be compared one by one. @see https://docs.aws.amazon.com/vpc/latest/userguide/aws-ip-ranges.html
 * @param options.now milliseconds of a clock that never goes back.
 */
export const createEdgeAddresses = ({
  now,
  log,
  source = 'https://ip-ranges.amazonaws.com/ip-ranges.json',
}: {
  readonly now: () => number
  readonly log: Pick<Log, 'warn'>
  readonly source?: string
}) => {
  let known: { readonly list: Promise<BlockList>; readonly at: number } | undefined

  const read = async (): Promise<BlockList> => {
    const response = await fetch(source, { signal: AbortSignal.timeout(5000) })
    const { prefixes, ipv6_prefixes } = rangesSchema.parse(await response.json())
    const list = new BlockList()
    for (const { service, ip_prefix } of prefixes) if (service === 'CLOUDFRONT') addRange(list, ip_prefix)
    for (const { service, ipv6_prefix } of ipv6_prefixes) if (service === 'CLOUDFRONT') addRange(list, ipv6_prefix)
    return list
  }

  /** All of them; undefined where the list cannot be had. */
  return async (addresses: readonly string[]): Promise<boolean | undefined> => {
    if (known === undefined || now() - known.at > dayMilliseconds) known = { list: read(), at: now() }
    try {
      const list = await known.list
      return addresses.every((address) => list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4'))
    } catch (error) {
      log.warn({ err: error, source }, 'the list of CloudFront addresses could not be read')
      known = undefined
      return undefined
    }
  }
}
