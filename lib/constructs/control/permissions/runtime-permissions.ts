import { tags } from '../../../../cloud/names.ts'
import type { Capability } from '../../../../lambdas/_runtime/ports.ts'
import type { Grant } from './grant.ts'
import type { Surroundings } from './surroundings.ts'

export const ofSites =
  'Sites come and go: what belongs to one is found by the prefix, path, cluster or tag that is theirs alone.'
export const noResource = 'The action takes no resource; where it takes a cluster as a condition, it is held to ours.'

export const resourcesOf = ({ names, cells, arn, globalArn }: Surroundings) => ({
  clusters: cells.map((cell) => arn('ecs', `cluster/${names.cluster(cell)}`)),
  services: cells.map((cell) => arn('ecs', `service/${names.cluster(cell)}/site_*`)),
  tasks: cells.map((cell) => arn('ecs', `task/${names.cluster(cell)}/*`)),
  taskDefinitions: arn('ecs', `task-definition/${names.installation}-site_*:*`),
  roles: globalArn('iam', `role${names.siteRolePath}*`),
  boundary: globalArn('iam', `policy/${names.siteBoundary}`),
  cellRoles: globalArn('iam', `role${names.cellRolePath}*`),
  jobDefinitions: arn('ecs', `task-definition/${names.installation}-archiver-site_*:*`),
  jobRoles: globalArn('iam', `role${names.archiverRolePath}*`),
  jobBoundary: globalArn('iam', `policy/${names.archiverBoundary}`),
  fileSystems: arn('elasticfilesystem', 'file-system/*'),
  accessPoints: arn('elasticfilesystem', 'access-point/*'),
  cellParameters: [arn('ssm', `parameter${names.cellParameters}`), arn('ssm', `parameter${names.cellParameters}/*`)],
  siteParameters: arn('ssm', `parameter${names.siteParameters}/*`),
})

/** Only what is ours, by the tag that it has, or is given in this very call. */
export const tagged = ({ names }: Surroundings, ...where: readonly ('RequestTag' | 'ResourceTag')[]) => ({
  StringEquals: Object.fromEntries(where.map((which) => [`aws:${which}/${tags.installation}`, names.installation])),
})

export const findCells = (surroundings: Surroundings): Grant => ({
  actions: ['ssm:GetParametersByPath'],
  resources: resourcesOf(surroundings).cellParameters,
  because: 'Cells describe themselves below this path; one more is found without a change here.',
})

export const inClusters = (surroundings: Surroundings, ...actions: readonly string[]): Grant => ({
  actions,
  resources: ['*'],
  conditions: { ArnEquals: { 'ecs:cluster': resourcesOf(surroundings).clusters } },
  because: noResource,
})

export const findTasks = (surroundings: Surroundings): readonly Grant[] => [
  inClusters(surroundings, 'ecs:ListTasks'),
  { actions: ['ecs:DescribeTasks'], resources: resourcesOf(surroundings).tasks, because: ofSites },
]

/** Whoever starts a site makes sure of its access point once more: it is the same call. */
export const makeAccessPoints = (surroundings: Surroundings): readonly Grant[] => {
  const { fileSystems, accessPoints } = resourcesOf(surroundings)
  return [
    {
      actions: ['elasticfilesystem:CreateAccessPoint'],
      resources: [fileSystems],
      conditions: tagged(surroundings, 'RequestTag', 'ResourceTag'),
      because: ofSites,
    },
    {
      actions: ['elasticfilesystem:TagResource'],
      resources: [accessPoints],
      conditions: tagged(surroundings, 'RequestTag'),
      because: ofSites,
    },
    { actions: ['elasticfilesystem:DescribeAccessPoints'], resources: [fileSystems, accessPoints], because: ofSites },
  ]
}

type RuntimePermission = Extract<
  Capability,
  `${'runtime' | 'leftovers'}:${string}` | 'storage:prepare' | 'storage:remove'
>

/** A role of a site can never do more than the boundary says, whatever its own policy is made to say. */
const makeRoles = (surroundings: Surroundings): readonly Grant[] => {
  const { roles, boundary, cellRoles } = resourcesOf(surroundings)
  return [
    {
      actions: ['iam:CreateRole', 'iam:PutRolePolicy'],
      resources: [roles],
      conditions: { StringEquals: { 'iam:PermissionsBoundary': boundary } },
      because: ofSites,
    },
    { actions: ['iam:TagRole'], resources: [roles], conditions: tagged(surroundings, 'RequestTag'), because: ofSites },
    {
      actions: ['iam:PassRole'],
      resources: [roles, cellRoles],
      conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
      because: ofSites,
    },
  ]
}

