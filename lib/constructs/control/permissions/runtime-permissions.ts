import type { Capability } from '../../../../lambdas/_runtime/ports.ts'
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
import type { Surroundings } from './surroundings.ts'

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
