import { RemovalPolicy, Stack } from 'aws-cdk-lib'
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets'
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import type { Names } from '../../../cloud/names.ts'
import { addGrants } from '../control/permissions/grant.ts'

interface CellArchiverProps {
  readonly names: Names
  readonly cell: string
  /** The repository, absolute: what the image is built from. */
  readonly root: string
}

/**
 * What the tasks of a cell's archiver are made of. Their own roles and definitions are made at run time, one for each job
 * (docs/adr/0023-the-archiver-on-aws.md).
 */
export class CellArchiver extends Construct {
  readonly imageUri: string
  readonly logGroup: LogGroup
  /** With it ECS, and never a job, pulls the image and writes logs. */
  readonly executionRole: Role

  constructor(scope: Construct, id: string, { names, cell, root }: CellArchiverProps) {
    super(scope, id)
    const { partition, region, account } = Stack.of(this)
    const image = new DockerImageAsset(this, 'Image', {
      assetName: `archiver-${cell}`,
      directory: root,
      file: 'cloud/archiver/Dockerfile',
      platform: Platform.LINUX_ARM64,
    })
    this.imageUri = image.imageUri
    this.logGroup = new LogGroup(this, 'Logs', {
      logGroupName: names.archiverLogGroup(cell),
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    this.executionRole = new Role(this, 'Role', {
      path: names.cellRolePath,
      description: `Starts the archiver of cell ${cell}`,
      assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': account },
          ArnLike: { 'aws:SourceArn': `arn:${partition}:ecs:${region}:${account}:*` },
        },
      }),
    })
    addGrants(this.executionRole, [
      { actions: ['ecr:GetAuthorizationToken'], resources: ['*'], because: 'A token is for all repositories.' },
      {
        actions: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
        resources: [image.repository.repositoryArn],
      },
      {
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [
          `arn:${partition}:logs:${region}:${account}:log-group:${names.archiverLogGroup(cell)}:log-stream:*`,
        ],
        because: 'Each task has a log stream of its own.',
      },
    ])
  }
}
