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
  type IVpc,
  type SubnetConfiguration,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2'
import { AnyPrincipal, PolicyDocument, PolicyStatement, type PolicyStatementProps } from 'aws-cdk-lib/aws-iam'
import {
  CfnFirewallDomainList,
  CfnFirewallRuleGroup,
  CfnFirewallRuleGroupAssociation,
} from 'aws-cdk-lib/aws-route53resolver'
import type { IBucket } from 'aws-cdk-lib/aws-s3'
import { Construct } from 'constructs'
import type { Names } from '../../../cloud/names.ts'
import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import { subnetsOf } from '../../../core/config/stage.ts'
import { monthLog } from '../../deployment.ts'
import { ClosedSecurityGroup } from './security-groups.ts'
import { ServiceEndpoints } from './service-endpoints.ts'

interface DnsFirewallProps {
  readonly vpc: IVpc
  readonly names: Pick<Names, 'installation'>
  readonly archives: IBucket
}

/**
 * Makes the resolver of a VPC answer only for the names that start a task and archive a site. Each is a whole name of an AWS
 * service, so a site cannot carry data out in a name: only AWS answers below `efs`, and those names exist only within a VPC.
 * Security groups and network ACLs do not apply to the resolver. Source: the Amazon VPC User Guide, "Amazon DNS attributes".
 */
class DnsFirewall extends Construct {
  constructor(scope: Construct, id: string, { vpc, names, archives }: DnsFirewallProps) {
    super(scope, id)
    const { region, account } = Stack.of(this)
    const { vpcId } = vpc
    const ofRegion = `${region}.amazonaws.com`
    const list = (name: string, domains: string[]): string =>
      new CfnFirewallDomainList(this, name, { name: `${names.installation}-${name.toLowerCase()}`, domains }).attrId
    const needed = list('Needed', [
      `api.ecr.${ofRegion}`,
      `${account}.dkr.ecr.${ofRegion}`,
      `logs.${ofRegion}`,
      `ssm.${ofRegion}`,
      `*.efs.${ofRegion}`,
      `prod-${region}-starport-layer-bucket.s3.${ofRegion}`,
      archives.bucketRegionalDomainName,
    ])
    const rules = new CfnFirewallRuleGroup(this, 'Rules', {
      name: `${names.installation}-isolated`,
      firewallRules: [
        {
          priority: 1,
          action: 'ALLOW',
          firewallDomainListId: needed,
          // Names of buckets and endpoints are aliases; AWS decides where they point.
          firewallDomainRedirectionAction: 'TRUST_REDIRECTION_DOMAIN',
        },
        { priority: 2, action: 'BLOCK', blockResponse: 'NODATA', firewallDomainListId: list('Everything', ['*']) },
      ],
    })
    // While the firewall does not answer, the resolver answers nothing: a VPC is made with FirewallFailOpen DISABLED.
    new CfnFirewallRuleGroupAssociation(this, 'Association', {
      name: `${names.installation}-isolated`,
      vpcId,
      firewallRuleGroupId: rules.attrId,
      priority: 101,
    })
  }
}

interface NetworkProps {
  readonly names: Names
  /** The addresses of routers and endpoints; cells have their own. */
  readonly cidr: string
  readonly zones: readonly string[]
  readonly endpointZones: readonly string[]
  readonly archives: IBucket
}

/** The zones that a stage can have. Addresses for all are reserved, so that adding a zone moves nothing. */
const mostZones = 3

/** Where sites of one kind of `outbound` are. */
interface SiteNetwork {
  readonly vpc: Vpc
  /** For subnets of cells. */
  readonly routeTableId: string
}

/** By what sites may reach. */
export type SiteNetworks = Readonly<Record<Blueprint['outbound'], SiteNetwork>>

/**
 * Two VPCs without a NAT gateway. Routers and sites with internet access are in one, where tasks have public addresses. Sites without
 * it are in the other, which has no route to the internet and whose resolver answers for a few names only. A resolver's firewall
 * applies to a whole VPC (docs/adr/0047-networks-on-aws.md).
 */
export class Network extends Construct {
  readonly sites: SiteNetworks
  /** The VPC of the load balancer and the routers. */
  readonly vpc: Vpc
  readonly peeringId: string
  readonly routerRouteTableIds: readonly string[]
  /** The group of the endpoints through which tasks without internet access reach AWS; the stacks of their users admit them. */
  readonly endpointsSecurityGroup: ISecurityGroup

  constructor(scope: Construct, id: string, { names, cidr, zones, endpointZones, archives }: NetworkProps) {
    super(scope, id)
    const [edgeCidr = cidr, isolatedCidr = cidr] = subnetsOf(cidr, 1)
    const vpc = (vpcId: string, vpcName: string, addresses: string, subnets: SubnetConfiguration): Vpc =>
      new Vpc(this, vpcId, {
        vpcName,
        ipAddresses: IpAddresses.cidr(addresses),
        maxAzs: zones.length,
        reservedAzs: mostZones - zones.length,
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
      zones: endpointZones,
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
    this.#leadToRouters(edgeCidr)
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

  /** For the answers of sites; each cell adds the routes to its own addresses. */
  #leadToRouters(destinationCidrBlock: string): void {
    const { routeTableId } = this.sites.none
    new CfnRoute(this, 'ToRouters', { routeTableId, destinationCidrBlock, vpcPeeringConnectionId: this.peeringId })
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
      this.sites.none.vpc,
      [this.sites.none.routeTableId],
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
      'Tables',
      'dynamodb',
      this.vpc,
      this.routerRouteTableIds,
      { actions: ['dynamodb:GetItem', 'dynamodb:Query'], resources: [main] },
      { actions: ['dynamodb:DeleteItem', 'dynamodb:UpdateItem'], resources: [`${main}-short`] },
    )
  }

  #gateway(
    id: string,
    service: string,
    { vpcId }: Vpc,
    routeTableIds: readonly string[],
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
