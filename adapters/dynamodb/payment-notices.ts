import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import type { PaymentNotices } from '../../core/ports/billing.ts'
import type { EventWriting } from './event-writes.ts'
import { eventWrite } from './event-writes.ts'
import { contentAttribute } from './item.ts'
import { paymentKey } from './keys.ts'
import { transact } from './transaction.ts'

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
