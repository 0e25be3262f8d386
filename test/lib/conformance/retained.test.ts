import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { filled } from '../support/filled.ts'
import { resourcesOf } from '../support/resources.ts'
import { synthesise } from '../support/synthesise.ts'

/**
 * What cannot change without a new, empty resource in its place, or at all. Sources: `createOnlyProperties` of the schemas of
 * CloudFormation, and for user pools, keys and the keys of tables the CloudFormation reference.
 */
const immutable: Readonly<Record<string, readonly string[]>> = {
  'AWS::CloudFront::ConnectionGroup': ['Name'],
  'AWS::CloudFront::Distribution': [],
  'AWS::Cognito::UserPool': ['AliasAttributes', 'UsernameAttributes', 'UsernameConfiguration'],
  'AWS::DynamoDB::GlobalTable': ['KeySchema', 'LocalSecondaryIndexes', 'TableName'],
  'AWS::ECR::Repository': ['EncryptionConfiguration', 'RepositoryName'],
  'AWS::EFS::FileSystem': ['AvailabilityZoneName', 'Encrypted', 'KmsKeyId', 'PerformanceMode'],
  'AWS::KMS::Key': ['KeySpec', 'KeyUsage', 'MultiRegion', 'Origin'],
  'AWS::S3::Bucket': ['BucketName'],
  'AWS::SecretsManager::Secret': ['Name'],
}

const all = await synthesise()
const kept = all.stacks.flatMap((stack) => {
  const part = stack.slice(all.names.stack('').length)
  return resourcesOf(all.template(part))
    .filter(({ DeletionPolicy = '' }) => DeletionPolicy.startsWith('Retain'))
    .map((resource) => ({ ...resource, part }))
})

it('keeps every output that the stacks of the release before import, which a rollback needs', async () => {
  const lines = all.stacks.flatMap((stack) =>
    Object.values<{ readonly Export?: { readonly Name: string } }>(
      all.template(stack.slice(all.names.stack('').length)).toJSON()['Outputs'] ?? {},
    ).flatMap((output) => output.Export?.Name ?? []),
  )
  // A line that is no longer used stays for one release, by `exportValue` of its stack: docs/adr/0077-what-a-deploy-cannot-replace.md.
  await expect(`${lines.toSorted().join('\n')}\n`).toMatchFileSnapshot('../summaries/exports.txt')
})

describe('what is retained', () => {
  it('has the logical ids and immutable properties that it was deployed with', async () => {
    const lines = kept.map(({ part, id, Type, Properties = {} }) => {
      const pairs = (immutable[Type] ?? []).filter((name) => name in Properties).map((name) => [name, Properties[name]])
      return `${part} ${id} ${Type} ${JSON.stringify(filled(Object.fromEntries(pairs)))}`
    })
    // A changed line is a new, empty resource at the next deploy, while the old one has the data: docs/adr/0077-what-a-deploy-cannot-replace.md.
    await expect(`${lines.toSorted().join('\n')}\n`).toMatchFileSnapshot('../summaries/retained.txt')
  })

  it('goes with a creation that failed: it would block the next one by its name', () => {
    for (const { id, DeletionPolicy, UpdateReplacePolicy } of kept)
      expect([id, DeletionPolicy, UpdateReplacePolicy]).toEqual([id, 'RetainExceptOnCreate', 'Retain'])
  })

  it('is of types that the policy of stacks lets no update replace or delete', () => {
    const policy = JSON.parse(readFileSync(new URL('../../../lib/stack-policy.json', import.meta.url), 'utf8'))
    const denied = policy.Statement.find(({ Effect }: { Effect: string }) => Effect === 'Deny')
    expect(denied.Action).toEqual(['Update:Replace', 'Update:Delete'])
    const types: readonly string[] = denied.Condition.StringEquals.ResourceType
    expect([...new Set(kept.map(({ Type }) => Type))].toSorted()).toEqual(types.toSorted())
    expect(Object.keys(immutable).toSorted()).toEqual(types.toSorted())
  })
})
