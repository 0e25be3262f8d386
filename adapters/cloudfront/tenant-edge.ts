import { createHash } from 'node:crypto'
import { BlockList, isIP } from 'node:net'
import {
  type CloudFrontClient,
  CloudFrontServiceException,
  CNAMEAlreadyExists,
  CreateDistributionTenantCommand,
  DeleteDistributionTenantCommand,
  EntityAlreadyExists,
  EntityNotFound,
  GetDistributionTenantCommand,
  type GetDistributionTenantResult,
  GetManagedCertificateDetailsCommand,
  InvalidArgument,
  type ManagedCertificateRequest,
  paginateListDistributionTenants,
  ResourceNotDisabled,
  UpdateDistributionTenantCommand,
  type UpdateDistributionTenantRequest,
} from '@aws-sdk/client-cloudfront'
import * as z from 'zod'
import { SitewrightError } from '../../core/errors.ts'
import type { Log } from '../../core/ports/context.ts'
import type { DomainTenants } from '../../lambdas/domains/ports.ts'
import { everyItem } from '../cells/aws-calls.ts'

/** The part of CloudFront that serves one custom domain. */
interface Tenant {
  readonly id: string
  /** The version of it that was read; what changes it has to name it. */
  readonly etag: string
  readonly isEnabled: boolean
  /** Whether CloudFront serves the domain, with a certificate for it. */
  readonly isActive: boolean
  readonly certificateArn: string | undefined
}

interface Certificate {
  readonly arn: string
  /** `pending-validation`, `issued`, `failed` and others. */
  readonly status: string
}

const asTenant = ({ DistributionTenant: shown, ETag: etag }: GetDistributionTenantResult): Tenant => {
  if (shown?.Id === undefined || etag === undefined) {
    throw new SitewrightError('Unavailable', 'CloudFront shows a tenant without its id or its version.')
  }
  return {
    id: shown.Id,
    etag,
    isEnabled: shown.Enabled === true,
    isActive: shown.Domains?.[0]?.Status === 'active',
    certificateArn: shown.Customizations?.Certificate?.Arn,
  }
}

const failureOf = (doing: string, cause: unknown): SitewrightError => {
  if (!(cause instanceof CloudFrontServiceException)) {
    return new SitewrightError('Unavailable', `CloudFront gave no answer when it was to ${doing}.`, { cause })
  }
  const { name, message, $metadata } = cause
  const answer = `${$metadata.httpStatusCode} ${name}`
  return new SitewrightError('Unavailable', `CloudFront could not ${doing} (${answer}): ${message}`, { cause })
}

const done = <Answer>(doing: string, asked: Promise<Answer>): Promise<Answer> =>
  asked.catch((error: unknown) => {
    throw failureOf(doing, error)
  })

/** Undefined where CloudFront does not have it. */
const ifThere = <Answer>(asked: Promise<Answer>): Promise<Answer | undefined> =>
  asked.catch((error: unknown) => {
    if (error instanceof EntityNotFound) return undefined
    throw error
  })

const managed = (domain: string): ManagedCertificateRequest => ({
  PrimaryDomainName: domain,
  ValidationTokenHost: 'cloudfront',
})

/**
 * The part of CloudFront's API for distribution tenants. The client may repeat every call: a name is taken once, a version is
 * changed once, and a removal stays.
 * @throws {SitewrightError} `Unavailable` from every function, where CloudFront refuses or does not answer.
 * @see https://docs.aws.amazon.com/cloudfront/latest/APIReference/
 */
