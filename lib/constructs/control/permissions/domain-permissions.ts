import { frontRegion } from '../../../deployment.ts'
import { tagged } from './cell-grants.ts'
import type { Grant } from './grant.ts'
import type { Surroundings } from './surroundings.ts'

const ofDomains = 'Tenants and certificates of custom domains are named by AWS; tags hold it to ours where they can.'

/** What serving custom domains comes to; adapters/cloudfront asks for these, and CloudFront for those of ACM in its name. */
export const domainPermissions = (surroundings: Surroundings): readonly Grant[] => {
  const { globalArn, customDomains } = surroundings
  const tenants = globalArn('cloudfront', 'distribution-tenant/*')
  return [
    {
      actions: ['cloudfront:CreateDistributionTenant'],
      resources: [
        tenants,
        globalArn('cloudfront', `distribution/${customDomains.distributionId}`),
        globalArn('cloudfront', `connection-group/${customDomains.connectionGroupId}`),
      ],
      conditions: tagged(surroundings, 'RequestTag'),
      because: ofDomains,
    },
    {
      actions: ['cloudfront:TagResource'],
      resources: [tenants],
      conditions: tagged(surroundings, 'RequestTag'),
      because: ofDomains,
    },
    {
      actions: [
        'cloudfront:GetDistributionTenant',
        'cloudfront:UpdateDistributionTenant',
        'cloudfront:DeleteDistributionTenant',
        'cloudfront:GetManagedCertificateDetails',
      ],
      resources: [tenants],
      conditions: tagged(surroundings, 'ResourceTag'),
      because: ofDomains,
    },
    {
      actions: ['acm:RequestCertificate', 'acm:DescribeCertificate'],
      resources: [surroundings.certificatesArn(frontRegion)],
      because: ofDomains,
    },
  ]
}
