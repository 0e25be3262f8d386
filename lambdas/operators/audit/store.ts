import { QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import {
  badCursor,
  contentAttribute,
  contentItem,
  type Database,
  queryAll,
  readStored,
} from '../../../adapters/dynamodb/item.ts'
import { auditPartition, type Key } from '../../../adapters/dynamodb/keys.ts'
import type { Tables } from '../../../adapters/dynamodb/tables.ts'
import { type GuardedWrite, isNew, put, putIf, transact } from '../../../adapters/dynamodb/transaction.ts'
import { plusDays, toEpochSeconds } from '../../../core/instant.ts'
import { type AuditEntry, auditEntrySchema, type Refusal, refusalSchema } from './audit-entry.ts'
import type { AuditLog, AuditQuery, RefusalCounts } from './ports.ts'

export const auditKey = ({ at, id }: { readonly at: string; readonly id: string }): Key => ({
  pk: auditPartition,
  sk: `${at}#${id}`,
})
/** Refusals to those who are signed in, by hour. */
const refusalsPartition = 'REFUSALS'
const refusalKey = ({ hour, who, accountId, problem, feature }: Refusal): Key => ({
  pk: refusalsPartition,
  sk: [hour, who.kind, who.id, accountId, problem, feature].filter((part) => part !== undefined).join('#'),
})

const itemOf = (entry: AuditEntry) =>
  contentItem(auditKey(entry), 'audit-entry', entry, { expiresAt: toEpochSeconds(entry.expiresAt) })

export const auditWrite = <Refused extends string>(
  refusal: Refused,
  { audit }: Pick<Tables, 'audit'>,
  entry: AuditEntry,
): GuardedWrite<Refused> => put(refusal, audit, itemOf(entry), isNew)

const encode = (sort: string): string => Buffer.from(sort).toString('base64url')

/** The sort key of the last item that an earlier page read. */
const decode = (cursor: string): string => {
  const sort = Buffer.from(cursor, 'base64url').toString('utf8')
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#aud_[0-9a-z]{26}$/.test(sort)) return sort
  throw badCursor()
}

/** With a filter, a page is what it leaves of so many entries. */
const maxFiltered = 500

/** How the operations begin that only read, by their placeholders. An export counts as a change: it takes data away. */
export const readPrefixes = {
  ':get': 'operatorGet',
  ':list': 'operatorList',
  ':read': 'operatorRead',
  ':ownGet': 'get',
  ':ownList': 'list',
} as const

/** People sign in every day, and it changes nothing. */
const signInAndOut = { ':in': 'signIn', ':out': 'signOut' } as const
const isNoChange = [
  ...Object.keys(readPrefixes).map((prefix) => `begins_with(content.#action, ${prefix})`),
  `content.#action IN (${Object.keys(signInAndOut)})`,
]

/** What a query is limited to: its entries, or those that are filtered. */
const limitTo = ({ limit, who, target, action, only }: AuditQuery) => {
  const filters = [
    ...(who === undefined ? [] : ['content.who.id = :who']),
    ...(target === undefined ? [] : ['contains(content.targets, :target)']),
    ...(action === undefined ? [] : ['content.#action = :action']),
    ...(only === undefined ? [] : [`NOT (${isNoChange.join(' OR ')})`]),
  ]
  if (filters.length === 0) return { Limit: limit, values: {} }
  const names = action === undefined && only === undefined ? {} : { ExpressionAttributeNames: { '#action': 'action' } }
  const values = {
    ':who': who,
    ':target': target,
    ':action': action,
    ...(only && { ...readPrefixes, ...signInAndOut }),
  }
  return { Limit: maxFiltered, FilterExpression: filters.join(' AND '), ...names, values }
}

/** Before and after any instant, as text. */
const [first, last] = ['0', '~']

export const createAuditLog = ({ client, tables: { audit: TableName } }: Database): AuditLog => ({
  append: async (entry) => {
    // Refused only where an earlier attempt wrote it and lost its reply.
    await putIf(client, TableName, itemOf(entry), isNew)
  },
  page: async (query) => {
    const { limit, cursor, from = first, until = last, order } = query
    // DynamoDB refuses a range whose end is before its beginning.
    if (from > until) return { items: [] }
    const { values, ...limits } = limitTo(query)
    const start = cursor === undefined ? undefined : decode(cursor)
    if (start !== undefined && (start < from || start > until)) throw badCursor()
    const { Items = [], LastEvaluatedKey: stop } = await client.send(
      new QueryCommand({
        TableName,
        ConsistentRead: true,
        ScanIndexForward: order === 'oldest first',
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :until',
        ExpressionAttributeValues: { ':pk': auditPartition, ':from': from, ':until': until, ...values },
        ...limits,
        ...(start === undefined ? {} : { ExclusiveStartKey: { pk: auditPartition, sk: start } }),
      }),
    )
    const shown = Items.slice(0, limit)
    const items = shown.map((item) => readStored(auditEntrySchema, item[contentAttribute], item))
    const end = shown.length < Items.length ? shown.at(-1) : stop
    return end === undefined ? { items } : { items, cursor: encode(String(end['sk'])) }
  },
})

const tallySchema = z.int().positive()

export const createRefusalCounts = ({ client, tables }: Database): RefusalCounts => ({
  count: async (refusal: Refusal) => {
    await client.send(
      new UpdateCommand({
        TableName: tables.short,
        Key: refusalKey(refusal),
        UpdateExpression: 'SET #kind = :kind, #content = :content, expiresAt = :expiresAt ADD tally :one',
        ExpressionAttributeNames: { '#kind': 'kind', '#content': contentAttribute },
        ExpressionAttributeValues: {
          ':kind': 'refusal',
          ':content': refusal,
          // It is entered within minutes of its hour's end.
          ':expiresAt': toEpochSeconds(plusDays(refusal.hour, 7)),
          ':one': 1,
        },
      }),
    )
  },
  ended: async function* (hour) {
    const items = queryAll(client, {
      TableName: tables.short,
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk AND sk < :hour',
      ExpressionAttributeValues: { ':pk': refusalsPartition, ':hour': hour },
    })
    for await (const item of items) {
      yield {
        ...readStored(refusalSchema, item[contentAttribute], item),
        count: readStored(tallySchema, item['tally'], item),
      }
    }
  },
  enter: async ({ count, ...refusal }, entry) => {
    const refusals = await transact(client, [
      {
        refusal: 'counted',
        write: {
          Delete: {
            TableName: tables.short,
            Key: refusalKey(refusal),
            ConditionExpression: 'tally = :count',
            ExpressionAttributeValues: { ':count': count },
          },
        },
      },
      auditWrite('counted', tables, entry),
    ])
    return refusals.length === 0
  },
})
