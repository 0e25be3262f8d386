import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { describe, expect, it } from 'vitest'
import { ensureTables, indexes, tablesOf } from '../../adapters/dynamodb/tables.ts'
import { secretNames } from '../../cloud/names.ts'
import { columnsOf } from '../../lambdas/reports/report-row.ts'
import { resourcesOf } from './support/resources.ts'
import { synthesise } from './support/synthesise.ts'

const all = await synthesise()
const names = all.names
const template = all.template('data')

// biome-ignore lint/suspicious/noExplicitAny: what a client was asked to send
type Sent = any

/** What the adapter asks an engine for, when it makes the tables there. */
const tablesOfOneMachine = async (prefix: string): Promise<readonly Sent[]> => {
  const made: Sent[] = []
  const client = new DynamoDBClient({ region: 'local' })
  client.send = (async ({ input }: Sent) => {
    if ('KeySchema' in input) made.push(input)
    const isThere = made.some(({ TableName }) => TableName === input.TableName)
    return { Table: { TableStatus: isThere ? 'ACTIVE' : 'CREATING' } }
  }) as Sent
  await ensureTables(client, tablesOf(prefix))
  return made
}

const sorted = <Item extends Record<string, unknown>>(items: readonly Item[], by: keyof Item) =>
  items.toSorted((one, other) => String(one[by]).localeCompare(String(other[by])))

