import type { QueryCommandInput } from '@aws-sdk/lib-dynamodb'
import {
  contentAttribute,
  countItems,
  type Database,
  getItem,
  inTable,
  readContent,
  readPage,
} from '../../../adapters/dynamodb/item.ts'
import { type Key, padded } from '../../../adapters/dynamodb/keys.ts'
import { type Condition, type GuardedWrite, isNew, put, transact } from '../../../adapters/dynamodb/transaction.ts'
import type { AccountId } from '../../../core/ids.ts'
import {
  type TrialControlStore,
  trialControlsSchema,
  type WaitingEntry,
  type WaitingList,
  waitingEntrySchema,
} from './waiting-entry.ts'

/** Who waits for a trial: by account, and in the order of their turn. */
const waitingPartition = 'WAITING'
const waitingKey = (id: AccountId): Key => ({ pk: `ACCOUNT#${id}`, sk: 'WAITING' })
const waitingTurnKey = (prefix: string, at: string, id: AccountId): Key => ({
  pk: waitingPartition,
  sk: `${prefix}${at}#${id}`,
})

const prefixes = { waiting: 'WAITING#', invited: 'INVITED#' } as const

/** Those who wait are in the order in which they came, those who are invited in the order in which that ends. */
const turnOf = (entry: WaitingEntry): Key =>
  waitingTurnKey(prefixes[entry.status], entry.status === 'waiting' ? entry.joinedAt : entry.until, entry.accountId)

/** Later than any instant, as text. */
const last = '~'

/** Each entry is there twice, below its account and in its turn, and both are written in one transaction. */
export const createWaitingList = ({ client, tables }: Database): WaitingList => {
  const TableName = tables.main

  const find = async (accountId: AccountId): Promise<WaitingEntry | undefined> =>
    readContent(waitingEntrySchema, await getItem(client, TableName, waitingKey(accountId)))

  const itemAt = (key: Key, entry: WaitingEntry) => ({
    ...key,
    kind: 'waiting-entry',
    turn: turnOf(entry).sk,
    [contentAttribute]: entry,
  })
  /** The turn changes whenever the entry does. */
  const isStill = (entry: WaitingEntry): Condition => ({
    ConditionExpression: 'turn = :turn',
    ExpressionAttributeValues: { ':turn': turnOf(entry).sk },
  })
  const remove = (Key: Key, condition: Condition = {}): GuardedWrite<'changed'> => ({
    refusal: 'changed',
    write: { Delete: { TableName, Key, ...condition } },
  })
  const change = async (before: WaitingEntry | undefined, after: WaitingEntry): Promise<boolean> => {
    const condition = before === undefined ? isNew : isStill(before)
    const refusals = await transact(client, [
      put('changed', TableName, itemAt(waitingKey(after.accountId), after), condition),
      put('changed', TableName, itemAt(turnOf(after), after)),
      ...(before === undefined ? [] : [remove(turnOf(before))]),
    ])
    return refusals.length === 0
  }

  const turns = (status: WaitingEntry['status'], until: string): QueryCommandInput => ({
    ...inTable(TableName, waitingPartition),
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :until',
    ExpressionAttributeValues: {
      ':pk': waitingPartition,
      ':from': prefixes[status],
      ':until': `${prefixes[status]}${until}`,
    },
  })
  const read = (query: QueryCommandInput, Limit: number) => readPage(client, waitingEntrySchema, { ...query, Limit })

  return {
    find,
    join: async (asked, at) => {
      for (;;) {
        const known = await find(asked.accountId)
        if (known !== undefined) return known
        const entry: WaitingEntry = { schemaVersion: 1, ...asked, joinedAt: at, status: 'waiting' }
        if (await change(undefined, entry)) return entry
      }
    },
    first: (limit) => read(turns('waiting', last), limit),
    count: (status, atMost) => countItems(client, turns(status, last), atMost),
    lapsed: async (now, limit) =>
      (await read(turns('invited', `${now}${last}`), limit)).flatMap((entry) =>
        entry.status === 'invited' ? [entry] : [],
      ),
    replace: change,
    leave: async (accountId) => {
      for (;;) {
        const entry = await find(accountId)
        if (entry === undefined) return
        const writes = [remove(waitingKey(accountId), isStill(entry)), remove(turnOf(entry))]
        if ((await transact(client, writes)).length === 0) return
      }
    },
  }
}

/** The operators' settings for new trials, one item a version. */
const trialControlsPartition = 'TRIAL-CONTROLS'
const trialControlsKey = (version: number): Key => ({ pk: trialControlsPartition, sk: `VERSION#${padded(version)}` })

/** An item for each version; the last one holds. */
export const createTrialControls = ({ client, tables: { main } }: Database): TrialControlStore => {
  const history: TrialControlStore['history'] = (limit) => {
    const versions = inTable(main, trialControlsPartition)
    return readPage(client, trialControlsSchema, { ...versions, ScanIndexForward: false, Limit: limit })
  }
  return {
    history,
    read: async () => (await history(1))[0],
    write: async (next) => {
      const item = { ...trialControlsKey(next.version), kind: 'trial-controls', [contentAttribute]: next }
      return (await transact(client, [put('version', main, item, isNew)])).length === 0
    },
  }
}
