import { ArnFormat, Stack } from 'aws-cdk-lib'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import type { Names, SecretName } from '../../../../cloud/names.ts'
import type { Deployment } from '../../../deployment.ts'

/** What of the data stack the functions are told, and may use. */
export interface StoredThings {
  readonly dataKey: IKey
  readonly entitlementKey: IKey
  readonly secrets: { readonly of: (name: SecretName) => ISecret }
}

/** Where the functions of a stage find what they work on. */
export interface Place {
  readonly names: Names
  readonly stageName: string
  readonly cells: readonly string[]
  readonly sitesDomain: string
  readonly mailFrom: string
  readonly region: string
  /** Of this account and region. */
  readonly arn: (service: string, resource: string) => string
  /** Of a service that knows no region. */
  readonly globalArn: (service: string, resource: string) => string
  readonly secretArn: (name: SecretName) => string
  readonly dataKeyArn: string
  readonly entitlementKeyArn: string
}

export const placeOf = (scope: Construct, { names, stageName, stage }: Deployment, stored: StoredThings): Place => {
  const stack = Stack.of(scope)
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
    dataKeyArn: stored.dataKey.keyArn,
    entitlementKeyArn: stored.entitlementKey.keyArn,
  }
}
