import { Duration, SecretValue, Validations } from 'aws-cdk-lib'
import { CachePolicy, CfnConnectionGroup, CfnDistribution, OriginRequestPolicy } from 'aws-cdk-lib/aws-cloudfront'
import { CnameRecord } from 'aws-cdk-lib/aws-route53'
import { Construct } from 'constructs'
import type { Names } from '../../../cloud/names.ts'
import { customDomainsLabel, routerLabel, tags } from '../../../cloud/names.ts'
import type { Stage } from '../../../core/config/stage.ts'
import { originHeader } from '../../../lambdas/_runtime/origin-header.ts'
import { hostedZoneOf } from '../../deployment.ts'

interface CustomDomainsProps {
  readonly names: Pick<Names, 'installation' | 'secret'>
  readonly sites: Stage['sites']
}

const originId = 'routers'

/**
 * What stands before the routers for hostnames of owners: one distribution for all of them, which is no use by itself, and one
 * way into it, whose name their records lead to. A function of ours makes a tenant, with a certificate of its own, for each.
 * Nothing is kept and nothing changed on the way: sites say themselves what may be kept, to browsers.
 */
export class CustomDomains extends Construct {
  readonly distributionId: string
  readonly connectionGroupId: string
  readonly routingEndpoint: string

  constructor(scope: Construct, id: string, { names, sites }: CustomDomainsProps) {
    super(scope, id)
    const distribution = new CfnDistribution(this, 'Distribution', {
      distributionConfig: {
        comment: `Custom domains of ${names.installation}`,
        enabled: true,
        connectionMode: 'tenant-only',
        httpVersion: 'http2and3',
        origins: [
          {
            id: originId,
            // Every name below the sites' domain leads to the load balancer, whose certificate is for this one too.
            domainName: `${routerLabel}.${sites.domain}`,
            customOriginConfig: {
              originProtocolPolicy: 'https-only',
              originSslProtocols: ['TLSv1.2'],
              originReadTimeout: 60,
              originKeepaliveTimeout: 55,
            },
            originCustomHeaders: [
              {
                headerName: originHeader,
                // CloudFormation reads it, and no template holds it.
                headerValue: SecretValue.secretsManager(names.secret('origin')).unsafeUnwrap(),
              },
            ],
          },
        ],
        defaultCacheBehavior: {
          targetOriginId: originId,
          viewerProtocolPolicy: 'redirect-to-https',
          allowedMethods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE'],
          compress: false,
          cachePolicyId: CachePolicy.CACHING_DISABLED.cachePolicyId,
          // The hostname that was asked for is how the router knows the site.
          originRequestPolicyId: OriginRequestPolicy.ALL_VIEWER_AND_CLOUDFRONT_2022.originRequestPolicyId,
        },
      },
      tags: [{ key: tags.installation, value: names.installation }],
    })
    this.distributionId = distribution.attrId
    const ways = new CfnConnectionGroup(this, 'Ways', {
      name: names.installation,
      enabled: true,
      ipv6Enabled: true,
      tags: [{ key: tags.installation, value: names.installation }],
    })
    this.connectionGroupId = ways.attrId
    this.routingEndpoint = ways.attrRoutingEndpoint
    new CnameRecord(this, 'Target', {
      zone: hostedZoneOf(this, sites.hostedZone),
      recordName: `*.${customDomainsLabel}.${sites.domain}.`,
      domainName: ways.attrRoutingEndpoint,
      ttl: Duration.hours(1),
    })
    this.#acknowledge()
  }

  #acknowledge(): void {
    const visitors = 'It is another door to the same routers as the load balancer, for the visitors of all sites.'
    Validations.of(this).acknowledge(
      { id: 'AwsSolutions-CFR1', reason: visitors },
      { id: 'AwsSolutions-CFR2', reason: `${visitors} Routers hold them to the limits of the site's plan.` },
      { id: 'AwsSolutions-CFR3', reason: 'The load balancer behind it logs every request; tenants know no other log.' },
      { id: 'AwsSolutions-CFR4', reason: 'It has no certificate itself: each tenant has one of its own.' },
    )
  }
}
