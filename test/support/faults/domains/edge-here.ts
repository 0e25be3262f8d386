import { CloudFrontClient } from '@aws-sdk/client-cloudfront'
import { createDistributionTenants, createTenantEdge } from '../../../../adapters/cloudfront/tenant-edge.ts'
import type { Dns } from '../../../../lambdas/domains/ports.ts'
import { playCloudFront } from '../../../adapters/cloudfront/played-cloudfront.ts'
import { ownZone } from '../../own-zone.ts'
import type { LifeSurroundings } from '../../simulation/life.ts'

type Given = LifeSurroundings['given']

export interface EdgeHere {
  readonly zone: ReturnType<typeof ownZone>
  readonly given: Pick<Given, 'dns' | 'edge' | 'tenants'>
  readonly replace: NonNullable<LifeSurroundings['replace']>
  /** The domains that have a tenant, and whether they are served. */
  readonly tenants: () => readonly { readonly domain: string; readonly isServed: boolean }[]
  /** CloudFront's certificates come by themselves, in a while. */
  readonly issue: () => void
  readonly close: () => void
}

const silence = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** Servers that do not answer are no failure of a check: they prove nothing. */
const patient = (dns: Dns): Dns => ({
  txt: (name) => dns.txt(name).catch(() => undefined),
  cname: (name) => dns.cname(name).catch(() => undefined),
  addresses: (name) => dns.addresses(name).catch(() => undefined),
})

/** A zone, and CloudFront in front of it all, each request to which may fail. They outlive every host. */
export const openEdgeHere = async (): Promise<EdgeHere> => {
  const zone = ownZone()
  const cloudFront = await playCloudFront()
  const client = new CloudFrontClient({
    endpoint: cloudFront.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    // What a fault does to a request is seen at once.
    maxAttempts: 1,
  })
  const tenants = createDistributionTenants({ client })
  const tenantsOver = (theirs: typeof tenants) =>
    createTenantEdge({
      tenants: theirs,
      distributionId: 'E1',
      connectionGroupId: 'cg_1',
      installation: 'swept',
      tags: {},
      log: silence,
    })
  return {
    zone,
    given: { dns: zone.dns, edge: zone.edge, tenants: tenantsOver(tenants) },
    replace: ({ dns }, watch) => ({
      dns: patient(dns),
      edge: zone.edge,
      tenants: tenantsOver(watch({ cloudfront: tenants }).cloudfront),
    }),
    tenants: () =>
      [...cloudFront.tenants.values()].map(({ domain, isEnabled, certificateArn, managed }) => ({
        domain,
        isServed: isEnabled && managed?.status === 'issued' && managed.arn === certificateArn,
      })),
    issue: () => {
      for (const { managed } of cloudFront.tenants.values()) if (managed !== undefined) managed.status = 'issued'
    },
    close: () => {
      client.destroy()
      cloudFront.close()
    },
  }
}
