import type { Capability } from '../../../../lambdas/_runtime/ports.ts'
import { frontRegion } from '../../../deployment.ts'
import type { Grant } from './grant.ts'
import {
  findCells,
  findTasks,
  inClusters,
  makeAccessPoints,
  makeRoles,
  onAny,
  onSites,
  removeRoles,
  tagged,
} from './runtime-permissions.ts'
import { resourcesOf, type Surroundings } from './surroundings.ts'

type ArchiverPermission = Extract<Capability, 'archiver:run' | `archives:${string}` | `jobs:${string}`>

const ofArchives = 'Archives and outcomes of jobs begin with the id of their site.'

/** The permissions to use the key through S3 only. */
const useKey = ({ dataKeyArn, region }: Surroundings, ...actions: readonly string[]): Grant => ({
  actions,
  resources: [dataKeyArn],
  conditions: { StringEquals: { 'kms:ViaService': `s3.${region}.amazonaws.com` } },
})

/** Without it S3 answers "access denied" for a missing object. */
const listArchives = ({ archiveBucket }: Surroundings): Grant => ({
  actions: ['s3:ListBucket'],
  resources: [archiveBucket.arn],
})

const makeJobRoles = (surroundings: Surroundings): readonly Grant[] => {
  const { jobRoles, jobBoundary } = resourcesOf(surroundings)
  return [...makeRoles(surroundings, jobRoles, jobBoundary), ...removeRoles(surroundings, [jobRoles], 'iam:GetRole')]
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

const ofDataSet = 'The paths of the data set begin with their table and day.'

/** The permissions on the files of the data set; adapters/s3 uses them. */
export const onReports = (surroundings: Surroundings, actions: readonly string[], ...onKey: readonly string[]) => {
  const { arn } = surroundings.reportBucket
  return [
    { actions: ['s3:ListBucket'], resources: [arn] },
    { actions, resources: [`${arn}/*`], because: ofDataSet },
    useKey(surroundings, ...onKey),
  ]
}

const ofDomains = 'AWS names the tenants and certificates of custom domains; tags limit it to ours where possible.'

/** The permissions to serve custom domains; adapters/cloudfront uses them, and CloudFront uses those of ACM on its behalf. */
export const domainPermissions = (surroundings: Surroundings): readonly Grant[] => {
  const tenants = surroundings.globalArn('cloudfront', 'distribution-tenant/*')
  const onDomains = (actions: readonly string[], resource: string, tag?: 'RequestTag' | 'ResourceTag'): Grant => ({
    actions,
    resources: [resource],
    ...(tag && { conditions: tagged(surroundings, tag) }),
    because: ofDomains,
  })
  return [
    // It takes no resource.
    onDomains(['cloudfront:CreateDistributionTenant'], '*', 'RequestTag'),
    // It takes no resource either. Which tenants there are is no secret: DNS tells.
    onDomains(['cloudfront:ListDistributionTenants'], '*'),
    // A missing tenant has no tag: under a condition, CloudFront would deny access instead of saying that it is missing.
    onDomains(['cloudfront:GetDistributionTenant'], tenants),
    onDomains(['cloudfront:TagResource'], tenants, 'RequestTag'),
    onDomains(
      [
        'cloudfront:UpdateDistributionTenant',
        'cloudfront:DeleteDistributionTenant',
        'cloudfront:GetManagedCertificateDetails',
      ],
      tenants,
      'ResourceTag',
    ),
    // It takes no resource.
    onDomains(['acm:RequestCertificate'], '*'),
    onDomains(['acm:DescribeCertificate'], surroundings.certificatesArn(frontRegion)),
  ]
}
