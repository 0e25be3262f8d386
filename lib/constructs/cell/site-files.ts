import { RemovalPolicy } from 'aws-cdk-lib'
import type { ISecurityGroup, ISubnet, IVpc } from 'aws-cdk-lib/aws-ec2'
import { FileSystem, LifecyclePolicy, OutOfInfrequentAccessPolicy, ThroughputMode } from 'aws-cdk-lib/aws-efs'
import { PolicyDocument } from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'
import { fileSystemPolicy } from '../../../adapters/iam/site-policies.ts'

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
      // Ours alone: what the CDK would add to keep anonymous clients out lets everybody write.
      allowAnonymousAccess: true,
      fileSystemPolicy: PolicyDocument.fromJson(fileSystemPolicy()),
      removalPolicy: RemovalPolicy.RETAIN,
    })
  }
}
