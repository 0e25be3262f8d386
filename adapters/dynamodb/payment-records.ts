import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import type { DynamoDBDocumentClient, PutCommandInput } from '@aws-sdk/lib-dynamodb'
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import type { CheckoutRecord } from '../../core/billing/checkout-record.ts'
import { checkoutRecordSchema } from '../../core/billing/checkout-record.ts'
import type { Checkouts } from '../../core/ports/checkouts.ts'
import type { PaymentNotices } from '../../core/ports/payment-notices.ts'
import { contentAttribute, readContent } from './item.ts'
import { checkoutKey, paymentKey } from './keys.ts'
import type { Tables } from './tables.ts'
import type { EventWriting } from './transaction.ts'
import { eventWrite, outlastConflicts, transact } from './transaction.ts'

export const createPaymentNotices = (
  writing: EventWriting & { readonly client: DynamoDBDocumentClient },
): PaymentNotices => ({
  keep: async (notice, event) => {
    // A write that lost its reply reads as known when it is repeated, which is as good: what it wrote is there.
    const refusals = await transact(writing.client, [
      {
        refusal: 'known' as const,
        write: {
          Put: {
            TableName: writing.tables.main,
            Item: {
              ...paymentKey(notice.id),
              kind: 'payment-notice',
              schemaVersion: 1,
              receivedAt: event.at,
              [contentAttribute]: notice,
            },
            ConditionExpression: 'attribute_not_exists(pk)',
          },
        },
      },
      eventWrite(event, 'known' as const, writing),
    ])
    return refusals.length === 0 ? 'kept' : 'known'
  },
})

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
