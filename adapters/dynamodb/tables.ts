import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type DynamoDBClient,
  type GlobalSecondaryIndex,
  ResourceInUseException,
  ResourceNotFoundException,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb'

/**
 * The tables: `main` is kept, `short` may be lost, `audit` is only ever added to. Names carry a prefix, so that installations can share an account or engine.
 */
export interface Tables {
  readonly main: string
  readonly short: string
  readonly audit: string
}

export const tablesOf = (prefix: string): Tables => ({
  main: prefix,
  short: `${prefix}-short`,
  audit: `${prefix}-audit`,
})

/** The indexes of the main table: each is sparse, an item is in it while it has both attributes. */
export const indexes = {
  byAccount: { name: 'by-account', partition: 'accountKey', sort: 'accountSort' },
  byStatus: { name: 'by-status', partition: 'statusKey', sort: 'statusSort' },
  readyPool: { name: 'ready-pool', partition: 'poolKey', sort: 'poolSort' },
  due: { name: 'due', partition: 'dueKey', sort: 'dueSort' },
  /** One machine only: events not yet published. On AWS the table's stream does this. */
  outbox: { name: 'outbox', partition: 'outboxKey', sort: 'outboxSort' },
} as const

const keySchema = (partition: string, sort: string): GlobalSecondaryIndex['KeySchema'] => [
  { AttributeName: partition, KeyType: 'HASH' },
  { AttributeName: sort, KeyType: 'RANGE' },
]

const tableOf = (TableName: string, isMain: boolean): CreateTableCommandInput => {
  const its = isMain ? Object.values(indexes) : []
  const attributes = ['pk', 'sk', ...its.flatMap(({ partition, sort }) => [partition, sort])]
  const GlobalSecondaryIndexes = its.map(({ name, partition, sort }) => ({
    IndexName: name,
    KeySchema: keySchema(partition, sort),
    Projection: { ProjectionType: 'ALL' as const },
  }))
  return {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: keySchema('pk', 'sk'),
    AttributeDefinitions: attributes.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    ...(isMain && { GlobalSecondaryIndexes }),
  }
}

const isReady = async (client: DynamoDBClient, name: string | undefined): Promise<boolean> => {
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }))
    return Table?.TableStatus === 'ACTIVE'
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return false
    throw error
  }
}

const createOrFind = async (client: DynamoDBClient, input: CreateTableCommandInput): Promise<void> => {
  if (await isReady(client, input.TableName)) return
  try {
    await client.send(new CreateTableCommand(input))
  } catch (error) {
    // Somebody else is making it.
    if (!(error instanceof ResourceInUseException)) throw error
  }
  // In seconds. An embedded engine is ready at once; a configured endpoint may not be.
  await waitUntilTableExists({ client, maxWaitTime: 120, minDelay: 1, maxDelay: 2 }, { TableName: input.TableName })
}

/**
 * Makes the tables in an engine that has none, and returns when they can be used. For one machine: on AWS the data stack owns
 * them.
 */
export const ensureTables = async (client: DynamoDBClient, tables: Tables): Promise<void> => {
  await createOrFind(client, tableOf(tables.main, true))
  await createOrFind(client, tableOf(tables.short, false))
  await createOrFind(client, tableOf(tables.audit, false))
}
