import { tags } from '../../../../cloud/names.ts'
import type { Grant } from './grant.ts'
import type { Permission } from './permission.ts'
import type { Place } from './place.ts'

type RuntimePermission = Extract<Permission, `${'runtime' | 'storage'}:${string}`>

const ofSites =
  'Sites come and go: what belongs to one is found by the prefix, path, cluster or tag that is theirs alone.'
const noResource = 'The action takes no resource; where it takes a cluster as a condition, it is held to ours.'

const resourcesOf = ({ names, cells, arn, globalArn }: Place) => ({
  clusters: cells.map((cell) => arn('ecs', `cluster/${names.cluster(cell)}`)),
  services: cells.map((cell) => arn('ecs', `service/${names.cluster(cell)}/site_*`)),
  tasks: cells.map((cell) => arn('ecs', `task/${names.cluster(cell)}/*`)),
  taskDefinitions: arn('ecs', `task-definition/${names.installation}-site_*:*`),
  roles: globalArn('iam', `role${names.siteRolePath}*`),
  boundary: globalArn('iam', `policy/${names.siteBoundary}`),
  cellRoles: globalArn('iam', `role${names.cellRolePath}*`),
  fileSystems: arn('elasticfilesystem', 'file-system/*'),
  accessPoints: arn('elasticfilesystem', 'access-point/*'),
  cellParameters: [arn('ssm', `parameter${names.cellParameters}`), arn('ssm', `parameter${names.cellParameters}/*`)],
  siteParameters: arn('ssm', `parameter${names.siteParameters}/*`),
})

/** Only what is ours, by the tag that it has, or is given in this very call. */
const tagged = ({ names }: Place, ...where: readonly ('RequestTag' | 'ResourceTag')[]) => ({
  StringEquals: Object.fromEntries(where.map((which) => [`aws:${which}/${tags.installation}`, names.installation])),
})

const findCells = (place: Place): Grant => ({
  actions: ['ssm:GetParametersByPath'],
  resources: resourcesOf(place).cellParameters,
  because: 'Cells describe themselves below this path; one more is found without a change here.',
})

const inClusters = (place: Place, ...actions: readonly string[]): Grant => ({
  actions,
  resources: ['*'],
  conditions: { ArnEquals: { 'ecs:cluster': resourcesOf(place).clusters } },
  because: noResource,
})

const findTasks = (place: Place): readonly Grant[] => [
  inClusters(place, 'ecs:ListTasks'),
  { actions: ['ecs:DescribeTasks'], resources: resourcesOf(place).tasks, because: ofSites },
]

/** Whoever starts a site makes sure of its access point once more: it is the same call. */
const makeAccessPoints = (place: Place): readonly Grant[] => {
  const { fileSystems, accessPoints } = resourcesOf(place)
  return [
    {
      actions: ['elasticfilesystem:CreateAccessPoint'],
      resources: [fileSystems],
      conditions: tagged(place, 'RequestTag', 'ResourceTag'),
      because: ofSites,
    },
    {
      actions: ['elasticfilesystem:TagResource'],
      resources: [accessPoints],
      conditions: tagged(place, 'RequestTag'),
      because: ofSites,
    },
    { actions: ['elasticfilesystem:DescribeAccessPoints'], resources: [fileSystems, accessPoints], because: ofSites },
  ]
}

/** A role of a site can never do more than the boundary says, whatever its own policy is made to say. */
const makeRoles = (place: Place): readonly Grant[] => {
  const { roles, boundary, cellRoles } = resourcesOf(place)
  return [
    {
      actions: ['iam:CreateRole', 'iam:PutRolePolicy'],
      resources: [roles],
      conditions: { StringEquals: { 'iam:PermissionsBoundary': boundary } },
      because: ofSites,
    },
    { actions: ['iam:TagRole'], resources: [roles], conditions: tagged(place, 'RequestTag'), because: ofSites },
    {
      actions: ['iam:PassRole'],
      resources: [roles, cellRoles],
      conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
      because: ofSites,
    },
  ]
}

const startSites = (place: Place): readonly Grant[] => {
  const { services, taskDefinitions, siteParameters } = resourcesOf(place)
  return [
    {
      actions: ['ecs:CreateService', 'ecs:DescribeServices', 'ecs:UpdateService'],
      resources: services,
      because: ofSites,
    },
    // What a removed site has left may still be ending.
    ...findTasks(place),
    { actions: ['ecs:RegisterTaskDefinition'], resources: [taskDefinitions], because: ofSites },
    {
      actions: ['ecs:TagResource'],
      resources: [...services, taskDefinitions],
      conditions: tagged(place, 'RequestTag'),
      because: ofSites,
    },
    {
      // Deregistering stops nothing: revisions that nothing uses any more would pile up.
      actions: ['ecs:DescribeTaskDefinition', 'ecs:ListTaskDefinitions', 'ecs:DeregisterTaskDefinition'],
      resources: ['*'],
      because: noResource,
    },
    { actions: ['kms:GetPublicKey'], resources: [place.entitlementKeyArn] },
    { actions: ['ssm:PutParameter', 'ssm:AddTagsToResource'], resources: [siteParameters], because: ofSites },
    {
      actions: ['kms:Encrypt'],
      resources: [place.dataKeyArn],
      conditions: { StringEquals: { 'kms:ViaService': `ssm.${place.region}.amazonaws.com` } },
    },
  ]
}

const removeSites = (place: Place): readonly Grant[] => {
  const { services, taskDefinitions, roles, siteParameters } = resourcesOf(place)
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

const removeAccessPoints = (place: Place): readonly Grant[] => {
  const { fileSystems, accessPoints } = resourcesOf(place)
  return [
    { actions: ['elasticfilesystem:DescribeAccessPoints'], resources: [fileSystems, accessPoints], because: ofSites },
    {
      actions: ['elasticfilesystem:DeleteAccessPoint'],
      resources: [accessPoints],
      conditions: tagged(place, 'ResourceTag'),
      because: ofSites,
    },
  ]
}

/** What the permissions that concern running sites and their disks come to; adapters/ecs, efs, iam and ssm ask for these. */
export const runtimePermissions = (place: Place): Readonly<Record<RuntimePermission, readonly Grant[]>> => ({
  'runtime:probe': [{ actions: ['secretsmanager:GetSecretValue'], resources: [place.secretArn('probe')] }],
  'runtime:read': [findCells(place), inClusters(place, 'ecs:ListServices'), ...findTasks(place)],
  'runtime:start': [findCells(place), ...makeAccessPoints(place), ...makeRoles(place), ...startSites(place)],
  'runtime:remove': [findCells(place), ...findTasks(place), ...removeSites(place)],
  'storage:prepare': [findCells(place), ...makeAccessPoints(place)],
  'storage:remove': [findCells(place), ...removeAccessPoints(place)],
})
