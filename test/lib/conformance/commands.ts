import type { Capability } from '../../../lambdas/_runtime/ports.ts'

interface CommandNeeds {
  /** What IAM asks whether the caller may do. */
  readonly actions: readonly string[]
  /** Whose adapters send it. */
  readonly by: readonly Capability[]
}

const starts: readonly Capability[] = ['runtime:start']
const runs: readonly Capability[] = ['runtime:run']
const removes: readonly Capability[] = ['runtime:remove']
const stops: readonly Capability[] = ['runtime:stop']
const reads: readonly Capability[] = ['runtime:read']
const observes: readonly Capability[] = ['runtime:observe']
const archives: readonly Capability[] = ['archiver:run']
const clears: readonly Capability[] = ['leftovers:remove']
const serves: readonly Capability[] = ['domains:serve']
const makesAccessPoints: readonly Capability[] = ['runtime:run', 'runtime:start', 'storage:prepare', 'archiver:run']
const reports: readonly Capability[] = ['reports:write']
const readsReports: readonly Capability[] = ['reports:read', ...reports]
const completes: readonly Capability[] = ['jobs:complete']
const findsCells: readonly Capability[] = [
  'jobs:complete',
  'archiver:run',
  'runtime:observe',
  'runtime:read',
  'runtime:run',
  'runtime:start',
  'runtime:remove',
  'runtime:stop',
  'storage:prepare',
  'storage:remove',
]

/**
 * Every command that an adapter sends to AWS on behalf of a function, by the SDK's name for it or for its paginator. What
 * concerns items of tables is by key and in another test.
 */
