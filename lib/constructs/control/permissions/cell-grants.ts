import { tags } from '../../../../cloud/names.ts'
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
