import { RemovalPolicy } from 'aws-cdk-lib'
import type { ISecurityGroup, ISubnet, IVpc, SecurityGroup } from 'aws-cdk-lib/aws-ec2'
import { Peer, Port } from 'aws-cdk-lib/aws-ec2'
import { FileSystem, LifecyclePolicy, OutOfInfrequentAccessPolicy, ThroughputMode } from 'aws-cdk-lib/aws-efs'
import { PolicyDocument } from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'
import { fileSystemPolicy } from '../../../adapters/iam/site-policies.ts'
import { sitePortRange } from '../../../adapters/ssm/cell-description.ts'
import { ClosedSecurityGroup } from '../edge/security-groups.ts'

interface SiteFilesProps {
  readonly name: string
  readonly vpc: IVpc
  /** One for each zone. */
  readonly subnets: readonly ISubnet[]
  readonly securityGroup: ISecurityGroup
}

/** The data directories of a cell's sites. */
export class SiteFiles extends Construct {
  readonly fileSystem: FileSystem

  constructor(scope: Construct, id: string, { name, vpc, subnets, securityGroup }: SiteFilesProps) {
    super(scope, id)
    this.fileSystem = new FileSystem(this, 'FileSystem', {
      fileSystemName: name,
      vpc,
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
      removalPolicy: RemovalPolicy.RETAIN,
    })
  }
}

interface SiteSecurityProps {
  readonly vpc: IVpc
  readonly routers: ISecurityGroup
  readonly endpoints: ISecurityGroup
  /** S3's addresses, for the bucket of image layers. */
  readonly s3PrefixListId: string
}

/** Every site has its own port in this range. */
const sitePorts = Port.tcpRange(sitePortRange.first, sitePortRange.last)

/**
 * The security groups of a cell. Routers reach sites; sites reach the file system and what ECS needs to start them; no site
 * reaches another. Names are always resolved: security groups do not apply to Amazon's resolver.
 */
export class SiteSecurity extends Construct {
  /** For sites without internet access. */
  readonly none: SecurityGroup
  /** For sites whose blueprint requires the internet. */
  readonly internet: SecurityGroup
  readonly files: SecurityGroup
  /** For tasks that archive sites: nobody can connect to them. */
  readonly archiver: SecurityGroup

  constructor(scope: Construct, id: string, props: SiteSecurityProps) {
    super(scope, id)
    const group = (name: string, description: string): SecurityGroup =>
      new ClosedSecurityGroup(this, name, { vpc: props.vpc, description })

    this.files = group('Files', 'The file system that holds the data of sites')
    this.none = group('None', 'Sites without a way out')
    this.internet = group('Internet', 'Sites that may reach the internet')
    this.archiver = group('Archiver', 'Tasks that archive sites')
    this.archiver.connections.allowTo(this.files, Port.tcp(2049), 'the data directory of one site')
    this.archiver.connections.allowTo(props.endpoints, Port.tcp(443), 'image and logs')
    this.archiver.addEgressRule(Peer.prefixList(props.s3PrefixListId), Port.tcp(443), 'image layers and archives')
    for (const sites of [this.none, this.internet]) {
      sites.connections.allowFrom(props.routers, sitePorts, 'visitors, through routers')
      sites.connections.allowTo(this.files, Port.tcp(2049), 'data directory')
      sites.connections.allowTo(props.endpoints, Port.tcp(443), 'images, logs and parameters')
    }
    this.none.addEgressRule(Peer.prefixList(props.s3PrefixListId), Port.tcp(443), 'image layers')
    this.internet.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'the internet, as the blueprint asks')
    this.internet.addEgressRule(Peer.anyIpv4(), Port.tcp(80), 'the internet, as the blueprint asks')
  }
}
