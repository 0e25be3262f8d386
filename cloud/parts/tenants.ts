import { CloudFrontClient } from '@aws-sdk/client-cloudfront'
import { createDistributionTenants } from '../../adapters/cloudfront/distribution-tenants.ts'
import { createTenantEdge } from '../../adapters/cloudfront/tenant-edge.ts'
import type { DomainEdge } from '../../core/ports/domains.ts'
import type { deploymentOf } from '../deployment.ts'
import { tags } from '../names.ts'
import { clientSettings } from './client-settings.ts'

/** CloudFront is in no region, and is signed for in this one. */
const region = 'us-east-1'

/** What serves custom domains. Apart from what looks at them: few functions that do need the client. */
export const openTenants = (
  environment: { readonly DOMAIN_DISTRIBUTION: string; readonly DOMAIN_CONNECTION_GROUP: string },
  { names, log }: ReturnType<typeof deploymentOf>,
): Pick<DomainEdge, 'serve' | 'withdraw'> =>
  createTenantEdge({
    tenants: createDistributionTenants({ client: new CloudFrontClient({ ...clientSettings, region }) }),
    distributionId: environment.DOMAIN_DISTRIBUTION,
    connectionGroupId: environment.DOMAIN_CONNECTION_GROUP,
    installation: names.installation,
    tags: { [tags.installation]: names.installation },
    log,
  })
