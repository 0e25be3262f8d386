import { Stack } from 'aws-cdk-lib'
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets'
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import type { LogGroup } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import type { Names } from '../../../cloud/names.ts'
import { monthLog } from '../../deployment.ts'
import { addGrants, type Grant } from '../control/permissions/grant.ts'

/** A role that ECS assumes to start tasks of this account; tasks never assume it. */
const roleOfEcs = (scope: Construct, { cellRolePath }: Names, description: string): Role => {
  const { partition, region, account } = Stack.of(scope)
  const conditions = {
    StringEquals: { 'aws:SourceAccount': account },
    ArnLike: { 'aws:SourceArn': `arn:${partition}:ecs:${region}:${account}:*` },
  }
  const assumedBy = new ServicePrincipal('ecs-tasks.amazonaws.com', { conditions })
  return new Role(scope, 'Role', { path: cellRolePath, description, assumedBy })
}

/** What pulls images from these repositories. @param because why their names have wildcards. */
const pulling = (repositories: readonly string[], because?: string): readonly Grant[] => [
  { actions: ['ecr:GetAuthorizationToken'], resources: ['*'], because: 'A token is for all repositories.' },
  {
    actions: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
    resources: repositories,
    ...(because !== undefined && { because }),
  },
]

interface ExecutionRoleProps {
  readonly names: Names
  readonly cell: string
  readonly dataKey: IKey
  readonly helperImageArn: string
}

/** With it ECS pulls images, writes logs and reads the secrets for containers; sites never have it. */
export class ExecutionRole extends Construct {
  readonly role: Role

  constructor(scope: Construct, id: string, { names, cell, dataKey, helperImageArn }: ExecutionRoleProps) {
    super(scope, id)
    const { partition, region, account } = Stack.of(this)
    const arn = (service: string, resource: string) => `arn:${partition}:${service}:${region}:${account}:${resource}`
    this.role = roleOfEcs(this, names, `Starts the sites of cell ${cell}`)
    const parameters = arn('ssm', `parameter${names.siteParameters}/*`)
    const images = [names.blueprintRepository, names.ownRepository('*')]
    addGrants(this.role, [
      ...pulling(
        [...images.map((image) => arn('ecr', `repository/${image}`)), helperImageArn],
        'A cell runs sites of any blueprint.',
      ),
      {
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [arn('logs', `log-group:${names.siteLogGroup(cell)}:log-stream:*`)],
        because: 'Each container has its own log stream.',
      },
      {
        actions: ['ssm:GetParameters'],
        resources: [parameters],
        because: 'Each site has its own parameters, which the site itself cannot read.',
      },
      {
        actions: ['kms:Decrypt'],
        resources: [dataKey.keyArn],
        // Parameter Store adds the parameter's ARN to the encryption context.
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
  readonly root: string
}

/**
 * The shared resources of a cell's archiver. The role and definition of each job are created at run time
 * (docs/adr/0023-the-archiver-on-aws.md).
 */
export class CellArchiver extends Construct {
  readonly imageUri: string
  readonly logGroup: LogGroup
  /** With it ECS pulls the image and writes logs; jobs never have it. */
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
      ...pulling([image.repository.repositoryArn]),
      {
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [
          `arn:${partition}:logs:${region}:${account}:log-group:${names.archiverLogGroup(cell)}:log-stream:*`,
        ],
        because: 'Each task has its own log stream.',
      },
    ])
  }
}
