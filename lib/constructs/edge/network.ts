import { Aws, Stack } from 'aws-cdk-lib'
import type { ISecurityGroup } from 'aws-cdk-lib/aws-ec2'
import {
  CfnRoute,
  CfnRouteTable,
  CfnVPCEndpoint,
  FlowLogDestination,
  FlowLogTrafficType,
  IpAddresses,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2'
import type { PolicyStatementProps } from 'aws-cdk-lib/aws-iam'
import { AnyPrincipal, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { IBucket } from 'aws-cdk-lib/aws-s3'
import { Construct } from 'constructs'
import type { Names } from '../../../cloud/names.ts'
import { monthLog } from '../../deployment.ts'
import { ClosedSecurityGroup } from './security-groups.ts'
import { ServiceEndpoints } from './service-endpoints.ts'

interface NetworkProps {
  readonly names: Names
  /** The addresses of the edge; cells have their own. */
  readonly cidr: string
  readonly zones: readonly string[]
  readonly archives: IBucket
}

/** The zones that a stage can have. Addresses for all are reserved, so that adding a zone moves nothing. */
const mostZones = 3

/**
 * One VPC for the edge and the cells of a region, without a NAT gateway: tasks that need the internet have a public address, the
 * others have no route to it.
 */
export class Network extends Construct {
  readonly vpc: Vpc
  /** The group of the endpoints through which tasks reach AWS; the stacks of their users admit them. */
  readonly endpointsSecurityGroup: ISecurityGroup
  /** For subnets of cells: routes within the VPC and to the bucket of image layers only. */
  readonly isolatedRouteTableId: string
  /** For subnets of cells: a route to the internet gateway. */
  readonly outboundRouteTableId: string

  constructor(scope: Construct, id: string, { names, cidr, zones, archives }: NetworkProps) {
    super(scope, id)
    this.vpc = new Vpc(this, 'Vpc', {
      vpcName: names.installation,
      ipAddresses: IpAddresses.cidr(cidr),
      maxAzs: zones.length,
      reservedAzs: mostZones - zones.length,
      natGateways: 0,
      // The default group is unused, and emptying it takes a function that runs at every deploy.
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        // For the load balancer and the routers.
        { name: 'edge', subnetType: SubnetType.PUBLIC, mapPublicIpOnLaunch: false },
        { name: 'endpoints', subnetType: SubnetType.PRIVATE_ISOLATED },
      ],
    })
    this.#logRefusals(names)
    this.endpointsSecurityGroup = new ClosedSecurityGroup(this, 'EndpointsGroup', {
      vpc: this.vpc,
      description: 'Endpoints of AWS services',
    })
    new ServiceEndpoints(this, 'Services', { vpc: this.vpc, securityGroup: this.endpointsSecurityGroup, names })
    this.isolatedRouteTableId = this.#routeTable('Isolated', names)
    this.outboundRouteTableId = this.#routeTable('Outbound', names)
    this.#leadOut()
    this.#leadToBuckets(names, archives)
    this.#leadToTables(names)
  }

  /** Logs connections that a security group refused, such as attempts of a site to reach its neighbours. */
  #logRefusals(names: Names): void {
    const logGroup = monthLog(this, 'Refusals', `/${names.installation}/network`)
    this.vpc.addFlowLog('Refused', {
      destination: FlowLogDestination.toCloudWatchLogs(logGroup),
      trafficType: FlowLogTrafficType.REJECT,
    })
  }

  #routeTable(id: string, names: Names): string {
    return new CfnRouteTable(this, id, {
      vpcId: this.vpc.vpcId,
      tags: [{ key: 'Name', value: `${names.installation}/${id.toLowerCase()}` }],
    }).attrRouteTableId
  }

  #leadOut(): void {
    const { internetGatewayId } = this.vpc
    if (internetGatewayId === undefined) throw new Error('a VPC with public subnets has an internet gateway')
    const route = new CfnRoute(this, 'OutboundDefault', {
      routeTableId: this.outboundRouteTableId,
      destinationCidrBlock: '0.0.0.0/0',
      gatewayId: internetGatewayId,
    })
    route.node.addDependency(this.vpc.internetConnectivityEstablished)
  }

  /**
   * Layers of ECR's images are in a bucket of AWS. Source: the Amazon ECR User Guide, "Minimum Amazon S3 bucket
   * permissions for Amazon ECR". The roles of archiving jobs, and no site's, also reach the archives; no other bucket
   * is reachable. Subnets with internet access do not use this endpoint, because its policy would block buckets that their
   * sites may use.
   */
  #leadToBuckets(names: Names, archives: IBucket): void {
    const { partition, region, account } = Stack.of(this)
    const byJobs = { 'aws:PrincipalArn': `arn:${partition}:iam::${account}:role${names.archiverRolePath}*` }
    this.#gateway(
      'Layers',
      's3',
      [this.isolatedRouteTableId],
      { actions: ['s3:GetObject'], resources: [`arn:${partition}:s3:::prod-${region}-starport-layer-bucket/*`] },
      {
        actions: ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'],
        resources: [archives.arnForObjects('site_*')],
        conditions: { ArnLike: byJobs },
      },
      {
        // A job checks whether an archive exists; no job may list the keys of all sites.
        actions: ['s3:ListBucket'],
        resources: [archives.bucketArn],
        conditions: { ArnLike: byJobs, StringLike: { 's3:prefix': 'site_*' } },
      },
    )
  }

  /** The routers' endpoint for DynamoDB. It is free, and only routers are on their subnets. */
  #leadToTables(names: Names): void {
    const { partition, region, account } = Stack.of(this)
    const main = `arn:${partition}:dynamodb:${region}:${account}:table/${names.tables}`
    const routeTables = this.vpc.publicSubnets.map(({ routeTable }) => routeTable.routeTableId)
    this.#gateway('Tables', 'dynamodb', routeTables, {
      actions: ['dynamodb:GetItem', 'dynamodb:Query'],
      resources: [main],
    })
  }

  #gateway(id: string, service: string, routeTableIds: string[], ...allowed: readonly PolicyStatementProps[]): void {
    new CfnVPCEndpoint(this, id, {
      vpcId: this.vpc.vpcId,
      vpcEndpointType: 'Gateway',
      serviceName: `com.amazonaws.${Aws.REGION}.${service}`,
      routeTableIds,
      policyDocument: new PolicyDocument({
        statements: allowed.map((statement) => new PolicyStatement({ ...statement, principals: [new AnyPrincipal()] })),
      }),
    })
  }
}
