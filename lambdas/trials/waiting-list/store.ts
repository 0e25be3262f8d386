import type { QueryCommandInput } from '@aws-sdk/lib-dynamodb'
import {
  contentItem,
  countItems,
  type Database,
  getItem,
  inTable,
  readAll,
  readContent,
  readPage,
} from '../../../adapters/dynamodb/item.ts'
import { type Key, padded } from '../../../adapters/dynamodb/keys.ts'
import { type Condition, type GuardedWrite, isNew, put, transact } from '../../../adapters/dynamodb/transaction.ts'
import type { AccountId } from '../../../core/ids.ts'
import {
  type InvitedEntry,
  joined,
  type TrialControlStore,
  trialControlsSchema,
  type WaitingEntry,
  type WaitingList,
  type WantedTrial,
  waitingEntrySchema,
} from './waiting-entry.ts'

/** Who waits for a trial: by account, and in the order of their turn. */
const waitingPartition = 'WAITING'
const waitingKey = (id: AccountId): Key => ({ pk: `ACCOUNT#${id}`, sk: 'WAITING' })
const prefixes = { waiting: 'WAITING#', invited: 'INVITED#' } as const
const waitingFor = ({ blueprint, offer = '' }: WantedTrial): string => `${prefixes.waiting}${blueprint}#${offer}#`

/** Those who wait for a blueprint by the same offer are in the order in which they came, those who are invited in the order in which that ends. */
const turnOf = (entry: WaitingEntry): Key => {
  const turn =
    entry.status === 'waiting'
      ? `${waitingFor(entry)}${entry.joinedAt}#${entry.accountId}`
      : `${prefixes.invited}${entry.until}#${entry.accountId}#${entry.site ?? ''}`
  return { pk: waitingPartition, sk: turn }
}

/** Later than any instant or name, as text. */
const last = '~'

/** Each entry is there twice, below its account and in its turn, and both are written in one transaction. */
export const createWaitingList = ({ client, tables }: Database): WaitingList => {
  const TableName = tables.main

  const find = async (accountId: AccountId): Promise<WaitingEntry | undefined> =>
    readContent(waitingEntrySchema, await getItem(client, TableName, waitingKey(accountId)))

  const itemAt = (key: Key, entry: WaitingEntry) => contentItem(key, 'waiting-entry', entry, { turn: turnOf(entry).sk })
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
  const drop = async (entry: WaitingEntry): Promise<boolean> => {
    const writes = [remove(waitingKey(entry.accountId), isStill(entry)), remove(turnOf(entry))]
    return (await transact(client, writes)).length === 0
  }

  const turns = (from: string, until = `${from}${last}`): QueryCommandInput => ({
    ...inTable(TableName, waitingPartition),
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :until',
    ExpressionAttributeValues: { ':pk': waitingPartition, ':from': from, ':until': until },
  })
  const read = (query: QueryCommandInput, Limit: number) => readPage(client, waitingEntrySchema, { ...query, Limit })

  return {
    find,
    join: async (asked, now, isPaused = false) => {
      for (;;) {
        const known = await find(asked.accountId)
        const entry = joined(known, asked, { now, isPaused })
        if (known && turnOf(known).sk === turnOf(entry).sk) return known
        if (await change(known, entry)) return entry
      }
    },
    first: (wanted, limit) => read(turns(waitingFor(wanted)), limit),
    wanted: async () => {
      const found: WantedTrial[] = []
      for (;;) {
        const known = found.at(-1)
        const from = known === undefined ? prefixes.waiting : `${waitingFor(known)}${last}`
        const [next] = await read(turns(from, `${prefixes.waiting}${last}`), 1)
        if (next === undefined) return found
        found.push({ blueprint: next.blueprint, ...(next.offer && { offer: next.offer }) })
      }
    },
    invited: async () => {
      const found: InvitedEntry[] = []
      for await (const entry of readAll(client, waitingEntrySchema, turns(prefixes.invited))) {
        if (entry.status === 'invited' && entry.site === undefined) found.push(entry)
      }
      return found
    },
    count: (status, atMost) => countItems(client, turns(prefixes[status]), atMost),
    lapsed: async (now, limit) =>
      (await read(turns(prefixes.invited, `${prefixes.invited}${now}${last}`), limit)).flatMap((entry) =>
        entry.status === 'invited' ? [entry] : [],
      ),
    replace: change,
    leave: async (accountId) => {
      for (;;) {
        const entry = await find(accountId)
        if (entry === undefined || (await drop(entry))) return
      }
    },
    drop,
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
      const item = contentItem(trialControlsKey(next.version), 'trial-controls', next)
      return (await transact(client, [put('version', main, item, isNew)])).length === 0
    },
  }
}
