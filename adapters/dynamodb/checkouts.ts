import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import type { DynamoDBDocumentClient, PutCommandInput } from '@aws-sdk/lib-dynamodb'
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import type { CheckoutRecord } from '../../core/billing/payment-notice.ts'
import { checkoutRecordSchema } from '../../core/billing/payment-notice.ts'
import type { Checkouts } from '../../core/ports/billing.ts'
import { contentAttribute, readContent } from './item.ts'
import { checkoutKey } from './keys.ts'
import type { Tables } from './tables.ts'
import { outlastConflicts } from './transaction.ts'

const names = { '#version': 'version' }

export const createCheckouts = ({
  client,
  tables,
}: {
  readonly client: DynamoDBDocumentClient
  readonly tables: Tables
}): Checkouts => {
  const write = async (
    record: CheckoutRecord,
    condition: Pick<PutCommandInput, `${string}Expression` & keyof PutCommandInput> & Partial<PutCommandInput>,
  ): Promise<boolean> => {
    const Item = {
      ...checkoutKey(record.siteId),
      kind: 'checkout',
      version: record.version,
      ...(record.sessionId === undefined ? {} : { sessionId: record.sessionId }),
      [contentAttribute]: record,
    }
    try {
      await outlastConflicts(() => client.send(new PutCommand({ TableName: tables.main, Item, ...condition })))
      return true
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false
      throw error
    }
  }

  return {
    find: async (siteId) => {
      const found = await client.send(
        new GetCommand({ TableName: tables.main, Key: checkoutKey(siteId), ConsistentRead: true }),
      )
      return readContent(checkoutRecordSchema, found.Item)
    },
    begin: (record) =>
      write(
        record,
        record.version === 1
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : {
              ConditionExpression: '#version = :before',
              ExpressionAttributeNames: names,
              ExpressionAttributeValues: { ':before': record.version - 1 },
            },
      ),
    noteSession: (record) =>
      write(record, {
        ConditionExpression: '#version = :version AND (attribute_not_exists(sessionId) OR sessionId = :session)',
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: { ':version': record.version, ':session': record.sessionId },
      }),
  }
}
