import { Aws, Stack } from 'aws-cdk-lib'
import {
  CfnRoute,
  CfnRouteTable,
  CfnVPCEndpoint,
  CfnVPCPeeringConnection,
  FlowLogDestination,
  FlowLogTrafficType,
  IpAddresses,
  type ISecurityGroup,
  type SubnetConfiguration,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2'
import { AnyPrincipal, PolicyDocument, PolicyStatement, type PolicyStatementProps } from 'aws-cdk-lib/aws-iam'
import type { IBucket } from 'aws-cdk-lib/aws-s3'
import { Construct } from 'constructs'
import type { Names } from '../../../cloud/names.ts'
import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import { subnetsOf } from '../../../core/config/stage.ts'
import { type Deployment, monthLog } from '../../deployment.ts'
import { DnsFirewall, ServiceEndpoints } from './isolated-network.ts'
import { ClosedSecurityGroup } from './security-groups.ts'

/** The zones that a stage can have. Addresses for all are reserved, so that adding a zone moves nothing. */
const maxZones = 3

/** By what sites may reach: where they are, and the route table of their cells' subnets. */
export type SiteNetworks = Readonly<Record<Blueprint['outbound'], { readonly vpc: Vpc; readonly routeTableId: string }>>

/**
 * Two VPCs without a NAT gateway. Routers and sites with internet access are in one, where tasks have public addresses. Sites without
 * it are in the other, which has no route to the internet and whose resolver answers for a few names only. A resolver's firewall
 * applies to a whole VPC (docs/adr/0047-networks-on-aws.md).
 */
export class Network extends Construct {
  readonly sites: SiteNetworks
  readonly vpc: Vpc
  readonly peeringId: string
  readonly routerRouteTableIds: readonly string[]
  /** The group of the endpoints through which tasks without internet access reach AWS; the stacks of their users admit them. */
  readonly endpointsSecurityGroup: ISecurityGroup

  constructor(scope: Construct, id: string, { names, stage }: Deployment, archives: IBucket) {
    super(scope, id)
    const { network: cidr, availabilityZones: zones } = stage
    const [edgeCidr = cidr, isolatedCidr = cidr] = subnetsOf(cidr, 1)
    const vpc = (vpcId: string, vpcName: string, addresses: string, subnets: SubnetConfiguration): Vpc =>
      new Vpc(this, vpcId, {
        vpcName,
        ipAddresses: IpAddresses.cidr(addresses),
        maxAzs: zones.length,
        reservedAzs: maxZones - zones.length,
        natGateways: 0,
        // The default group is unused, and emptying it takes a function that runs at every deploy.
        restrictDefaultSecurityGroup: false,
        subnetConfiguration: [subnets],
      })
    this.vpc = vpc('Vpc', names.installation, edgeCidr, {
      name: 'edge',
      subnetType: SubnetType.PUBLIC,
      mapPublicIpOnLaunch: false,
    })
    const isolated = vpc('IsolatedVpc', `${names.installation}/isolated`, isolatedCidr, {
      name: 'endpoints',
      subnetType: SubnetType.PRIVATE_ISOLATED,
    })
    this.#logRefusals(names, [this.vpc, isolated])
    this.endpointsSecurityGroup = new ClosedSecurityGroup(this, 'EndpointsGroup', {
      vpc: isolated,
      description: 'Endpoints of AWS services',
    })
    new ServiceEndpoints(this, 'Services', {
      vpc: isolated,
      securityGroup: this.endpointsSecurityGroup,
      names,
      zones: zones.slice(0, stage.endpointZones),
    })
    new DnsFirewall(this, 'DnsFirewall', { vpc: isolated, names, archives })
    this.sites = {
      none: { vpc: isolated, routeTableId: this.#routeTable('Isolated', isolated, names) },
      internet: { vpc: this.vpc, routeTableId: this.#routeTable('Outbound', this.vpc, names) },
    }
    this.routerRouteTableIds = this.vpc.publicSubnets.map(({ routeTable }) => routeTable.routeTableId)
    this.peeringId = new CfnVPCPeeringConnection(this, 'Peering', {
      vpcId: this.vpc.vpcId,
      peerVpcId: isolated.vpcId,
      tags: [{ key: 'Name', value: names.installation }],
    }).attrId
    this.#leadOut()
    // For the answers of sites; each cell adds the routes to its own addresses.
    new CfnRoute(this, 'ToRouters', {
      routeTableId: this.sites.none.routeTableId,
      destinationCidrBlock: edgeCidr,
      vpcPeeringConnectionId: this.peeringId,
    })
    this.#leadToBuckets(names, archives)
    this.#leadToTables(names)
  }

  /** Logs connections that a security group refused, such as attempts of a site to reach its neighbours. */
  #logRefusals(names: Names, vpcs: readonly Vpc[]): void {
    const logGroup = monthLog(this, 'Refusals', `/${names.installation}/network`)
    for (const vpc of vpcs) {
      vpc.addFlowLog('Refused', {
        destination: FlowLogDestination.toCloudWatchLogs(logGroup),
        trafficType: FlowLogTrafficType.REJECT,
      })
    }
  }

  #routeTable(id: string, vpc: Vpc, names: Names): string {
    return new CfnRouteTable(this, id, {
      vpcId: vpc.vpcId,
      tags: [{ key: 'Name', value: `${names.installation}/${id.toLowerCase()}` }],
    }).attrRouteTableId
  }

  #leadOut(): void {
    const { internetGatewayId } = this.vpc
    if (internetGatewayId === undefined) throw new Error('a VPC with public subnets has an internet gateway')
    const route = new CfnRoute(this, 'OutboundDefault', {
      routeTableId: this.sites.internet.routeTableId,
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
    const { vpc, routeTableId } = this.sites.none
    this.#gateway(
      ['Layers', 's3', vpc, [routeTableId]],
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
    this.#gateway(
      ['Tables', 'dynamodb', this.vpc, this.routerRouteTableIds],
      { actions: ['dynamodb:GetItem', 'dynamodb:Query'], resources: [main] },
      { actions: ['dynamodb:DeleteItem', 'dynamodb:UpdateItem'], resources: [`${main}-short`] },
    )
  }

  #gateway(
    [id, service, { vpcId }, routeTableIds]: readonly [string, string, Vpc, readonly string[]],
    ...allowed: readonly PolicyStatementProps[]
  ): void {
    new CfnVPCEndpoint(this, id, {
      vpcId,
      vpcEndpointType: 'Gateway',
      serviceName: `com.amazonaws.${Aws.REGION}.${service}`,
      routeTableIds: [...routeTableIds],
      policyDocument: new PolicyDocument({
        statements: allowed.map((statement) => new PolicyStatement({ ...statement, principals: [new AnyPrincipal()] })),
      }),
    })
  }
}
