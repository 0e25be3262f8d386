import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { DeleteCommand, type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { archiveJobSchema } from '../../../adapters/archiver/archive-job.ts'
import { contentAttribute, queryAll, readContent } from '../../../adapters/dynamodb/item.ts'
import type { Key } from '../../../adapters/dynamodb/keys.ts'
import type { Tables } from '../../../adapters/dynamodb/tables.ts'
import { idSchema, type SiteId } from '../../../core/ids.ts'
import { plusDays, toEpochSeconds } from '../../../core/instant.ts'
import type { JobWait, JobWaits } from './run-archive-job.ts'

/** Attempts at operations that wait for jobs of the archiver; those of a site begin with its id. */
const jobWaitsPartition = 'JOBS'
export const jobWaitKey = (attempt: { siteId: SiteId; operationId: string; fence: number }): Key => ({
  pk: jobWaitsPartition,
  sk: `${attempt.siteId}#${attempt.operationId}#${attempt.fence}`,
})

const waitSchema: z.ZodType<JobWait> = z.strictObject({
  attempt: z.strictObject({ siteId: idSchema('site'), operationId: z.string(), fence: z.int().positive() }),
  token: z.string(),
  jobs: z.array(archiveJobSchema),
  notedAt: z.iso.datetime({ precision: 3 }),
})

/** Longer than a state machine may run. */
const keptDays = 2

/** All below one key, because the rate limit bounds how many operations begin. */
export const createJobWaits = ({
  client,
  tables,
}: {
  readonly client: DynamoDBDocumentClient
  readonly tables: Tables
}): JobWaits => {
  const TableName = tables.short

  async function* list(siteId?: string): AsyncGenerator<JobWait> {
    const items = queryAll(client, {
      TableName,
      ConsistentRead: true,
      KeyConditionExpression: siteId === undefined ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :site)',
      ExpressionAttributeValues: {
        ':pk': jobWaitsPartition,
        ...(siteId === undefined ? {} : { ':site': `${siteId}#` }),
      },
    })
    for await (const item of items) {
      const wait = readContent(waitSchema, item)
      if (wait !== undefined) yield wait
    }
  }

  return {
    list,
    note: async (wait) => {
      const item = {
        ...jobWaitKey(wait.attempt),
        kind: 'job-wait',
        schemaVersion: 1,
        expiresAt: toEpochSeconds(plusDays(wait.notedAt, keptDays)),
        [contentAttribute]: wait,
      }
      await client.send(new PutCommand({ TableName, Item: item }))
    },
    remove: async ({ attempt, token }) => {
      try {
        await client.send(
          new DeleteCommand({
            TableName,
            Key: jobWaitKey(attempt),
            ConditionExpression: '#content.#token = :token',
            ExpressionAttributeNames: { '#content': contentAttribute, '#token': 'token' },
            ExpressionAttributeValues: { ':token': token },
          }),
        )
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error
      }
    },
  }
}
