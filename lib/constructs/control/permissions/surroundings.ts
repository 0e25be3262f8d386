import { ArnFormat, Stack } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import type { Names, SecretName } from '../../../../cloud/names.ts'
import type { Deployment } from '../../../deployment.ts'
import type { DataStack } from '../../../stacks/data-stack.ts'
import { type BucketPart, bucketName } from '../../data/buckets.ts'
import type { CustomDomains } from '../../edge/custom-domains.ts'
import type { OperatorPool } from '../operator-pool.ts'

export interface Surroundings {
  readonly names: Names
  readonly stageName: string
  readonly cells: readonly string[]
  readonly sitesDomain: string
  readonly mailFrom: string
  readonly region: string
  /** An ARN of this account and region. */
  readonly arn: (service: string, resource: string) => string
  /** An ARN of a service without regions. */
  readonly globalArn: (service: string, resource: string) => string
  readonly queueUrl: (name: string) => string
  readonly secretArn: (name: SecretName) => string
  readonly archiveBucket: { readonly name: string; readonly arn: string }
  readonly reportBucket: { readonly name: string; readonly arn: string }
  readonly dataKeyArn: string
  readonly operators: OperatorPool
  readonly entitlementKeyArn: string
  readonly customDomains: CustomDomains
  /** All certificates of this account in a region. */
  readonly certificatesArn: (region: string) => string
}

/** What other constructs made for functions. */
export interface UsedParts {
  readonly stored: DataStack
  readonly operators: OperatorPool
  readonly customDomains: CustomDomains
}

export const surroundingsOf = (
  scope: Construct,
  { names, stageName, stage }: Deployment,
  { stored, operators, customDomains }: UsedParts,
): Surroundings => {
  const stack = Stack.of(scope)
  const bucket = (part: BucketPart) => {
    const name = bucketName(stack, names.installation, part)
    return { name, arn: `arn:${stack.partition}:s3:::${name}` }
  }
  const arnFormat = ArnFormat.NO_RESOURCE_NAME
  return {
    names,
    stageName,
    cells: stage.cells.map(({ name }) => name),
    sitesDomain: stage.sites.domain,
    mailFrom: stage.mailFrom,
    region: stage.region,
    arn: (service, resource) => stack.formatArn({ service, resource, arnFormat }),
    globalArn: (service, resource) => stack.formatArn({ service, resource, region: '', arnFormat }),
    queueUrl: (name) => `https://sqs.${stack.region}.${stack.urlSuffix}/${stack.account}/${name}`,
    secretArn: (name) => stored.secrets.of(name).secretArn,
    archiveBucket: bucket('archives'),
    reportBucket: bucket('reports'),
    dataKeyArn: stored.dataKey.keyArn,
    operators,
    entitlementKeyArn: stored.entitlementKey.keyArn,
    customDomains,
    certificatesArn: (region) => stack.formatArn({ service: 'acm', region, resource: 'certificate/*', arnFormat }),
  }
}

export const resourcesOf = ({ names, cells, arn, globalArn }: Surroundings) => ({
  clusters: cells.map((cell) => arn('ecs', `cluster/${names.cluster(cell)}`)),
  services: cells.map((cell) => arn('ecs', `service/${names.cluster(cell)}/site_*`)),
  tasks: cells.map((cell) => arn('ecs', `task/${names.cluster(cell)}/*`)),
  taskDefinitions: arn('ecs', `task-definition/${names.installation}-site_*:*`),
  commandDefinitions: arn('ecs', `task-definition/${names.installation}-site_*-once:*`),
  roles: globalArn('iam', `role${names.siteRolePath}*`),
  // Calls name a role without its path, which IAM knows of existing roles only.
  missingRoles: globalArn('iam', 'role/site_*'),
  boundary: globalArn('iam', `policy/${names.siteBoundary}`),
  cellRoles: globalArn('iam', `role${names.cellRolePath}*`),
  jobDefinitions: arn('ecs', `task-definition/${names.installation}-archiver-site_*:*`),
  cellJobDefinitions: arn('ecs', `task-definition/${names.installation}-archiver-cell_*:*`),
  jobRoles: globalArn('iam', `role${names.archiverRolePath}*`),
  jobBoundary: globalArn('iam', `policy/${names.archiverBoundary}`),
  fileSystems: arn('elasticfilesystem', 'file-system/*'),
  accessPoints: arn('elasticfilesystem', 'access-point/*'),
  cellParameters: [arn('ssm', `parameter${names.cellParameters}`), arn('ssm', `parameter${names.cellParameters}/*`)],
  siteLogs: cells.map((cell) => arn('logs', `log-group:${names.siteLogGroup(cell)}:log-stream:site_*`)),
  siteParameters: arn('ssm', `parameter${names.siteParameters}/*`),
})
