import { ArnFormat, Stack } from 'aws-cdk-lib'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import type { Names, SecretName } from '../../../../cloud/names.ts'
import type { Deployment } from '../../../deployment.ts'
import { type BucketPart, bucketName } from '../../data/buckets.ts'

/** The resources of the data stack that functions may use. */
export interface StoredThings {
  readonly dataKey: IKey
  readonly entitlementKey: IKey
  readonly secrets: { readonly of: (name: SecretName) => ISecret }
}

/** The issuer of operators' tokens, and their client. */
export interface Operators {
  /** The issuer in the tokens. */
  readonly issuer: string
  readonly clientId: string
  readonly poolId: string
  /** The address of the sign-in pages, without a slash at the end. */
  readonly domain: string
}

/** The resources that serve custom domains. */
export interface CustomDomainParts {
  readonly distributionId: string
  readonly connectionGroupId: string
  /** The name that CloudFront answers at, such as `d111111abcdef8.cloudfront.net`. */
  readonly routingEndpoint: string
}

/** The resources of a stage that functions use. */
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
  readonly secretArn: (name: SecretName) => string
  readonly archiveBucket: { readonly name: string; readonly arn: string }
  readonly reportBucket: { readonly name: string; readonly arn: string }
  readonly dataKeyArn: string
  readonly operators: Operators
  readonly entitlementKeyArn: string
  readonly customDomains: CustomDomainParts
  /** All certificates of this account in a region. */
  readonly certificatesArn: (region: string) => string
}

export const surroundingsOf = (
  scope: Construct,
  { names, stageName, stage }: Deployment,
  stored: StoredThings,
  operators: Operators,
  customDomains: CustomDomainParts,
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
