import { createHash } from 'node:crypto'
import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import {
  contentAttribute,
  contentItem,
  type Database,
  getItem,
  inPartition,
  inTable,
  putItem,
  queryAll,
  readAll,
  readContent,
  readStored,
  removeItem,
  withSort,
} from '../../adapters/dynamodb/item.ts'
import { accountKey, eventKey, type Key, reportAccountKey } from '../../adapters/dynamodb/keys.ts'
import { indexes } from '../../adapters/dynamodb/tables.ts'
import {
  isNew,
  itemHas,
  outlastConflicts,
  put,
  removeIf,
  transact,
  updateIf,
} from '../../adapters/dynamodb/transaction.ts'
import { eventSchema } from '../../core/events/event.ts'
import { type AccountId, idSchema } from '../../core/ids.ts'
import { type Instant, toEpochSeconds } from '../../core/instant.ts'
import type { AccountRebuilds, ChangedRows, EventHistory, ReportAccounts, ReportRows } from './ports.ts'
import { accountOriginSchema, type ReportTable, reportTables } from './report-row.ts'

const rowPartition = (table: ReportTable, hour: string): string => `ROWS#${table}#${hour}`
/** The hours whose file is old. */
const changedRowsPartition = 'ROWS#CHANGED'
/** The index of accounts. */
const rebuildPartition = 'REPORT-ACCOUNT#ALL'
const { byAccount } = indexes
const changedRowsKey = (table: ReportTable, hour: string): Key => ({ pk: changedRowsPartition, sk: `${table}#${hour}` })

/** In the index, accounts are in the order of the rebuilds that recorded them; new ones are before all. */
const rebuildPlace = (id: AccountId, began: Instant | '') => ({
  [byAccount.partition]: rebuildPartition,
  [byAccount.sort]: `${began}#${id}`,
})

export const createReportAccounts = ({ client, tables: { main, short } }: Database): ReportAccounts => ({
  get: async (id) => {
    const Key = reportAccountKey(id)
    return readContent(accountOriginSchema, (await getItem(client, main, Key)) ?? (await getItem(client, short, Key)))
  },
  create: async (id, origin) => {
    const isKnown = {
      ConditionExpression:
        'attribute_exists(pk) AND (attribute_not_exists(#content.closure) OR #content.closure.#state <> :erased)',
      ExpressionAttributeNames: { '#content': contentAttribute, '#state': 'state' },
      ExpressionAttributeValues: { ':erased': 'erased' },
    }
    await transact(client, [
      put('taken', main, contentItem(reportAccountKey(id), 'report-account', origin, rebuildPlace(id, '')), isNew),
      { refusal: 'erased', write: { ConditionCheck: { TableName: main, Key: accountKey(id), ...isKnown } } },
    ])
  },
  forget: async (id, until) => {
    const Key = reportAccountKey(id)
    const item = await getItem(client, main, Key)
    if (item === undefined) return
    const { [byAccount.partition]: _, [byAccount.sort]: __, ...kept } = item
    await putItem(client, short, { ...kept, expiresAt: toEpochSeconds(until) })
    await removeItem(client, main, Key)
  },
})

export const createAccountRebuilds = ({ client, tables: { main } }: Database): AccountRebuilds => ({
  due: async function* (began) {
    const query = withSort(inPartition(main, byAccount, rebuildPartition), byAccount.sort, '#sort < :sort', began)
    for await (const item of queryAll(client, query)) {
      yield idSchema('acct').parse(String(item[byAccount.sort]).split('#')[1])
    }
  },
  note: async (id, began) => {
    const place = Object.entries(rebuildPlace(id, began))
    await updateIf(client, {
      TableName: main,
      Key: reportAccountKey(id),
      UpdateExpression: `SET ${place.map(([name]) => `${name} = :${name}`).join(', ')}`,
      // It is removed with its account.
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeValues: Object.fromEntries(place.map(([name, value]) => [`:${name}`, value])),
    })
  },
})

const hourOf = ({ at }: { readonly at: string }): string => at.slice(0, 13)

/** Notes it after the row is written: a writer that read the rows before finds the hour changed. */
const noteChange = async ({ client, tables: { short } }: Database, table: ReportTable, hour: string): Promise<void> => {
  const update = {
    TableName: short,
    Key: changedRowsKey(table, hour),
    UpdateExpression: 'SET #kind = :kind, schemaVersion = :version ADD changes :one',
    ExpressionAttributeNames: { '#kind': 'kind' },
    ExpressionAttributeValues: { ':kind': 'changed-rows', ':version': 1, ':one': 1 },
  }
  await outlastConflicts(() => client.send(new UpdateCommand(update)))
}

export const createReportRows = (database: Database): ReportRows => {
  const {
    client,
    tables: { short },
  } = database
  return {
    put: async (table, { id, row, keptUntil }) => {
      const item = {
        ...{ pk: rowPartition(table, hourOf(row)), sk: id, kind: 'report-row', schemaVersion: 1 },
        expiresAt: toEpochSeconds(keptUntil),
        [contentAttribute]: row,
      }
      await putItem(client, short, item)
      await noteChange(database, table, hourOf(row))
    },
    countVisit: async (visit, { mayBeNew, keptUntil }) => {
      const { at, offer, variant, source, medium, campaign } = visit
      const combination = JSON.stringify([offer, variant, source, medium, campaign])
      const update = {
        TableName: short,
        Key: {
          pk: rowPartition('visits', hourOf({ at })),
          sk: createHash('sha256').update(combination).digest('base64url'),
        },
        UpdateExpression:
          'SET #kind = :kind, schemaVersion = :version, expiresAt = :expiresAt, #content = :content ADD visits :one',
        ...(mayBeNew ? {} : { ConditionExpression: 'attribute_exists(pk)' }),
        ExpressionAttributeNames: { '#kind': 'kind', '#content': contentAttribute },
        ExpressionAttributeValues: {
          ':kind': 'report-row',
          ':version': 1,
          ':expiresAt': toEpochSeconds(keptUntil),
          ':content': visit,
          ':one': 1,
        },
      }
      const isCounted = await updateIf(client, update)
      if (isCounted) await noteChange(database, 'visits', hourOf({ at }))
      return isCounted
    },
  }
}

const changedSchema = z.object({
  sk: z.templateLiteral([z.enum(['events', 'usage', 'visits']), '#', z.string()]),
  changes: z.int(),
})
const visitsSchema = z.object({ visits: z.int().optional() })

export const createChangedRows = ({ client, tables: { short } }: Database): ChangedRows => ({
  hours: async function* () {
    for await (const item of queryAll(client, inTable(short, changedRowsPartition))) {
      const { sk, changes } = readStored(changedSchema, item, item)
      const [table, hour = ''] = sk.split('#')
      yield { table: z.enum(['events', 'usage', 'visits']).parse(table), hour, changes }
    }
  },
  rows: async function* ({ table, hour }) {
    for await (const item of queryAll(client, inTable(short, rowPartition(table, hour)))) {
      const content = { ...Object(item[contentAttribute]), ...readStored(visitsSchema, item, item) }
      yield readStored(reportTables[table], content, item)
    }
  },
  settle: async ({ table, hour, changes }) => {
    await removeIf(client, short, changedRowsKey(table, hour), itemHas({ changes }))
  },
})

export const createEventHistory = ({ client, tables: { main } }: Database): EventHistory => ({
  list: async function* (aggregate) {
    const { pk, sk } = eventKey(aggregate, 0)
    yield* readAll(client, eventSchema, inTable(main, pk, sk.slice(0, sk.indexOf('#') + 1)))
  },
})
