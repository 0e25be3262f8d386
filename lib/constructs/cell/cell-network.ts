import { RemovalPolicy, Stack } from 'aws-cdk-lib'
import {
  CfnRoute,
  CfnSubnet,
  CfnSubnetRouteTableAssociation,
  CfnVPCCidrBlock,
  type ISecurityGroup,
  type ISubnet,
  type IVpc,
  Peer,
  Port,
  type SecurityGroup,
  Subnet,
} from 'aws-cdk-lib/aws-ec2'
import {
  CfnMountTarget,
  FileSystem,
  LifecyclePolicy,
  OutOfInfrequentAccessPolicy,
  ThroughputMode,
} from 'aws-cdk-lib/aws-efs'
import { PolicyDocument } from 'aws-cdk-lib/aws-iam'
import { ARecord, PrivateHostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53'
import { Construct } from 'constructs'
import { fileSystemPolicy } from '../../../adapters/iam/site-policies.ts'
import { sitePortRange } from '../../../adapters/ssm/cell-description.ts'
import { subnetsOf } from '../../../core/config/stage.ts'
import type { Network, SiteNetworks } from '../edge/network.ts'
import { ClosedSecurityGroup } from '../edge/security-groups.ts'

interface SiteFilesProps {
  readonly name: string
  readonly networks: SiteNetworks
  /** One for each zone, of sites without internet access: a file system is in one VPC. */
  readonly subnets: readonly ISubnet[]
  readonly securityGroup: ISecurityGroup
}

/** The data directories of a cell's sites. Sites with internet access mount them through the peering. */
export class SiteFiles extends Construct {
  readonly fileSystem: FileSystem

  constructor(scope: Construct, id: string, { name, networks, subnets, securityGroup }: SiteFilesProps) {
    super(scope, id)
    this.fileSystem = new FileSystem(this, 'FileSystem', {
      fileSystemName: name,
      vpc: networks.none.vpc,
      vpcSubnets: { subnets: [...subnets] },
      securityGroup,
      encrypted: true,
      enableAutomaticBackups: true,
      throughputMode: ThroughputMode.ELASTIC,
      lifecyclePolicy: LifecyclePolicy.AFTER_30_DAYS,
      outOfInfrequentAccessPolicy: OutOfInfrequentAccessPolicy.AFTER_1_ACCESS,
      // Only our policy: the statement that the CDK would add against anonymous clients lets everybody write.
      allowAnonymousAccess: true,
      fileSystemPolicy: PolicyDocument.fromJson(fileSystemPolicy()),
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    })
    this.#nameFor(networks.internet.vpc)
  }

  /**
   * Makes the file system's name known in the other VPC, because Fargate mounts by name only. Source: the Amazon EFS User Guide,
   * "Mounting EFS file systems from another VPC".
   */
  #nameFor(vpc: IVpc): void {
    const addresses = this.fileSystem.node
      .findAll()
      .filter((child) => CfnMountTarget.isCfnMountTarget(child))
      .map(({ attrIpAddress }) => attrIpAddress)
    const zoneName = `${this.fileSystem.fileSystemId}.efs.${Stack.of(this).region}.amazonaws.com`
    new ARecord(this, 'Address', {
      zone: new PrivateHostedZone(this, 'Zone', { zoneName, vpc, comment: 'Mount targets behind the peering' }),
      target: RecordTarget.fromIpAddresses(...addresses),
    })
  }
}

interface SiteSecurityProps {
  readonly networks: SiteNetworks
  readonly routers: ISecurityGroup
  readonly endpoints: ISecurityGroup
  /** S3's addresses, for the bucket of image layers. */
  readonly s3PrefixListId: string
}

/** Every site has its own port in this range. */
const sitePorts = Port.tcpRange(sitePortRange.first, sitePortRange.last)

/**
 * The security groups of a cell. Routers reach sites; sites reach the file system and what ECS needs to start them; no site
 * reaches another. A rule may name a group of the peered VPC, as both are in one region and account. Source: the Amazon VPC Peering
 * Guide, "Update your security groups to reference peer security groups".
 */
export class SiteSecurity extends Construct {
  readonly none: SecurityGroup
  /** For sites whose blueprint requires the internet. */
  readonly internet: SecurityGroup
  readonly files: SecurityGroup
  /** For tasks that archive sites: nobody can connect to them. */
  readonly archiver: SecurityGroup

