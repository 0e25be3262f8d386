import { contentItem, type Database, getItem, readContent } from '../../adapters/dynamodb/item.ts'
import type { Key } from '../../adapters/dynamodb/keys.ts'
import {
  type Condition,
  type EventWriting,
  eventWrite,
  isAtVersion,
  isNew,
  put,
  putIf,
  transact,
} from '../../adapters/dynamodb/transaction.ts'
import type { SiteId } from '../../core/ids.ts'
import { type CheckoutRecord, checkoutRecordSchema } from './payment-notice.ts'
import type { Checkouts, PaymentNotices } from './ports.ts'

export const paymentKey = (id: string): Key => ({ pk: `PAYMENT#${id}`, sk: 'PAYMENT' })
const checkoutKey = (id: SiteId): Key => ({ pk: `SITE#${id}`, sk: 'CHECKOUT' })

export const createPaymentNotices = (writing: EventWriting): PaymentNotices => ({
  keep: async (notice, event) => {
    const item = contentItem(paymentKey(notice.id), 'payment-notice', notice, {
      schemaVersion: 1,
      receivedAt: event.at,
    })
    // A write that lost its reply reads as known when it is repeated: what it wrote is there.
    const refusals = await transact(writing.client, [
      put('known', writing.tables.main, item, isNew),
      eventWrite(event, 'known', writing),
    ])
    return refusals.length === 0 ? 'kept' : 'known'
  },
})

export const createCheckouts = ({ client, tables: { main } }: Database): Checkouts => {
  const write = (record: CheckoutRecord, condition: Condition): Promise<boolean> => {
    const { siteId, version, sessionId } = record
    const Item = contentItem(checkoutKey(siteId), 'checkout', record, {
      version,
      ...(sessionId === undefined ? {} : { sessionId }),
    })
    return putIf(client, main, Item, condition)
  }

  return {
    find: async (siteId) => readContent(checkoutRecordSchema, await getItem(client, main, checkoutKey(siteId))),
    begin: (record, before) => {
      const { ConditionExpression, ...values } = isAtVersion(record.version - 1)
      const hasNoSession = before === 'unopened' ? ' AND attribute_not_exists(sessionId)' : ''
      return write(record, { ...values, ConditionExpression: `${ConditionExpression}${hasNoSession}` })
    },
    noteSession: (record) =>
      write(record, {
        ConditionExpression: '#version = :version AND (attribute_not_exists(sessionId) OR sessionId = :session)',
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: { ':version': record.version, ':session': record.sessionId },
      }),
  }
}