describe('the data stack', () => {
  it('has the tables that one machine has, with a stream in place of the outbox index', async () => {
    const deployed = resourcesOf(template, 'AWS::DynamoDB::GlobalTable').map(({ Properties }) => Properties)
    const local = await tablesOfOneMachine(names.tables)
    expect(sorted(deployed, 'TableName').map(({ TableName }) => TableName)).toEqual(
      sorted(local, 'TableName').map(({ TableName }) => TableName),
    )
    for (const { TableName, BillingMode, KeySchema, AttributeDefinitions, GlobalSecondaryIndexes = [] } of local) {
      const twin = deployed.find((table) => table.TableName === TableName)
      expect(twin).toMatchObject({ BillingMode, KeySchema })
      const { name, partition, sort } = indexes.outbox
      expect(sorted(twin.GlobalSecondaryIndexes ?? [], 'IndexName')).toEqual(
        sorted(
          GlobalSecondaryIndexes.filter(({ IndexName }: Sent) => IndexName !== name),
          'IndexName',
        ),
      )
      expect(sorted(twin.AttributeDefinitions, 'AttributeName')).toEqual(
        sorted(
          AttributeDefinitions.filter(({ AttributeName }: Sent) => ![partition, sort].includes(AttributeName)),
          'AttributeName',
        ),
      )
    }
  })

  it('streams what is written to the main table, and can take it back to any moment', () => {
    const [main, audit, short] = sorted(
      resourcesOf(template, 'AWS::DynamoDB::GlobalTable').map(({ Properties }) => Properties),
      'TableName',
    )
    expect(main.StreamSpecification).toEqual({ StreamViewType: 'NEW_AND_OLD_IMAGES' })
    expect(main.Replicas).toMatchObject([
      {
        Region: 'eu-central-1',
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      },
    ])
    expect(audit).not.toHaveProperty('StreamSpecification')
    expect(audit).toMatchObject({
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      Replicas: [
        { DeletionProtectionEnabled: true, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } },
      ],
    })
    expect(short).not.toHaveProperty('StreamSpecification')
    expect(short.TimeToLiveSpecification).toEqual({ AttributeName: 'expiresAt', Enabled: true })
    expect(short.Replicas).toMatchObject([{ DeletionProtectionEnabled: true }])
  })

  it('keeps whatever holds state when the stack goes or a deploy would replace it, but not after a failed creation', () => {
    // What mail comes from can be made again, at the price of its reputation.
    const stateless = [
      ...['AWS::KMS::Alias', 'AWS::S3::BucketPolicy', 'AWS::IAM::ManagedPolicy', 'AWS::Route53::RecordSet'],
      // They describe files.
      ...['AWS::Glue::Database', 'AWS::Glue::Table'],
    ]
    const stateful = resourcesOf(template).filter(
      ({ Type }) => !(stateless.includes(Type) || Type.startsWith('AWS::SES::')),
    )
    expect(new Set(stateful.map(({ Type }) => Type))).toEqual(
      new Set([
        'AWS::DynamoDB::GlobalTable',
        'AWS::ECR::Repository',
        'AWS::KMS::Key',
        'AWS::S3::Bucket',
        'AWS::SecretsManager::Secret',
      ]),
    )
    for (const { id, DeletionPolicy, UpdateReplacePolicy } of stateful) {
      expect([id, DeletionPolicy, UpdateReplacePolicy]).toEqual([id, 'RetainExceptOnCreate', 'Retain'])
    }
  })

  it('names whatever holds state, so that CloudFormation refuses to replace it', () => {
    const nameOf = { 'AWS::DynamoDB::GlobalTable': 'TableName', 'AWS::ECR::Repository': 'RepositoryName' } as const
    for (const [type, property] of Object.entries({
      ...nameOf,
      'AWS::S3::Bucket': 'BucketName',
      'AWS::SecretsManager::Secret': 'Name',
    })) {
      const named = resourcesOf(template, type).map(({ Properties }) => JSON.stringify(Properties[property]))
      expect(named.length).toBeGreaterThan(0)
      for (const name of named) expect(name).toContain(names.installation)
    }
  })

  it('has every secret, which AWS makes and only `origin` of which is elsewhere too', () => {
    const secrets = resourcesOf(template, 'AWS::SecretsManager::Secret').map(({ Properties }) => Properties)
    expect(secrets.map(({ Name }) => Name).toSorted()).toEqual(secretNames.map(names.secret).toSorted())
    for (const { GenerateSecretString } of secrets) {
      expect(GenerateSecretString).toEqual({ PasswordLength: 43, ExcludePunctuation: true })
    }
    const elsewhere = secrets.filter(({ ReplicaRegions }) => ReplicaRegions !== undefined)
    expect(elsewhere.map(({ Name, ReplicaRegions }) => [Name, ReplicaRegions])).toEqual([
      [names.secret('origin'), [{ Region: 'us-east-1' }]],
    ])
  })

  it('has a root key for entitlements that can only sign, and one for data that is renewed', () => {
    const keys = resourcesOf(template, 'AWS::KMS::Key')
    const aliasOf = (alias: string) => {
      const [found] = resourcesOf(template, 'AWS::KMS::Alias').filter(
        ({ Properties }) => Properties.AliasName === alias,
      )
      return keys.find(({ id }) => id === found?.Properties.TargetKeyId['Fn::GetAtt'][0])?.Properties
    }
    expect(aliasOf(names.entitlementKey)).toMatchObject({
      KeySpec: 'ECC_NIST_EDWARDS25519',
      KeyUsage: 'SIGN_VERIFY',
      PendingWindowInDays: 30,
    })
    expect(aliasOf(`alias/${names.installation}-data`)).toMatchObject({ EnableKeyRotation: true })
  })

  it('lets nobody read an archive without TLS or from outside, and keeps what was overwritten', () => {
    const buckets = resourcesOf(template, 'AWS::S3::Bucket')
    const archives = buckets.find(({ Properties }) => JSON.stringify(Properties.BucketName).includes('-archives-'))!
    expect(archives.Properties).toMatchObject({
      VersioningConfiguration: { Status: 'Enabled' },
      BucketEncryption: { ServerSideEncryptionConfiguration: [{ BucketKeyEnabled: true }] },
    })
    for (const { id } of buckets) {
      const policy = resourcesOf(template, 'AWS::S3::BucketPolicy').find(
        ({ Properties: { Bucket } }) => Bucket.Ref === id,
      )!
      expect(policy.Properties.PolicyDocument.Statement).toContainEqual(
        expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      )
    }
  })

  it('holds archiving jobs to the archives, and their names, of the site that their role is tagged with', () => {
    const boundary = resourcesOf(template, 'AWS::IAM::ManagedPolicy')
      .map(({ Properties }) => Properties)
      .find(({ ManagedPolicyName }) => ManagedPolicyName === names.archiverBoundary)
    const ofBuckets = boundary.PolicyDocument.Statement.filter(({ Action }: Sent) =>
      JSON.stringify(Action).includes('"s3:'),
    )
    const tag = '$' + '{aws:PrincipalTag/sitewright:site}'
    expect(ofBuckets).toMatchObject([
      { Action: ['s3:AbortMultipartUpload', 's3:GetObject', 's3:PutObject'] },
      { Action: 's3:ListBucket', Condition: { StringLike: { 's3:prefix': `${tag}/*` } } },
    ])
    expect(JSON.stringify(ofBuckets[0].Resource)).toContain(`/${tag}/*`)
  })

  it('has one repository for the images of all blueprints, whichever are offered, whose tags never move', () => {
    const repositories = resourcesOf(template, 'AWS::ECR::Repository').map(({ Properties }) => Properties)
    expect(repositories).toMatchObject([
      {
        RepositoryName: names.blueprintRepository,
        ImageTagMutability: 'IMMUTABLE',
        ImageScanningConfiguration: { ScanOnPush: true },
      },
    ])
  })
})
describe('mail', () => {
  it('goes on from a former domain until the functions are deployed', () => {
    const ofDomain = ['AWS::SES::EmailIdentity', 'AWS::Route53::RecordSet']
    const parts = resourcesOf(template).filter(({ Type }) => ofDomain.includes(Type))
    expect(parts).toHaveLength(7)
    for (const part of parts) expect(part).toMatchObject({ UpdateReplacePolicy: 'Retain', DeletionPolicy: 'Delete' })
  })

  it('is from a domain that its zone proves to be ours, and sent by TLS', () => {
    expect(resourcesOf(template, 'AWS::SES::EmailIdentity').map(({ Properties }) => Properties)).toMatchObject([
      { EmailIdentity: 'try.example.com', MailFromAttributes: { MailFromDomain: 'bounce.try.example.com' } },
    ])
    const keys = resourcesOf(template, 'AWS::Route53::RecordSet').filter(
      ({ Properties }) => Properties.Type === 'CNAME',
    )
    expect(keys).toHaveLength(3)
    expect(resourcesOf(template, 'AWS::SES::ConfigurationSet').map(({ Properties }) => Properties)).toMatchObject([
      {
        Name: names.mailConfiguration,
        DeliveryOptions: { TlsPolicy: 'REQUIRE' },
        ReputationOptions: { ReputationMetricsEnabled: true },
      },
    ])
  })
})

it('describes the data set of reports as tables with the columns of its files', () => {
  const tables = resourcesOf(template, 'AWS::Glue::Table').map(({ Properties }) => Properties.TableInput)
  expect(tables.map(({ Name }) => Name)).toEqual(['events', 'usage', 'visits'])
  for (const { Name, StorageDescriptor, PartitionKeys, Parameters } of tables) {
    const columns = StorageDescriptor.Columns.map(({ Name: name, Type: type }: { Name: string; Type: string }) => [
      name,
      type,
    ])
    expect(columns).toEqual(
      columnsOf(Name).map(({ name, type }) => [
        name,
        { BIGINT: 'bigint', TIMESTAMP: 'timestamp', VARCHAR: 'string' }[type],
      ]),
    )
    expect(Object.fromEntries(columns)).toMatchObject({ at: 'timestamp', offer: 'string' })
    expect(PartitionKeys).toEqual([{ Name: 'day', Type: 'date' }])
    expect(JSON.stringify(Parameters['storage.location.template'])).toMatch(new RegExp(`/${Name}/day=\\$\\{day\\}/`))
  }
})
