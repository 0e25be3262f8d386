import {
  findCells,
  findTasks,
  inClusters,
  makeAccessPoints,
  noResource,
  ofSites,
  resourcesOf,
  tagged,
} from './cell-grants.ts'
import type { Grant } from './grant.ts'
import type { Permission } from './permission.ts'
import type { Place } from './place.ts'

type RuntimePermission = Extract<Permission, `${'runtime' | 'storage' | 'leftovers'}:${string}`>

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

/** What AWS keeps for sites and for archiving jobs; lists of it take no resource. */
const removeLeftovers = (place: Place): readonly Grant[] => {
  const { taskDefinitions, jobDefinitions, roles, jobRoles, siteParameters } = resourcesOf(place)
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
export const runtimePermissions = (place: Place): Readonly<Record<RuntimePermission, readonly Grant[]>> => ({
  'leftovers:remove': removeLeftovers(place),
  'runtime:probe': [{ actions: ['secretsmanager:GetSecretValue'], resources: [place.secretArn('probe')] }],
  'runtime:read': [findCells(place), inClusters(place, 'ecs:ListServices'), ...findTasks(place)],
  'runtime:start': [findCells(place), ...makeAccessPoints(place), ...makeRoles(place), ...startSites(place)],
  'runtime:remove': [findCells(place), ...findTasks(place), ...removeSites(place)],
  'storage:prepare': [findCells(place), ...makeAccessPoints(place)],
  'storage:remove': [findCells(place), ...removeAccessPoints(place)],
})
