import { tags } from '../../../../cloud/names.ts'
import type { Capability } from '../../../../lambdas/_runtime/ports.ts'
import type { Grant } from './grant.ts'
import { resourcesOf, type Surroundings } from './surroundings.ts'

const ofSites =
  'Sites are created and removed at run time: their resources have a prefix, path, cluster or tag of their own.'
const noResource = 'The action takes no resource; where it takes a cluster as a condition, it is limited to ours.'

export const onSites = (actions: string[], resources: string[], conditions?: Grant['conditions']): Grant => ({
  actions,
  resources,
  ...(conditions && { conditions }),
  because: ofSites,
})

export const onAny = (actions: string[]): Grant => ({ actions, resources: ['*'], because: noResource })

/** Missing roles may be read: IAM would deny access to them instead of saying that they are missing. */
export const removeRoles = (surroundings: Surroundings, roles: string[], ...more: string[]): readonly Grant[] => [
  onSites([...more, 'iam:ListRolePolicies'], [...roles, resourcesOf(surroundings).missingRoles]),
  onSites(['iam:DeleteRolePolicy', 'iam:DeleteRole'], roles),
]

/** Only our resources, by a tag that exists or that the same call sets. */
export const tagged = ({ names }: Surroundings, ...where: readonly ('RequestTag' | 'ResourceTag')[]) => ({
  StringEquals: Object.fromEntries(where.map((which) => [`aws:${which}/${tags.installation}`, names.installation])),
})

export const findCells = (surroundings: Surroundings): Grant => ({
  actions: ['ssm:GetParametersByPath'],
  resources: resourcesOf(surroundings).cellParameters,
  because: 'Cells describe themselves below this path, so a new cell needs no change here.',
})

export const inClusters = (surroundings: Surroundings, ...actions: readonly string[]): Grant => ({
  actions,
  resources: ['*'],
  conditions: { ArnEquals: { 'ecs:cluster': resourcesOf(surroundings).clusters } },
  because: noResource,
})

export const findTasks = (surroundings: Surroundings): readonly Grant[] => [
  inClusters(surroundings, 'ecs:ListTasks'),
  onSites(['ecs:DescribeTasks'], resourcesOf(surroundings).tasks),
]

/** Starting a site creates its access point again if it is missing, by the same call. */
export const makeAccessPoints = (surroundings: Surroundings): readonly Grant[] => {
  const { fileSystems, accessPoints } = resourcesOf(surroundings)
  return [
    onSites(['elasticfilesystem:CreateAccessPoint'], [fileSystems], tagged(surroundings, 'RequestTag', 'ResourceTag')),
    onSites(['elasticfilesystem:TagResource'], [accessPoints], tagged(surroundings, 'RequestTag')),
    onSites(['elasticfilesystem:DescribeAccessPoints'], [fileSystems, accessPoints]),
  ]
}

type RuntimePermission = Extract<
  Capability,
  `${'runtime' | 'leftovers'}:${string}` | 'storage:prepare' | 'storage:remove'
>

/** A role of a site or a job can never do more than its boundary allows, whatever its own policy says. */
export const makeRoles = (surroundings: Surroundings, roles: string, boundary: string): readonly Grant[] => [
  onSites(['iam:CreateRole', 'iam:PutRolePolicy'], [roles], { StringEquals: { 'iam:PermissionsBoundary': boundary } }),
  onSites(['iam:TagRole'], [roles], tagged(surroundings, 'RequestTag')),
  onSites(['iam:PassRole'], [roles, resourcesOf(surroundings).cellRoles], {
    StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
  }),
]

/** Makes what a task of a site consists of, in the definitions of sites or of their commands. */
const makeTasks = (surroundings: Surroundings, taskDefinitions: string): readonly Grant[] => {
  const { roles, boundary, siteParameters } = resourcesOf(surroundings)
  return [
    findCells(surroundings),
    ...makeAccessPoints(surroundings),
    ...makeRoles(surroundings, roles, boundary),
    // Tasks of a removed site may still be ending.
    ...findTasks(surroundings),
    onSites(['ecs:RegisterTaskDefinition'], [taskDefinitions]),
    onSites(['ecs:TagResource'], [taskDefinitions], tagged(surroundings, 'RequestTag')),
    // Deregistering stops nothing; otherwise unused revisions would accumulate.
    onAny(['ecs:DescribeTaskDefinition', 'ecs:ListTaskDefinitions', 'ecs:DeregisterTaskDefinition']),
    { actions: ['kms:GetPublicKey'], resources: [surroundings.entitlementKeyArn] },
    onSites(['ssm:PutParameter', 'ssm:AddTagsToResource'], [siteParameters]),
    {
      actions: ['kms:Encrypt'],
      resources: [surroundings.dataKeyArn],
      conditions: { StringEquals: { 'kms:ViaService': `ssm.${surroundings.region}.amazonaws.com` } },
    },
  ]
}

