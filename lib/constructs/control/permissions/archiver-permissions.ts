import type { Capability } from '../../../../lambdas/_runtime/ports.ts'
import type { Grant } from './grant.ts'
import {
  findCells,
  findTasks,
  inClusters,
  makeAccessPoints,
  onAny,
  onSites,
  removeRoles,
  resourcesOf,
  tagged,
} from './runtime-permissions.ts'
import type { Surroundings } from './surroundings.ts'

type ArchiverPermission = Extract<Capability, 'archiver:run' | `archives:${string}` | `jobs:${string}`>

const ofArchives = 'Archives and outcomes of jobs begin with the id of their site.'

/** The permissions to use the key through S3 only. */
export const useKey = ({ dataKeyArn, region }: Surroundings, ...actions: readonly string[]): Grant => ({
  actions,
  resources: [dataKeyArn],
  conditions: { StringEquals: { 'kms:ViaService': `s3.${region}.amazonaws.com` } },
})

/** Without it S3 answers "access denied" for a missing object. */
const listArchives = ({ archiveBucket }: Surroundings): Grant => ({
  actions: ['s3:ListBucket'],
  resources: [archiveBucket.arn],
})

/** A role of a job can never do more than the boundary allows, whatever its own policy says. */
const makeJobRoles = (surroundings: Surroundings): readonly Grant[] => {
  const { jobRoles, jobBoundary, cellRoles } = resourcesOf(surroundings)
  return [
    onSites(['iam:CreateRole', 'iam:PutRolePolicy'], [jobRoles], {
      StringEquals: { 'iam:PermissionsBoundary': jobBoundary },
    }),
    onSites(['iam:TagRole'], [jobRoles], tagged(surroundings, 'RequestTag')),
    onSites(['iam:PassRole'], [jobRoles, cellRoles], {
      StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
    }),
    ...removeRoles(surroundings, [jobRoles], 'iam:GetRole'),
  ]
}

const runJobs = (surroundings: Surroundings): readonly Grant[] => {
  const { jobDefinitions, cellJobDefinitions, clusters } = resourcesOf(surroundings)
  const definitions = [jobDefinitions, cellJobDefinitions]
  return [
    onSites(['ecs:RegisterTaskDefinition'], definitions),
    onSites(['ecs:DeleteTaskDefinitions'], [jobDefinitions]),
    onSites(['ecs:TagResource'], definitions, tagged(surroundings, 'RequestTag')),
    onSites(['ecs:RunTask'], definitions, { ArnEquals: { 'ecs:cluster': clusters } }),
    onAny(['ecs:DescribeTaskDefinition', 'ecs:ListTaskDefinitions', 'ecs:DeregisterTaskDefinition']),
    ...findTasks(surroundings),
  ]
}

/** Outcomes only: the tasks of jobs read archives. We abort a job that never reports an outcome. */
const readOutcomes = (surroundings: Surroundings): readonly Grant[] => [
  {
    actions: ['s3:GetObject', 's3:PutObject'],
    resources: [`${surroundings.archiveBucket.arn}/site_*/*.outcome.json`],
    because: ofArchives,
  },
  listArchives(surroundings),
  useKey(surroundings, 'kms:Decrypt', 'kms:GenerateDataKey'),
]

/** The permissions of the capabilities about copies of sites' data; adapters/ecs, iam and s3 use them. */
export const archiverPermissions = (
  surroundings: Surroundings,
): Readonly<Record<ArchiverPermission, readonly Grant[]>> => ({
  'archiver:run': [
    findCells(surroundings),
    ...makeAccessPoints(surroundings),
    ...makeJobRoles(surroundings),
    ...runJobs(surroundings),
    ...readOutcomes(surroundings),
  ],
  // Reads outcomes and tasks, and completes tokens. It starts, changes and removes nothing.
  'jobs:complete': [
    findCells(surroundings),
    inClusters(surroundings, 'ecs:ListTasks'),
    {
      actions: ['s3:GetObject'],
      resources: [`${surroundings.archiveBucket.arn}/site_*/*.outcome.json`],
      because: ofArchives,
    },
    listArchives(surroundings),
    useKey(surroundings, 'kms:Decrypt'),
    // They take no resource: a token names its task, and nobody can guess one.
    onAny(['states:SendTaskSuccess', 'states:SendTaskFailure']),
  ],
  'jobs:note': [],
  'archives:link': [
    // A link allows only what its creator may read.
    {
      actions: ['s3:GetObject'],
      resources: [
        `${surroundings.archiveBucket.arn}/site_*/*.tar.zst`,
        `${surroundings.archiveBucket.arn}/site_*/*.manifest.jsonl`,
      ],
      because: ofArchives,
    },
    useKey(surroundings, 'kms:Decrypt'),
  ],
  // A link allows only what its creator may put: parts of archives, and never over one that is there.
  'archives:upload': [
    {
      actions: ['s3:PutObject'],
      resources: [
        `${surroundings.archiveBucket.arn}/site_*/arc_*.tar.zst`,
        `${surroundings.archiveBucket.arn}/site_*/arc_*.manifest.jsonl`,
      ],
      conditions: { Null: { 's3:if-none-match': 'false' } },
      because: ofArchives,
    },
    useKey(surroundings, 'kms:GenerateDataKey'),
  ],
  'archives:list': [listArchives(surroundings)],
  'archives:remove': [
    listArchives(surroundings),
    { actions: ['s3:DeleteObject'], resources: [`${surroundings.archiveBucket.arn}/site_*`], because: ofArchives },
  ],
})
