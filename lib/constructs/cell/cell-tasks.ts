import { Stack } from 'aws-cdk-lib'
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets'
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import type { LogGroup } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import type { Names } from '../../../cloud/names.ts'
import { monthLog } from '../../deployment.ts'
import { addGrants } from '../control/permissions/grant.ts'

/** A role that ECS, and never a task, assumes to start tasks of this account. */
const roleOfEcs = (scope: Construct, { cellRolePath }: Names, description: string): Role => {
  const { partition, region, account } = Stack.of(scope)
  const conditions = {
    StringEquals: { 'aws:SourceAccount': account },
    ArnLike: { 'aws:SourceArn': `arn:${partition}:ecs:${region}:${account}:*` },
  }
  const assumedBy = new ServicePrincipal('ecs-tasks.amazonaws.com', { conditions })
  return new Role(scope, 'Role', { path: cellRolePath, description, assumedBy })
}

interface ExecutionRoleProps {
  readonly names: Names
  readonly cell: string
  /** Encrypts the secrets of sites. */
  readonly dataKey: IKey
}

/** With it ECS, and never a site, pulls images, writes logs and reads the secrets that it hands to containers. */
export class ExecutionRole extends Construct {
  readonly role: Role

  constructor(scope: Construct, id: string, { names, cell, dataKey }: ExecutionRoleProps) {
    super(scope, id)
    const { partition, region, account } = Stack.of(this)
    const arn = (service: string, resource: string) => `arn:${partition}:${service}:${region}:${account}:${resource}`
    this.role = roleOfEcs(this, names, `Starts the sites of cell ${cell}`)
    const parameters = arn('ssm', `parameter${names.siteParameters}/*`)
    addGrants(this.role, [
      { actions: ['ecr:GetAuthorizationToken'], resources: ['*'], because: 'A token is for all repositories.' },
      {
        actions: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
        resources: [arn('ecr', `repository/${names.siteRepository('*', '*')}`)],
        because: 'Sites of whatever blueprint run in a cell.',
      },
      {
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [arn('logs', `log-group:${names.siteLogGroup(cell)}:log-stream:*`)],
        because: 'Each container has a log stream of its own.',
      },
      {
        actions: ['ssm:GetParameters'],
        resources: [parameters],
        because: 'Each site has parameters of its own, which a site itself cannot read.',
      },
      {
        actions: ['kms:Decrypt'],
        resources: [dataKey.keyArn],
        // Parameter Store says which parameter it decrypts.
        conditions: {
          StringEquals: { 'kms:ViaService': `ssm.${region}.amazonaws.com` },
          StringLike: { 'kms:EncryptionContext:PARAMETER_ARN': parameters },
        },
      },
    ])
  }
}

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
    this.logGroup = monthLog(this, 'Logs', names.archiverLogGroup(cell))
    this.executionRole = roleOfEcs(this, names, `Starts the archiver of cell ${cell}`)
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
