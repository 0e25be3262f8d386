import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb'
import type { IGrantable } from 'aws-cdk-lib/aws-iam'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager'

interface RouterNeeds {
  readonly tables: { readonly main: ITableV2 }
  readonly entitlementKey: IKey
  readonly secrets: { readonly of: (name: 'probe' | 'origin') => ISecret }
}

/** What a router may do: find the site of a hostname, certify its key of the day, and know who asks it for a probe, or for a custom domain. */
export const grantRouter = ({ grantPrincipal }: IGrantable, { tables, entitlementKey, secrets }: RouterNeeds): void => {
  const statements = [
    new PolicyStatement({
      actions: ['dynamodb:GetItem', 'dynamodb:Query'],
      resources: [tables.main.tableArn],
      conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['HOST#*', 'SITE#*'] } },
    }),
    new PolicyStatement({
      actions: ['kms:Sign'],
      resources: [entitlementKey.keyArn],
      conditions: { StringEquals: { 'kms:SigningAlgorithm': 'ED25519_SHA_512', 'kms:MessageType': 'RAW' } },
    }),
    new PolicyStatement({
      actions: ['secretsmanager:GetSecretValue'],
      resources: [secrets.of('probe').secretArn, secrets.of('origin').secretArn],
    }),
  ]
  for (const statement of statements) grantPrincipal.addToPrincipalPolicy(statement)
}
