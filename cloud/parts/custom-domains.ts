import { CloudFrontClient } from '@aws-sdk/client-cloudfront'
import { KMSClient } from '@aws-sdk/client-kms'
import {
  createDistributionTenants,
  createEdgeAddresses,
  createTenantEdge,
} from '../../adapters/cloudfront/tenant-edge.ts'
import { createRegistrableDomains, createResolverDns } from '../../adapters/dns/resolver-dns.ts'
import { createDomainReach } from '../../adapters/http/domain-reach.ts'
import { createKmsRootSigner } from '../../adapters/kms/kms-root-signer.ts'
import type { PortsOf } from '../../lambdas/_runtime/ports.ts'
import type { CloudContext } from '../context.ts'
import { customDomainTarget, tags } from '../names.ts'
import { clientSettings } from './client-settings.ts'

/** Looks up what the DNS says of a domain, and whether it points to CloudFront. */
export const openDomainChecks = ({ log, variable }: CloudContext): PortsOf['domains:check'] => {
  const isOfEdge = createEdgeAddresses({ now: () => performance.now(), log })
  const root = createKmsRootSigner({ client: new KMSClient(clientSettings), keyId: variable('ENTITLEMENT_KEY') })
  return {
    dns: createResolverDns(),
    edge: {
      targetOf: customDomainTarget,
      challenge: variable('DOMAIN_ENDPOINT'),
      isReachedBy: (addresses) => isOfEdge(addresses),
    },
    reach: createDomainReach({ rootPublicKey: root.publicKey }),
    registrableDomains: createRegistrableDomains(),
  }
}

export const openTenants = ({ names, log, variable }: CloudContext): PortsOf['domains:serve'] => ({
  tenants: createTenantEdge({
    // CloudFront is in no region; requests to it are signed for this one.
    tenants: createDistributionTenants({ client: new CloudFrontClient({ ...clientSettings, region: 'us-east-1' }) }),
    distributionId: variable('DOMAIN_DISTRIBUTION'),
    connectionGroupId: variable('DOMAIN_CONNECTION_GROUP'),
    installation: names.installation,
    tags: { [tags.installation]: names.installation },
    log,
  }),
})
