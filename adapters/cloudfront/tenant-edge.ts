import { createHash } from 'node:crypto'
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