export const commands: Readonly<Record<string, CommandNeeds>> = {
  AdminGetUserCommand: { actions: ['cognito-idp:AdminGetUser'], by: ['operators:verify'] },
  AdminListGroupsForUserCommand: { actions: ['cognito-idp:AdminListGroupsForUser'], by: ['operators:verify'] },
  DescribeUserPoolClientCommand: { actions: ['cognito-idp:DescribeUserPoolClient'], by: ['operators:sign-in'] },
  CreateServiceCommand: { actions: ['ecs:CreateService', 'ecs:TagResource', 'iam:PassRole'], by: starts },
  TagResourceCommand: { actions: ['ecs:TagResource'], by: starts },
  UpdateServiceCommand: { actions: ['ecs:UpdateService'], by: [...starts, ...runs, ...stops] },
  DescribeServicesCommand: {
    actions: ['ecs:DescribeServices'],
    by: [...reads, ...starts, ...runs, ...stops, ...removes],
  },
  DeleteServiceCommand: { actions: ['ecs:DeleteService'], by: removes },
  paginateListServices: { actions: ['ecs:ListServices'], by: reads },
  paginateListTasks: {
    actions: ['ecs:ListTasks'],
    by: [...reads, ...observes, ...starts, ...runs, ...stops, ...removes, ...archives],
  },
  ListTasksCommand: { actions: ['ecs:ListTasks'], by: [...archives, ...completes] },
  DescribeTasksCommand: {
    actions: ['ecs:DescribeTasks'],
    by: [...reads, ...observes, ...starts, ...runs, ...stops, ...removes, ...archives],
  },
  GetLogEventsCommand: { actions: ['logs:GetLogEvents'], by: [...observes, ...runs] },
  RunTaskCommand: { actions: ['ecs:RunTask', 'iam:PassRole'], by: [...runs, ...archives] },
  StopTaskCommand: { actions: ['ecs:StopTask'], by: [...runs, ...stops, ...removes] },
  RegisterTaskDefinitionCommand: {
    actions: ['ecs:RegisterTaskDefinition', 'ecs:TagResource', 'iam:PassRole'],
    by: [...starts, ...runs, ...archives],
  },
  DescribeTaskDefinitionCommand: { actions: ['ecs:DescribeTaskDefinition'], by: [...starts, ...runs, ...archives] },
  paginateListTaskDefinitionFamilies: { actions: ['ecs:ListTaskDefinitionFamilies'], by: [...removes, ...clears] },
  paginateListTaskDefinitions: {
    actions: ['ecs:ListTaskDefinitions'],
    by: [...starts, ...runs, ...removes, ...archives, ...clears],
  },
  DeregisterTaskDefinitionCommand: {
    actions: ['ecs:DeregisterTaskDefinition'],
    by: [...starts, ...runs, ...removes, ...archives, ...clears],
  },
  DeleteTaskDefinitionsCommand: {
    actions: ['ecs:DeleteTaskDefinitions'],
    by: [...runs, ...removes, ...archives, ...clears],
  },
  CreateAccessPointCommand: {
    actions: ['elasticfilesystem:CreateAccessPoint', 'elasticfilesystem:TagResource'],
    by: makesAccessPoints,
  },
  DescribeAccessPointsCommand: { actions: ['elasticfilesystem:DescribeAccessPoints'], by: makesAccessPoints },
  paginateDescribeAccessPoints: { actions: ['elasticfilesystem:DescribeAccessPoints'], by: ['storage:remove'] },
  DeleteAccessPointCommand: { actions: ['elasticfilesystem:DeleteAccessPoint'], by: ['storage:remove'] },
  CreateRoleCommand: { actions: ['iam:CreateRole', 'iam:TagRole'], by: [...starts, ...runs, ...archives] },
  PutRolePolicyCommand: { actions: ['iam:PutRolePolicy'], by: [...starts, ...runs, ...archives] },
  GetRoleCommand: { actions: ['iam:GetRole'], by: [...archives, ...clears] },
  TagRoleCommand: { actions: ['iam:TagRole'], by: archives },
  paginateListRoles: { actions: ['iam:ListRoles'], by: clears },
  paginateListRolePolicies: { actions: ['iam:ListRolePolicies'], by: [...removes, ...archives, ...clears] },
  DeleteRolePolicyCommand: { actions: ['iam:DeleteRolePolicy'], by: [...removes, ...archives, ...clears] },
  DeleteRoleCommand: { actions: ['iam:DeleteRole'], by: [...removes, ...archives, ...clears] },
  PutParameterCommand: {
    actions: ['ssm:PutParameter', 'ssm:AddTagsToResource', 'kms:Encrypt'],
    by: [...starts, ...runs],
  },
  paginateGetParametersByPath: { actions: ['ssm:GetParametersByPath'], by: findsCells },
  paginateDescribeParameters: { actions: ['ssm:DescribeParameters'], by: clears },
  DeleteParametersCommand: { actions: ['ssm:DeleteParameters'], by: [...starts, ...runs, ...removes, ...clears] },
  AssumeRoleCommand: { actions: ['sts:AssumeRole'], by: ['software:own'] },
  BatchDeleteImageCommand: { actions: ['ecr:BatchDeleteImage'], by: ['software:own'] },
  BatchGetImageCommand: { actions: ['ecr:BatchGetImage'], by: ['software:own'] },
  CreateRepositoryCommand: { actions: ['ecr:CreateRepository', 'ecr:TagResource'], by: ['software:own'] },
  DeleteRepositoryCommand: { actions: ['ecr:DeleteRepository'], by: ['software:remove'] },
  // By the session of the role for pushing.
  GetAuthorizationTokenCommand: { actions: [], by: ['software:own'] },
  GetDownloadUrlForLayerCommand: { actions: ['ecr:GetDownloadUrlForLayer'], by: ['software:own'] },
  DescribeImagesCommand: { actions: ['ecr:DescribeImages'], by: ['images:require'] },
  paginateDescribeImages: { actions: ['ecr:DescribeImages'], by: ['software:own'] },
  EncryptCommand: { actions: ['kms:Encrypt'], by: ['secrets:seal'] },
  DecryptCommand: { actions: ['kms:Decrypt'], by: ['secrets:open'] },
  GetPublicKeyCommand: { actions: ['kms:GetPublicKey'], by: [...starts, ...runs, 'domains:check'] },
  GetSecretValueCommand: {
    actions: ['secretsmanager:GetSecretValue'],
    by: [
      'secrets:read',
      'signup-mails:send',
      'signups:write',
      'runtime:probe',
      'payments:call',
      'payments:note',
      'webhooks:manage',
      'webhooks:send',
    ],
  },
  SendMessageCommand: { actions: ['sqs:SendMessage'], by: ['bus:publish'] },
  PutEventsCommand: { actions: ['events:PutEvents'], by: ['bus:publish'] },
  SendEmailCommand: { actions: ['ses:SendEmail'], by: ['mail:send'] },
  StartExecutionCommand: { actions: ['states:StartExecution'], by: ['workflows:start'] },
  DescribeExecutionCommand: { actions: ['states:DescribeExecution'], by: ['workflows:start'] },
  SendTaskSuccessCommand: { actions: ['states:SendTaskSuccess'], by: completes },
  SendTaskFailureCommand: { actions: ['states:SendTaskFailure'], by: completes },
  GetObjectCommand: {
    actions: ['s3:GetObject', 's3:ListBucket', 'kms:Decrypt'],
    by: [...archives, ...completes, ...readsReports],
  },
  PutObjectCommand: { actions: ['s3:PutObject', 'kms:GenerateDataKey'], by: [...archives, ...reports] },
  ListObjectsV2Command: {
    actions: ['s3:ListBucket'],
    by: [...archives, ...readsReports, 'archives:remove', 'archives:list'],
  },
  paginateListObjectsV2: {
    actions: ['s3:ListBucket'],
    by: [...archives, ...readsReports, 'archives:remove', 'archives:list'],
  },
  DeleteObjectCommand: { actions: ['s3:DeleteObject'], by: ['archives:remove', ...reports] },
  // CloudFront asks ACM in its caller's name.
  CreateDistributionTenantCommand: {
    actions: ['cloudfront:CreateDistributionTenant', 'cloudfront:TagResource', 'acm:RequestCertificate'],
    by: serves,
  },
  paginateListDistributionTenants: { actions: ['cloudfront:ListDistributionTenants'], by: serves },
  GetDistributionTenantCommand: { actions: ['cloudfront:GetDistributionTenant'], by: serves },
  UpdateDistributionTenantCommand: {
    actions: ['cloudfront:UpdateDistributionTenant', 'acm:RequestCertificate', 'acm:DescribeCertificate'],
    by: serves,
  },
  GetManagedCertificateDetailsCommand: {
    actions: ['cloudfront:GetManagedCertificateDetails', 'acm:DescribeCertificate'],
    by: serves,
  },
  DeleteDistributionTenantCommand: { actions: ['cloudfront:DeleteDistributionTenant'], by: serves },
}

/** The permissions that no command of ours uses. */
export const withoutCommand: Readonly<Partial<Record<Capability, readonly string[]>>> = {
  // A person who follows a link does what its maker may.
  'archives:link': ['s3:GetObject', 'kms:Decrypt'],
  'archives:upload': ['s3:PutObject', 'kms:GenerateDataKey'],
}

/** Sent by what is no function: why no permission of the manifest allows them. */
export const notOfFunctions: Readonly<Record<string, string>> = {
  InvokeCommand: 'Routers have sites woken.',
  GetParameterCommand: 'Routers read their settings.',
  SignCommand: 'Routers certify their keys of the day.',
  CreateMultipartUploadCommand: 'The tasks of archiving jobs upload archives.',
  UploadPartCommand: 'The tasks of archiving jobs upload archives.',
  CompleteMultipartUploadCommand: 'The tasks of archiving jobs upload archives.',
  AbortMultipartUploadCommand: 'The tasks of archiving jobs upload archives.',
}