  constructor(scope: Construct, id: string, props: SiteSecurityProps) {
    super(scope, id)
    const { none, internet } = props.networks
    const group = (name: string, description: string, { vpc } = none): SecurityGroup =>
      new ClosedSecurityGroup(this, name, { vpc, description })

    this.files = group('Files', 'The file system that holds the data of sites')
    this.none = group('None', 'Sites without a way out')
    this.internet = group('Internet', 'Sites that may reach the internet', internet)
    this.archiver = group('Archiver', 'Tasks that archive sites')
    this.archiver.connections.allowTo(this.files, Port.tcp(2049), 'the data directory of one site')
    this.archiver.connections.allowTo(props.endpoints, Port.tcp(443), 'image and logs')
    this.archiver.addEgressRule(Peer.prefixList(props.s3PrefixListId), Port.tcp(443), 'image layers and archives')
    for (const sites of [this.none, this.internet]) {
      sites.connections.allowFrom(props.routers, sitePorts, 'visitors, through routers')
      sites.connections.allowTo(this.files, Port.tcp(2049), 'data directory')
    }
    this.none.connections.allowTo(props.endpoints, Port.tcp(443), 'images, logs and parameters')
    this.none.addEgressRule(Peer.prefixList(props.s3PrefixListId), Port.tcp(443), 'image layers')
    this.internet.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'the internet, as the blueprint asks')
    this.internet.addEgressRule(Peer.anyIpv4(), Port.tcp(80), 'the internet, as the blueprint asks')
  }
}

interface CellSubnetsProps {
  readonly network: Pick<Network, 'peeringId' | 'routerRouteTableIds' | 'sites'>
  readonly cidr: string
  readonly zones: readonly string[]
  /** The subnets' names for people. */
  readonly name: string
}

/** Room for four zones of each kind, so that adding a zone later moves no existing subnet. */
const bitsForZones = 2

/**
 * A cell's own addresses: half in the VPC of sites without internet access, half in that of sites with it; in each half a subnet for
 * each zone. A subnet of a /17 has 4,091 addresses, and a cluster has at most 5,000 services.
 */
export class CellSubnets extends Construct {
  readonly none: readonly ISubnet[]
  readonly internet: readonly ISubnet[]

  constructor(scope: Construct, id: string, props: CellSubnetsProps) {
    super(scope, id)
    const { cidr, network } = props
    const [noneCidr = cidr, internetCidr = cidr] = subnetsOf(cidr, 1)
    const blocks = subnetsOf(cidr, bitsForZones + 1)
    this.none = this.#kind('none', noneCidr, blocks, props)
    this.internet = this.#kind('internet', internetCidr, blocks.slice(blocks.length / 2), props)
    // Routers reach sites without internet access; sites with it reach the file system, which is beside those without.
    const toNone = [...network.routerRouteTableIds, network.sites.internet.routeTableId]
    for (const [index, routeTableId] of toNone.entries()) this.#route(`ToNone${index}`, routeTableId, noneCidr, props)
    this.#route('ToInternet', network.sites.none.routeTableId, internetCidr, props)
  }

  #kind(
    outbound: keyof SiteNetworks,
    cidrBlock: string,
    blocks: readonly string[],
    { network, zones, name }: CellSubnetsProps,
  ): readonly ISubnet[] {
    const { vpc, routeTableId } = network.sites[outbound]
    const { vpcId } = vpc
    const block = new CfnVPCCidrBlock(this, `${outbound}.Addresses`, { vpcId, cidrBlock })
    return zones.map((zone, index) => {
      const letter = zone.slice(-1)
      const subnet = new CfnSubnet(this, `${outbound}.${letter}`, {
        vpcId,
        availabilityZone: zone,
        cidrBlock: blocks[index] ?? cidrBlock,
        mapPublicIpOnLaunch: false,
        tags: [{ key: 'Name', value: `${name}/${outbound}/${letter}` }],
      })
      subnet.node.addDependency(block)
      new CfnSubnetRouteTableAssociation(this, `${outbound}.${letter}.Routes`, {
        subnetId: subnet.attrSubnetId,
        routeTableId,
      })
      return Subnet.fromSubnetAttributes(this, `${outbound}.${letter}.Subnet`, {
        subnetId: subnet.attrSubnetId,
        availabilityZone: zone,
        routeTableId,
      })
    })
  }

  #route(id: string, routeTableId: string, destinationCidrBlock: string, { network }: CellSubnetsProps): void {
    new CfnRoute(this, id, { routeTableId, destinationCidrBlock, vpcPeeringConnectionId: network.peeringId })
  }
}