const startSites = (surroundings: Surroundings): readonly Grant[] => {
  const { services, taskDefinitions, siteParameters } = resourcesOf(surroundings)
  return [
    {
      actions: ['ecs:CreateService', 'ecs:DescribeServices', 'ecs:UpdateService'],
      resources: services,
      because: ofSites,
    },
    // What a removed site has left may still be ending.
    ...findTasks(surroundings),
    { actions: ['ecs:RegisterTaskDefinition'], resources: [taskDefinitions], because: ofSites },
    {
      actions: ['ecs:TagResource'],
      resources: [...services, taskDefinitions],
      conditions: tagged(surroundings, 'RequestTag'),
      because: ofSites,
    },
    {
      // Deregistering stops nothing: revisions that nothing uses any more would pile up.
      actions: ['ecs:DescribeTaskDefinition', 'ecs:ListTaskDefinitions', 'ecs:DeregisterTaskDefinition'],
      resources: ['*'],
      because: noResource,
    },
    { actions: ['kms:GetPublicKey'], resources: [surroundings.entitlementKeyArn] },
    { actions: ['ssm:PutParameter', 'ssm:AddTagsToResource'], resources: [siteParameters], because: ofSites },
    {
      actions: ['kms:Encrypt'],
      resources: [surroundings.dataKeyArn],
      conditions: { StringEquals: { 'kms:ViaService': `ssm.${surroundings.region}.amazonaws.com` } },
    },
  ]
}

const removeSites = (surroundings: Surroundings): readonly Grant[] => {
  const { services, taskDefinitions, roles, siteParameters } = resourcesOf(surroundings)
  return [
    { actions: ['ecs:DescribeServices', 'ecs:DeleteService'], resources: services, because: ofSites },
    { actions: ['ecs:DeleteTaskDefinitions'], resources: [taskDefinitions], because: ofSites },
    {
      actions: ['ecs:ListTaskDefinitions', 'ecs:DeregisterTaskDefinition'],
      resources: ['*'],
      because: noResource,
    },
    {
      actions: ['iam:ListRolePolicies', 'iam:DeleteRolePolicy', 'iam:DeleteRole'],
      resources: [roles],
      because: ofSites,
    },
    { actions: ['ssm:GetParametersByPath', 'ssm:DeleteParameters'], resources: [siteParameters], because: ofSites },
  ]
}

const removeAccessPoints = (surroundings: Surroundings): readonly Grant[] => {
  const { fileSystems, accessPoints } = resourcesOf(surroundings)
  return [
    { actions: ['elasticfilesystem:DescribeAccessPoints'], resources: [fileSystems, accessPoints], because: ofSites },
    {
      actions: ['elasticfilesystem:DeleteAccessPoint'],
      resources: [accessPoints],
      conditions: tagged(surroundings, 'ResourceTag'),
      because: ofSites,
    },
  ]
}

/** What AWS keeps for sites and for archiving jobs; lists of it take no resource. */
const removeLeftovers = (surroundings: Surroundings): readonly Grant[] => {
  const { taskDefinitions, jobDefinitions, roles, jobRoles, siteParameters } = resourcesOf(surroundings)
  return [
    {
      actions: ['ecs:ListTaskDefinitionFamilies', 'iam:ListRoles', 'ssm:DescribeParameters'],
      resources: ['*'],
      because: noResource,
    },
    { actions: ['ecs:ListTaskDefinitions', 'ecs:DeregisterTaskDefinition'], resources: ['*'], because: noResource },
    { actions: ['ecs:DeleteTaskDefinitions'], resources: [taskDefinitions, jobDefinitions], because: ofSites },
    {
      actions: ['iam:GetRole', 'iam:ListRolePolicies', 'iam:DeleteRolePolicy', 'iam:DeleteRole'],
      resources: [roles, jobRoles],
      because: ofSites,
    },
    { actions: ['ssm:DeleteParameters'], resources: [siteParameters], because: ofSites },
  ]
}

/** What the permissions that concern running sites and their disks come to; adapters/ecs, efs, iam and ssm ask for these. */
export const runtimePermissions = (
  surroundings: Surroundings,
): Readonly<Record<RuntimePermission, readonly Grant[]>> => ({
  'leftovers:remove': removeLeftovers(surroundings),
  'runtime:probe': [{ actions: ['secretsmanager:GetSecretValue'], resources: [surroundings.secretArn('probe')] }],
  'runtime:read': [findCells(surroundings), inClusters(surroundings, 'ecs:ListServices'), ...findTasks(surroundings)],
  'runtime:start': [
    findCells(surroundings),
    ...makeAccessPoints(surroundings),
    ...makeRoles(surroundings),
    ...startSites(surroundings),
  ],
  'runtime:remove': [findCells(surroundings), ...findTasks(surroundings), ...removeSites(surroundings)],
  'storage:prepare': [findCells(surroundings), ...makeAccessPoints(surroundings)],
  'storage:remove': [findCells(surroundings), ...removeAccessPoints(surroundings)],
})
