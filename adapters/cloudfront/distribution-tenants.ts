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
  UpdateDistributionTenantCommand,
  type UpdateDistributionTenantRequest,
} from '@aws-sdk/client-cloudfront'
import { SitewrightError } from '../../core/errors.ts'
import { everyItem } from '../cells/aws-calls.ts'

/** The part of CloudFront that serves one custom domain. */
export interface Tenant {
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

const trouble = (doing: string, cause: unknown): SitewrightError => {
  if (!(cause instanceof CloudFrontServiceException)) {
    return new SitewrightError('Unavailable', `CloudFront gave no answer when it was to ${doing}.`, { cause })
  }
  const { name, message, $metadata } = cause
  const answer = `${$metadata.httpStatusCode} ${name}`
  return new SitewrightError('Unavailable', `CloudFront could not ${doing} (${answer}): ${message}`, { cause })
}

const done = <Answer>(doing: string, asked: Promise<Answer>): Promise<Answer> =>
  asked.catch((error: unknown) => {
    throw trouble(doing, error)
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
    /** By its name. */
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
        throw trouble('make a tenant', error)
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
    /** Only what is disabled can be removed. */
    remove: async ({ id, etag }: Tenant): Promise<void> => {
      const asked = client.send(new DeleteDistributionTenantCommand({ Id: id, IfMatch: etag }))
      await done('remove a tenant', ifThere(asked))
    },
  }
}

export type DistributionTenants = ReturnType<typeof createDistributionTenants>
