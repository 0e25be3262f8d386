import { Arn, Duration, RemovalPolicy, SecretValue, Stack, Validations } from 'aws-cdk-lib'
import {
  CachePolicy,
  CfnConnectionGroup,
  CfnDistribution,
  Function as EdgeFunction,
  FunctionCode,
  OriginRequestPolicy,
} from 'aws-cdk-lib/aws-cloudfront'
import { CnameRecord } from 'aws-cdk-lib/aws-route53'
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from 'aws-cdk-lib/custom-resources'
import { Construct } from 'constructs'
import { customDomainsLabel, type Names, routerLabel, tags } from '../../../cloud/names.ts'
import type { Stage } from '../../../core/config/stage.ts'
import { originHeader } from '../../../lambdas/_runtime/own-headers.ts'
import { cachedErrors, frontRegion, hostedZoneOf } from '../../deployment.ts'
import { viewerAddressHeader } from './sites-firewall.ts'

interface CustomDomainsProps {
  readonly names: Pick<Names, 'certificateParameter' | 'installation' | 'secret'>
  readonly sites: Stage['sites']
}

const originId = 'routers'

/** Gives the firewall the viewer's address; what the viewer put into the header is lost. */
const tellAddress = `function handler(event) {
  event.request.headers['${viewerAddressHeader}'] = { value: event.viewer.ip };
  return event.request;
}`

/**
 * CloudFront in front of the routers for owners' hostnames: one distribution for all, and one connection group, whose name their
 * DNS records point to. A function creates a tenant with a certificate for each hostname.
 * It caches nothing and changes nothing: sites tell browsers what to cache.
 */
export class CustomDomains extends Construct {
  readonly distributionId: string
  readonly connectionGroupId: string
  /** The name that CloudFront answers at, such as `d111111abcdef8.cloudfront.net`. */
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
            // Every name below the sites' domain resolves to the load balancer, whose certificate covers this one too.
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
                // CloudFormation resolves it, so no template contains it.
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
          // The router finds the site by the requested hostname.
          originRequestPolicyId: OriginRequestPolicy.ALL_VIEWER_AND_CLOUDFRONT_2022.originRequestPolicyId,
          functionAssociations: [{ eventType: 'viewer-request', functionArn: this.#addressTeller(names) }],
        },
        // A cached one would be shown to other visitors, with its cookies.
        customErrorResponses: cachedErrors.map((errorCode) => ({ errorCode, errorCachingMinTtl: 0 })),
        // For all tenants: their own certificates only add names to this one's.
        viewerCertificate: {
          acmCertificateArn: this.#certificateArn(names, sites),
          minimumProtocolVersion: 'TLSv1.2_2021',
          sslSupportMethod: 'sni-only',
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
    // Owners' DNS records lead to them, and nobody but the owners can change these.
    for (const kept of [distribution, ways]) kept.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
    this.routingEndpoint = ways.attrRoutingEndpoint
    new CnameRecord(this, 'Target', {
      zone: hostedZoneOf(this, sites.hostedZone),
      recordName: `*.${customDomainsLabel}.${sites.domain}.`,
      domainName: ways.attrRoutingEndpoint,
      ttl: Duration.hours(1),
    })
    this.#acknowledge()
  }

  #addressTeller({ installation }: CustomDomainsProps['names']): string {
    return new EdgeFunction(this, 'TellAddress', {
      functionName: `${installation}-tell-address`,
      code: FunctionCode.fromInline(tellAddress),
    }).functionArn
  }

  /** The certificate is in another region, so a deploy looks it up. */
  #certificateArn({ certificateParameter }: CustomDomainsProps['names'], { domain }: Stage['sites']): string {
    const parameter = Arn.format(
      { service: 'ssm', region: frontRegion, resource: 'parameter', resourceName: certificateParameter.slice(1) },
      Stack.of(this),
    )
    const question = new AwsCustomResource(this, 'Certificate', {
      resourceType: 'Custom::CertificateArn',
      onUpdate: {
        service: 'SSM',
        action: 'GetParameter',
        region: frontRegion,
        parameters: { Name: certificateParameter },
        outputPaths: ['Parameter.Value'],
        // Another domain has another certificate.
        physicalResourceId: PhysicalResourceId.of(domain),
      },
      policy: AwsCustomResourcePolicy.fromSdkCalls({ resources: [parameter] }),
      installLatestAwsSdk: false,
    })
    return question.getResponseField('Parameter.Value')
  }

  #acknowledge(): void {
    const visitors = 'It is another entry to the same routers as the load balancer, for the visitors of all sites.'
    Validations.of(this).acknowledge(
      { id: 'AwsSolutions-CFR1', reason: visitors },
      { id: 'AwsSolutions-CFR2', reason: `${visitors} Routers apply the limits of the site's plan.` },
      { id: 'AwsSolutions-CFR3', reason: 'The load balancer behind it logs every request; tenants have no other log.' },
    )
  }
}