const removeSites = (surroundings: Surroundings): readonly Grant[] => {
  const { services, taskDefinitions, jobDefinitions, roles, siteParameters } = resourcesOf(surroundings)
  return [
    onSites(['ecs:DescribeServices', 'ecs:DeleteService'], services),
    onSites(['ecs:DeleteTaskDefinitions'], [taskDefinitions, jobDefinitions]),
    onAny(['ecs:ListTaskDefinitionFamilies', 'ecs:ListTaskDefinitions', 'ecs:DeregisterTaskDefinition']),
    ...removeRoles(surroundings, [roles]),
    onSites(['ssm:GetParametersByPath', 'ssm:DeleteParameters'], [siteParameters]),
  ]
}

const removeAccessPoints = (surroundings: Surroundings): readonly Grant[] => {
  const { fileSystems, accessPoints } = resourcesOf(surroundings)
  return [
    onSites(['elasticfilesystem:DescribeAccessPoints'], [fileSystems, accessPoints]),
    onSites(['elasticfilesystem:DeleteAccessPoint'], [accessPoints], tagged(surroundings, 'ResourceTag')),
  ]
}

/** The AWS resources of sites and archiving jobs; listing them takes no resource. */
const removeLeftovers = (surroundings: Surroundings): readonly Grant[] => {
  const { taskDefinitions, jobDefinitions, roles, jobRoles, siteParameters } = resourcesOf(surroundings)
  return [
    onAny(['ecs:ListTaskDefinitionFamilies', 'iam:ListRoles', 'ssm:DescribeParameters']),
    onAny(['ecs:ListTaskDefinitions', 'ecs:DeregisterTaskDefinition']),
    onSites(['ecs:DeleteTaskDefinitions'], [taskDefinitions, jobDefinitions]),
    ...removeRoles(surroundings, [roles, jobRoles], 'iam:GetRole'),
    onSites(['ssm:DeleteParameters'], [siteParameters]),
  ]
}

const endCommands = (surroundings: Surroundings): Grant =>
  onSites(['ecs:StopTask'], resourcesOf(surroundings).tasks, {
    ArnEquals: { 'ecs:cluster': resourcesOf(surroundings).clusters },
  })

/** A command runs in a task of its own, of a definition and with parameters that last as long. */
const runCommands = (surroundings: Surroundings): readonly Grant[] => {
  const { services, commandDefinitions, clusters, siteLogs, siteParameters } = resourcesOf(surroundings)
  return [
    onSites(['ecs:DescribeServices', 'ecs:UpdateService'], services),
    endCommands(surroundings),
    ...makeTasks(surroundings, commandDefinitions),
    onSites(['ecs:RunTask'], [commandDefinitions], { ArnEquals: { 'ecs:cluster': clusters } }),
    onSites(['ecs:DeleteTaskDefinitions'], [commandDefinitions]),
    onSites(['ssm:DeleteParameters'], [siteParameters]),
    onSites(['logs:GetLogEvents'], siteLogs),
  ]
}

/** The permissions of the capabilities about running sites and their disks; adapters/ecs, efs, iam and ssm use them. */
export const runtimePermissions = (
  surroundings: Surroundings,
): Readonly<Record<RuntimePermission, readonly Grant[]>> => {
  const { services, siteLogs, siteParameters, taskDefinitions } = resourcesOf(surroundings)
  const findSites = [findCells(surroundings), ...findTasks(surroundings)]
  return {
    'leftovers:remove': removeLeftovers(surroundings),
    'runtime:observe': [...findSites, onSites(['logs:GetLogEvents'], siteLogs)],
    'runtime:probe': [{ actions: ['secretsmanager:GetSecretValue'], resources: [surroundings.secretArn('probe')] }],
    'runtime:read': [
      findCells(surroundings),
      inClusters(surroundings, 'ecs:ListServices'),
      onSites(['ecs:DescribeServices'], services),
      ...findTasks(surroundings),
    ],
    'runtime:run': runCommands(surroundings),
    'runtime:start': [
      onSites(['ecs:CreateService', 'ecs:DescribeServices', 'ecs:UpdateService'], services),
      onSites(['ecs:TagResource'], services, tagged(surroundings, 'RequestTag')),
      ...makeTasks(surroundings, taskDefinitions),
      // Values that no revision names any more.
      onSites(['ssm:GetParametersByPath', 'ssm:DeleteParameters'], [siteParameters]),
    ],
    'runtime:remove': [...findSites, endCommands(surroundings), ...removeSites(surroundings)],
    'runtime:stop': [
      ...findSites,
      endCommands(surroundings),
      // A site that falls asleep keeps its service, without a task.
      onSites(['ecs:DescribeServices', 'ecs:UpdateService'], services),
    ],
    'storage:prepare': [findCells(surroundings), ...makeAccessPoints(surroundings)],
    'storage:remove': [findCells(surroundings), ...removeAccessPoints(surroundings)],
  }
}
