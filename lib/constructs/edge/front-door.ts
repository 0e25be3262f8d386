import { Duration, Validations } from 'aws-cdk-lib'
import { Certificate, CertificateValidation } from 'aws-cdk-lib/aws-certificatemanager'
import { type IVpc, SubnetType } from 'aws-cdk-lib/aws-ec2'
import {
  ApplicationLoadBalancer,
  ApplicationProtocol,
  ApplicationTargetGroup,
  SslPolicy,
  TargetGroupLoadBalancingAlgorithmType,
  TargetType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import { ARecord, RecordTarget } from 'aws-cdk-lib/aws-route53'
import { LoadBalancerTarget } from 'aws-cdk-lib/aws-route53-targets'
import type { IBucket } from 'aws-cdk-lib/aws-s3'
import { Construct } from 'constructs'
import type { Stage } from '../../../core/config/stage.ts'
import { hostedZoneOf } from '../../deployment.ts'
import { ClosedSecurityGroup } from './security-groups.ts'

/** How a router stops: the load balancer sends it no new requests, it finishes its requests, and only then may ECS kill it. */
export const routerDrain = {
  deregistration: Duration.seconds(30),
  /** Longer than draining and closing connections. */
  stop: Duration.seconds(90),
} as const

interface FrontDoorProps {
  readonly vpc: IVpc
  readonly sites: Stage['sites']
  readonly accessLogs: IBucket
  readonly routerPort: number
}

/**
 * The load balancer in front of all sites. Every hostname goes to one target group, that of the routers: a load balancer
 * has at most a hundred groups, and an installation has thousands of sites.
 */
export class FrontDoor extends Construct {
  readonly loadBalancer: ApplicationLoadBalancer
  readonly routers: ApplicationTargetGroup

  constructor(scope: Construct, id: string, { vpc, sites, accessLogs, routerPort }: FrontDoorProps) {
    super(scope, id)
    const zone = hostedZoneOf(this, sites.hostedZone)
    const securityGroup = new ClosedSecurityGroup(this, 'Group', {
      vpc,
      description: 'The load balancer before all sites',
    })
    Validations.of(securityGroup).acknowledge({
      id: 'AwsSolutions-EC23',
      reason: 'It is the entry for the visitors of all sites: HTTPS, and HTTP only for redirects to it.',
    })
    this.loadBalancer = new ApplicationLoadBalancer(this, 'LoadBalancer', {
      vpc,
      vpcSubnets: { subnetType: SubnetType.PUBLIC },
      internetFacing: true,
      // The DNS records of all sites lead to it.
      deletionProtection: true,
      securityGroup,
      dropInvalidHeaderFields: true,
      // Routers have limits of their own, so an outage of the firewall need not close all sites.
      wafFailOpen: true,
      // More than a blueprint can give a site to begin its answer. The router ends requests and WebSockets earlier.
      idleTimeout: Duration.seconds(960),
    })
    this.loadBalancer.logAccessLogs(accessLogs, 'edge')
    this.routers = new ApplicationTargetGroup(this, 'Routers', {
      vpc,
      protocol: ApplicationProtocol.HTTP,
      port: routerPort,
      targetType: TargetType.IP,
      deregistrationDelay: routerDrain.deregistration,
      loadBalancingAlgorithmType: TargetGroupLoadBalancingAlgorithmType.LEAST_OUTSTANDING_REQUESTS,
      healthCheck: {
        path: '/healthz',
        interval: Duration.seconds(10),
        timeout: Duration.seconds(5),
        healthyThresholdCount: 2,
        unhealthyThresholdCount: 3,
      },
    })
    this.loadBalancer.addListener('Https', {
      protocol: ApplicationProtocol.HTTPS,
      port: 443,
      sslPolicy: SslPolicy.RECOMMENDED_TLS,
      certificates: [
        new Certificate(this, 'Certificate', {
          domainName: `*.${sites.domain}`,
          validation: CertificateValidation.fromDns(zone),
        }),
      ],
      defaultTargetGroups: [this.routers],
    })
    this.loadBalancer.addRedirect()
    new ARecord(this, 'Sites', {
      zone,
      recordName: `*.${sites.domain}.`,
      target: RecordTarget.fromAlias(new LoadBalancerTarget(this.loadBalancer)),
    })
  }
}
