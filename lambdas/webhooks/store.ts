import { QueryCommand } from '@aws-sdk/lib-dynamodb'
import { dueItems } from '../../adapters/dynamodb/due-index.ts'
import {
  badCursor,
  collect,
  contentAttribute,
  contentItem,
  type Database,
  getItem,
  inTable,
  putItem,
  readAll,
  readContent,
  readStored,
  removeItem,
} from '../../adapters/dynamodb/item.ts'
import { dueKey, type Key } from '../../adapters/dynamodb/keys.ts'
import { indexes } from '../../adapters/dynamodb/tables.ts'
import { contentHas, isAtVersion, isNew, putIf, removeIf } from '../../adapters/dynamodb/transaction.ts'
import { type Id, isId } from '../../core/ids.ts'
import { endOfTime, plusDays, toEpochSeconds } from '../../core/instant.ts'
import {
  attemptsKeptDays,
  type WebhookDeliveries,
  type WebhookDelivery,
  type WebhookEndpoints,
  type WebhookLog,
  webhookAttemptSchema,
  webhookDeliverySchema,
  webhookEndpointSchema,
} from './webhook.ts'

const webhookEndpointsPartition = 'WEBHOOKS'
const webhookEndpointKey = (id: Id<'hook'>): Key => ({ pk: webhookEndpointsPartition, sk: id })
/** In the main table what is queued for an endpoint, by message; in the short one its log. */
const webhookPartition = (endpointId: Id<'hook'>): string => `WEBHOOK#${endpointId}`
const webhookKey = (endpointId: Id<'hook'>, id: Id<'msg' | 'att'>): Key => ({
  pk: webhookPartition(endpointId),
  sk: id,
})

/** All below one key: there are few. */
export const createWebhookEndpoints = ({ client, tables: { main } }: Database): WebhookEndpoints => ({
  list: () => collect(readAll(client, webhookEndpointSchema, inTable(main, webhookEndpointsPartition))),
  read: async (id) => readContent(webhookEndpointSchema, await getItem(client, main, webhookEndpointKey(id))),
  write: (next) => {
    const { id, version } = next
    const Item = contentItem(webhookEndpointKey(id), 'webhook-endpoint', next, { version })
    return putIf(client, main, Item, isAtVersion(version - 1))
  },
  remove: (id) => removeItem(client, main, webhookEndpointKey(id)),
})

/** One item for each delivery that is not accepted yet, in the due index. */
export const createWebhookDeliveries = (database: Database): WebhookDeliveries => {
  const { client, tables } = database
  const TableName = tables.main
  const itemOf = (delivery: WebhookDelivery) =>
    contentItem(webhookKey(delivery.endpointId, delivery.message.id), 'webhook-delivery', delivery, {
      [indexes.due.partition]: dueKey('webhook', delivery.message.id),
      [indexes.due.sort]: delivery.dueAt,
    })
  return {
    queue: async (delivery) => {
      await putIf(client, TableName, itemOf(delivery), isNew)
    },
    requeue: (delivery) => putItem(client, TableName, itemOf(delivery)),
    due: async function* (until) {
      const ahead = { after: plusDays(until, 2), until: endOfTime }
      for (const range of [{ until }, ahead]) {
        for await (const item of dueItems(database, { kind: 'webhook', ...range })) {
          yield readStored(webhookDeliverySchema, item[contentAttribute], item)
        }
      }
    },
    replace: (delivery, next) => {
      const { dueAt, attempts } = delivery
      const asItWas = contentHas({ dueAt, attempts })
      if (next !== undefined) return putIf(client, TableName, itemOf(next), asItWas)
      return removeIf(client, TableName, webhookKey(delivery.endpointId, delivery.message.id), asItWas)
    },
  }
}

/** In the table that may be lost. Ids sort by time. */
export const createWebhookLog = ({ client, tables: { short } }: Database): WebhookLog => ({
  append: (attempt) => {
    const expiresAt = toEpochSeconds(plusDays(attempt.at, attemptsKeptDays))
    const key = webhookKey(attempt.endpointId, attempt.id)
    return putItem(client, short, contentItem(key, 'webhook-attempt', attempt, { expiresAt }))
  },
  find: async (endpointId, id) =>
    readContent(webhookAttemptSchema, await getItem(client, short, webhookKey(endpointId, id))),
  page: async (endpointId, { limit, cursor }) => {
    if (cursor !== undefined && !isId('att', cursor)) throw badCursor()
    const start = cursor === undefined ? {} : { ExclusiveStartKey: webhookKey(endpointId, cursor) }
    const query = { ...inTable(short, webhookPartition(endpointId)), ...start, ScanIndexForward: false, Limit: limit }
    const { Items = [], LastEvaluatedKey: last } = await client.send(new QueryCommand(query))
    return {
      items: Items.map((item) => readStored(webhookAttemptSchema, item[contentAttribute], item)),
      ...(last === undefined ? {} : { cursor: String(last['sk']) }),
    }
  },
})
