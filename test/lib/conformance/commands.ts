import type { Permission } from '../../../lib/constructs/control/permissions/permission.ts'

interface CommandNeeds {
  /** What IAM asks whether the caller may do. */
  readonly actions: readonly string[]
  /** Whose adapters send it. */
  readonly by: readonly Permission[]
}

const starts: readonly Permission[] = ['runtime:start']
const removes: readonly Permission[] = ['runtime:remove']
const reads: readonly Permission[] = ['runtime:read']
const makesAccessPoints: readonly Permission[] = ['runtime:start', 'storage:prepare']
const findsCells: readonly Permission[] = [
  'runtime:read',
  'runtime:start',
  'runtime:remove',
  'storage:prepare',
  'storage:remove',
]

/**
 * Every command that an adapter sends to AWS on behalf of a function, by the SDK's name for it or for its paginator. What
 * concerns items of tables is by key and in another test.
 */
export const commands: Readonly<Record<string, CommandNeeds>> = {
  CreateServiceCommand: { actions: ['ecs:CreateService', 'ecs:TagResource', 'iam:PassRole'], by: starts },
  UpdateServiceCommand: { actions: ['ecs:UpdateService'], by: starts },
  DescribeServicesCommand: { actions: ['ecs:DescribeServices'], by: [...starts, ...removes] },
  DeleteServiceCommand: { actions: ['ecs:DeleteService'], by: removes },
  paginateListServices: { actions: ['ecs:ListServices'], by: reads },
  paginateListTasks: { actions: ['ecs:ListTasks'], by: [...reads, ...starts, ...removes] },
  DescribeTasksCommand: { actions: ['ecs:DescribeTasks'], by: [...reads, ...starts, ...removes] },
  RegisterTaskDefinitionCommand: {
    actions: ['ecs:RegisterTaskDefinition', 'ecs:TagResource', 'iam:PassRole'],
    by: starts,
  },
  DescribeTaskDefinitionCommand: { actions: ['ecs:DescribeTaskDefinition'], by: starts },
  paginateListTaskDefinitions: { actions: ['ecs:ListTaskDefinitions'], by: [...starts, ...removes] },
  DeregisterTaskDefinitionCommand: { actions: ['ecs:DeregisterTaskDefinition'], by: [...starts, ...removes] },
  DeleteTaskDefinitionsCommand: { actions: ['ecs:DeleteTaskDefinitions'], by: removes },
  CreateAccessPointCommand: {
    actions: ['elasticfilesystem:CreateAccessPoint', 'elasticfilesystem:TagResource'],
    by: makesAccessPoints,
  },
  DescribeAccessPointsCommand: { actions: ['elasticfilesystem:DescribeAccessPoints'], by: makesAccessPoints },
  paginateDescribeAccessPoints: { actions: ['elasticfilesystem:DescribeAccessPoints'], by: ['storage:remove'] },
  DeleteAccessPointCommand: { actions: ['elasticfilesystem:DeleteAccessPoint'], by: ['storage:remove'] },
  CreateRoleCommand: { actions: ['iam:CreateRole', 'iam:TagRole'], by: starts },
  PutRolePolicyCommand: { actions: ['iam:PutRolePolicy'], by: starts },
  paginateListRolePolicies: { actions: ['iam:ListRolePolicies'], by: removes },
  DeleteRolePolicyCommand: { actions: ['iam:DeleteRolePolicy'], by: removes },
  DeleteRoleCommand: { actions: ['iam:DeleteRole'], by: removes },
  PutParameterCommand: { actions: ['ssm:PutParameter', 'ssm:AddTagsToResource', 'kms:Encrypt'], by: starts },
  paginateGetParametersByPath: { actions: ['ssm:GetParametersByPath'], by: findsCells },
  DeleteParametersCommand: { actions: ['ssm:DeleteParameters'], by: removes },
  GetPublicKeyCommand: { actions: ['kms:GetPublicKey'], by: starts },
  GetSecretValueCommand: {
    actions: ['secretsmanager:GetSecretValue'],
    by: ['secrets:read', 'signups:write', 'runtime:probe'],
  },
  PutEventsCommand: { actions: ['events:PutEvents'], by: ['bus:publish'] },
  SendEmailCommand: { actions: ['ses:SendEmail'], by: ['mail:send'] },
  StartExecutionCommand: { actions: ['states:StartExecution'], by: ['workflows:start'] },
  DescribeExecutionCommand: { actions: ['states:DescribeExecution'], by: ['workflows:start'] },
}

/** Sent by what is no function: why no permission of the manifest allows them. */
export const notOfFunctions: Readonly<Record<string, string>> = {
  SignCommand: 'Routers certify their keys of the day.',
  PutObjectCommand: 'Nothing archives yet.',
  GetObjectCommand: 'Nothing archives yet.',
  DeleteObjectCommand: 'Nothing archives yet.',
  ListObjectsV2Command: 'Nothing archives yet.',
  CreateMultipartUploadCommand: 'Nothing archives yet.',
  UploadPartCommand: 'Nothing archives yet.',
  CompleteMultipartUploadCommand: 'Nothing archives yet.',
  AbortMultipartUploadCommand: 'Nothing archives yet.',
}
