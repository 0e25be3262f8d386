import { DescribeTableCommand, DynamoDBClient, UpdateTableCommand } from '@aws-sdk/client-dynamodb'
import * as z from 'zod'
import { clientSettings } from '../client-settings.ts'

/** A record as the function that reads the stream gets it. */
export interface StreamRecord {
  readonly dynamodb: { readonly SequenceNumber: string }
}

const recordSchema = z.looseObject({ dynamodb: z.looseObject({ SequenceNumber: z.string() }) })
const shardsSchema = z.object({ StreamDescription: z.object({ Shards: z.array(z.object({ ShardId: z.string() })) }) })
const iteratorSchema = z.object({ ShardIterator: z.string() })
const recordsSchema = z.object({ Records: z.array(recordSchema) })

/** DynamoDB Streams has a client of its own in the SDK, which nothing but this needs. */
const ask = async <Schema extends z.ZodType>(
  operation: string,
  input: object,
  schema: Schema,
): Promise<z.output<Schema>> => {
  const { endpoint, region } = clientSettings()
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/dynamodb/aws4_request, SignedHeaders=host, Signature=0`,
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDBStreams_20120810.${operation}`,
    },
    body: JSON.stringify(input),
  })
  return schema.parse(await answer.json())
}

/** Gives a table its stream, as the data stack does, and reads it from its beginning. @returns what came since the last time. */
export const openTableStream = async (table: string): Promise<() => Promise<readonly StreamRecord[]>> => {
  const client = new DynamoDBClient(clientSettings())
  const StreamSpecification = { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' } as const
  await client.send(new UpdateTableCommand({ TableName: table, StreamSpecification }))
  const { Table } = await client.send(new DescribeTableCommand({ TableName: table }))
  client.destroy()
  const StreamArn = Table?.LatestStreamArn
  const { StreamDescription } = await ask('DescribeStream', { StreamArn }, shardsSchema)
  const shard = { StreamArn, ShardId: StreamDescription.Shards[0]?.ShardId }
  let last: string | undefined
  return async () => {
    // A new iterator each time: the emulator's keep to a table as it was before a transaction that failed.
    const from =
      last === undefined
        ? { ShardIteratorType: 'TRIM_HORIZON' }
        : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: last }
    const { ShardIterator } = await ask('GetShardIterator', { ...shard, ...from }, iteratorSchema)
    const { Records } = await ask('GetRecords', { ShardIterator, Limit: 100 }, recordsSchema)
    last = Records.at(-1)?.dynamodb.SequenceNumber ?? last
    return Records
  }
}
