import { Tags, Validations } from 'aws-cdk-lib'
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets'
import { Cluster, ContainerInsights } from 'aws-cdk-lib/aws-ecs'
import { StringParameter } from 'aws-cdk-lib/aws-ssm'
import type { Construct } from 'constructs'
import type { CellDescription } from '../../adapters/ssm/cell-description.ts'
import { tags } from '../../cloud/names.ts'
import type { Stage } from '../../core/config/stage.ts'
import { watchCell } from '../constructs/cell/cell-alarms.ts'
import { CellSubnets, SiteFiles, SiteSecurity } from '../constructs/cell/cell-network.ts'
import { CellArchiver, ExecutionRole } from '../constructs/cell/cell-tasks.ts'
import { Alarms } from '../constructs/watch/alarms.ts'
import { acknowledgeZones, type Deployment, monthLog, StageStack } from '../deployment.ts'
import type { DataStack } from './data-stack.ts'
import type { EdgeStack } from './edge-stack.ts'

interface CellStackProps {
  readonly cell: Stage['cells'][number]
  readonly data: DataStack
  readonly edge: EdgeStack
}

/** A cell runs sites. It describes itself in a parameter, and nothing else refers to it. */
export class CellStack extends StageStack {
  constructor(scope: Construct, deployment: Deployment, { cell, data, edge }: CellStackProps) {
    const { names, stage, root, siteHelper } = deployment
    super(scope, deployment, `cell-${cell.name}`, { description: `Sitewright: cell ${cell.name}, where sites run` })
    const name = names.cluster(cell.name)
    acknowledgeZones(this)
    const subnets = new CellSubnets(this, 'Subnets', {
      name,
      network: edge.network,
      cidr: cell.cidr,
      zones: stage.availabilityZones,
    })
    const security = new SiteSecurity(this, 'Security', {
      networks: edge.network.sites,
      routers: edge.routerSecurityGroup,
      endpoints: edge.network.endpointsSecurityGroup,
      s3PrefixListId: edge.s3PrefixListId,
    })
    const cluster = new Cluster(this, 'Cluster', {
      vpc: edge.network.vpc,
      clusterName: name,
      enableFargateCapacityProviders: true,
      containerInsightsV2: ContainerInsights.DISABLED,
    })
    Validations.of(cluster).acknowledge({
      id: 'AwsSolutions-ECS4',
      reason: 'It bills metrics by service, and here every site is one: more than a trial itself costs (docs/cost.md).',
    })
    const files = new SiteFiles(this, 'Files', {
      name,
      networks: edge.network.sites,
      subnets: subnets.none,
      securityGroup: security.files,
    })
    // Functions may make access points only on what has it. Which resources get the tags of their stack depends on their type.
    Tags.of(files.fileSystem).add(tags.installation, names.installation)
    const logGroup = monthLog(this, 'Logs', names.siteLogGroup(cell.name))
    const archiver = new CellArchiver(this, 'Archiver', { names, cell: cell.name, root })
    const helper = new DockerImageAsset(this, 'Helper', {
      assetName: `site-helper-${cell.name}`,
      directory: siteHelper,
      platform: Platform.LINUX_ARM64,
    })
    const execution = new ExecutionRole(this, 'Execution', {
      names,
      cell: cell.name,
      dataKey: data.dataKey,
      helperImageArn: helper.repository.repositoryArn,
    })

    const idsOf = (kind: 'none' | 'internet') => subnets[kind].map(({ subnetId }) => subnetId)
    const description: CellDescription = {
      schemaVersion: 1,
      name: cell.name,
      clusterArn: cluster.clusterArn,
      fileSystemId: files.fileSystem.fileSystemId,
      fileSystemArn: files.fileSystem.fileSystemArn,
      subnets: { none: idsOf('none'), internet: idsOf('internet') },
      securityGroups: { none: security.none.securityGroupId, internet: security.internet.securityGroupId },
      executionRoleArn: execution.role.roleArn,
      permissionsBoundaryArn: `arn:${this.partition}:iam::${this.account}:policy/${names.siteBoundary}`,
      logGroup: logGroup.logGroupName,
      helperImage: helper.imageUri,
      archiver: {
        image: archiver.imageUri,
        executionRoleArn: archiver.executionRole.roleArn,
        securityGroup: security.archiver.securityGroupId,
        permissionsBoundaryArn: `arn:${this.partition}:iam::${this.account}:policy/${names.archiverBoundary}`,
        logGroup: archiver.logGroup.logGroupName,
        bucketArn: data.archiveBucket.bucketArn,
        keyArn: data.dataKey.keyArn,
      },
    }
    const parameter = new StringParameter(this, 'Description', {
      parameterName: names.cellParameter(cell.name),
      description: 'How functions find this cell',
      stringValue: this.toJsonString(description),
    })
    if (stage.profile === 'standard') {
      const alarms = new Alarms(this, 'Alarms', { names })
      watchCell(alarms, { cell, fileSystemId: files.fileSystem.fileSystemId, logs: logGroup })
    }
    // Functions that read the parameter may start sites at once.
    parameter.node.addDependency(files.fileSystem.mountTargetsAvailable, execution, archiver)
  }
}