export const createDistributionTenants = ({ client }: { readonly client: CloudFrontClient }) => {
  type Change = Omit<UpdateDistributionTenantRequest, 'Id' | 'IfMatch'>

  const update = async (doing: string, { id, etag }: Tenant, change: Change): Promise<Tenant> =>
    asTenant(await done(doing, client.send(new UpdateDistributionTenantCommand({ ...change, Id: id, IfMatch: etag }))))

  return {
    find: async (name: string): Promise<Tenant | undefined> => {
      const asked = client.send(new GetDistributionTenantCommand({ Identifier: name }))
      const answer = await done('show a tenant', ifThere(asked))
      return answer === undefined ? undefined : asTenant(answer)
    },
    /** The domains of all tenants of a distribution, which has no others than ours. */
    domainsOf: (DistributionId: string): Promise<readonly string[]> => {
      const pages = paginateListDistributionTenants({ client }, { AssociationFilter: { DistributionId } })
      const domains = everyItem(pages, ({ DistributionTenantList = [] }) =>
        DistributionTenantList.flatMap(({ Domains = [] }) => Domains.flatMap(({ Domain }) => Domain ?? [])),
      )
      return done('list tenants', domains)
    },
    /**
     * Creates a tenant whose certificate CloudFront requests as soon as the domain points there.
     * @returns `waits` where CloudFront does not see that yet; `elsewhere` where another distribution has the domain.
     */
    create: async (tenant: {
      readonly name: string
      readonly domain: string
      readonly distributionId: string
      readonly connectionGroupId: string
      readonly tags: Readonly<Record<string, string>>
    }): Promise<'made' | 'waits' | 'elsewhere'> => {
      const command = new CreateDistributionTenantCommand({
        ConnectionGroupId: tenant.connectionGroupId,
        DistributionId: tenant.distributionId,
        Domains: [{ Domain: tenant.domain }],
        Enabled: true,
        ManagedCertificateRequest: managed(tenant.domain),
        Name: tenant.name,
        Tags: { Items: Object.entries(tenant.tags).map(([Key, Value]) => ({ Key, Value })) },
      })
      try {
        await client.send(command)
        return 'made'
      } catch (error) {
        if (error instanceof InvalidArgument && /domain name ownership|dns/i.test(error.message)) return 'waits'
        if (error instanceof CNAMEAlreadyExists) return 'elsewhere'
        // Another try has made it, whose answer was lost.
        if (error instanceof EntityAlreadyExists) return 'made'
        throw failureOf('make a tenant', error)
      }
    },
    /** The certificate that CloudFront has asked for; undefined where it has not. */
    certificateOf: async ({ id }: Pick<Tenant, 'id'>): Promise<Certificate | undefined> => {
      const asked = client.send(new GetManagedCertificateDetailsCommand({ Identifier: id }))
      const answer = await done('show a certificate', ifThere(asked))
      const { CertificateArn: arn, CertificateStatus: status } = answer?.ManagedCertificateDetails ?? {}
      return arn === undefined || status === undefined ? undefined : { arn, status }
    },
    /** Requests a certificate again, after a request that failed. */
    requestCertificate: (tenant: Tenant, domain: string) =>
      update('ask for a certificate', tenant, { ManagedCertificateRequest: managed(domain) }),
    /** Issuing is CloudFront's; putting to use is ours. */
    useCertificate: (tenant: Tenant, { arn }: Certificate) =>
      update('use a certificate', tenant, { Customizations: { Certificate: { Arn: arn } } }),
    enable: (tenant: Tenant) => update('switch a tenant on', tenant, { Enabled: true }),
    disable: (tenant: Tenant) => update('switch a tenant off', tenant, { Enabled: false }),
    /** Leaves it, disabled, for a later call where CloudFront is still disabling it, which takes minutes. */
    remove: async ({ id, etag }: Tenant): Promise<void> => {
      const asked = client.send(new DeleteDistributionTenantCommand({ Id: id, IfMatch: etag }))
      const removed = ifThere(asked).catch((error: unknown) => {
        if (!(error instanceof ResourceNotDisabled)) throw error
      })
      await done('remove a tenant', removed)
    },
  }
}

type DistributionTenants = ReturnType<typeof createDistributionTenants>

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

const bringOn = async (
  { tenants, log }: TenantEdgeOptions,
  tenant: Tenant,
  { hostname, retries }: { readonly hostname: string; readonly retries: boolean },
): Promise<'waits' | 'refused'> => {
  const certificate = await tenants.certificateOf(tenant)
  const hasFailed = certificate !== undefined && failed.has(certificate.status)
  if (hasFailed && !retries) {
    log.warn(
      { event: 'domain-certificate-failed', hostname, status: certificate.status },
      'a certificate for a domain failed; another is requested after a pause',
    )
    return 'refused'
  }
  if (certificate === undefined || hasFailed) await tenants.requestCertificate(tenant, hostname)
  else if (certificate.status === 'issued' && certificate.arn !== tenant.certificateArn) {
    await tenants.useCertificate(tenant, certificate)
  }
  return 'waits'
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
    serve: async (hostname, { retries } = { retries: false }) => {
      const name = nameOf(installation, hostname)
      const tenant = await tenants.find(name)
      if (tenant === undefined) await make(options, name, hostname)
      // A withdrawal was cut off, and the domain was added again.
      else if (!tenant.isEnabled) await tenants.enable(tenant)
      else if (tenant.isActive) return 'served'
      else return bringOn(options, tenant, { hostname, retries })
      return 'waits'
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
export const createEdgeAddresses = (options: {
  readonly now: () => number
  readonly log: Pick<Log, 'warn'>
  readonly source?: string
}) => {
  const { now, log, source = 'https://ip-ranges.amazonaws.com/ip-ranges.json' } = options
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
