import type { QueryCommandInput } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import {
  badCursor,
  contentAttribute,
  contentItem,
  type Database,
  getItem,
  inPartition,
  mergeQueries,
  readContent,
  readStored,
  removeItem,
} from '../../adapters/dynamodb/item.ts'
import { leadKey, shardOf, shards } from '../../adapters/dynamodb/keys.ts'
import { indexes } from '../../adapters/dynamodb/tables.ts'
import { type EventWriting, eventWrite, isAtVersion, put, transact } from '../../adapters/dynamodb/transaction.ts'
import { type AccountId, idSchema } from '../../core/ids.ts'
import { plusDays } from '../../core/instant.ts'
import type { Order } from '../../core/ports/site-lists.ts'
import { deadlineOf, type Lead, type LeadStage, type LeadStore, leadSchema } from './lead.ts'
import type { LeadLists, LeadQuery } from './lead-lists.ts'

const leadDueKey = (id: AccountId): string => `DUE#lead#${shardOf(id)}`
const leadDueKeys: readonly string[] = shards.map((shard) => `DUE#lead#${shard}`)
/** Lists of leads, each in an index that sites have for something else. */
const leadStageKey = (stage: LeadStage): string => `LEAD#STAGE#${stage}`
/** Leads with an assignee or a next step, by assignee. */
const attendedLeadsKey = 'LEAD#ATTENDED'
const unassignedLeadsKey = 'LEAD#UNASSIGNED'
const leadDeadlinesKey = 'LEAD#DEADLINES'

const { byStatus, byAccount, readyPool, due } = indexes

/** After any instant, as text. */
const never = '~'

/** Where a lead is in the lists. Sort keys end with the account, so that each is unique. */
const placesOf = (lead: Lead) => {
  const { accountId, stage, score, checkAt, cooledAt } = lead
  const { assignee, nextStep } = lead.work
  const deadline = deadlineOf(lead)
  const at = (index: { readonly partition: string; readonly sort: string }, partition: string, sort: string) => ({
    [index.partition]: partition,
    [index.sort]: sort,
  })
  return {
    ...at(byStatus, leadStageKey(stage), `${String(score).padStart(3, '0')}#${accountId}`),
    ...(assignee === undefined && nextStep === undefined
      ? at(byAccount, unassignedLeadsKey, `${cooledAt ?? lead.facts.signedUpAt}#${accountId}`)
      : at(byAccount, attendedLeadsKey, `${assignee ?? ''}#${nextStep?.at ?? never}#${accountId}`)),
    ...(deadline === undefined ? {} : at(readyPool, leadDeadlinesKey, `${deadline}#${accountId}`)),
    ...(checkAt === undefined ? {} : at(due, leadDueKey(accountId), checkAt)),
  }
}

export const leadItem = (lead: Lead) =>
  contentItem(leadKey(lead.accountId), 'lead', lead, { version: lead.version, ...placesOf(lead) })

/** Longer than until any lead is scored again. */
const aheadDays = 70

const dueSchema = z.object({ accountId: idSchema('acct') })

export const createLeadStore = (writing: EventWriting): LeadStore => {
  const { client, tables } = writing
  return {
    get: async (id) => readContent(leadSchema, await getItem(client, tables.main, leadKey(id))),
    save: async (lead, ...events) => {
      const refusals = await transact(client, [
        put('version', tables.main, leadItem(lead), isAtVersion(lead.version - 1)),
        ...events.map((event) => eventWrite(event, 'version', writing)),
      ])
      return refusals.length === 0
    },
    remove: (id) => removeItem(client, tables.main, leadKey(id)),
    due: async function* (until) {
      const ranges = [[lowest, until] as const, [plusDays(until, aheadDays), highest] as const]
      const shards = leadDueKeys.flatMap((key) =>
        ranges.map((range) => between(inPartition(tables.main, due, key), due.sort, range)),
      )
      for await (const item of mergeQueries(client, shards, { sort: due.sort, order: 'ascending', pageSize: 100 })) {
        yield readStored(dueSchema, item[contentAttribute], item).accountId
      }
    },
  }
}

/** Before and after any sort key. */
const [lowest, highest] = [' ', '~~']

const between = (
  query: QueryCommandInput,
  sort: string,
  [from, until]: readonly [string, string],
): QueryCommandInput => ({
  ...query,
  KeyConditionExpression: `${query.KeyConditionExpression} AND #sort BETWEEN :from AND :until`,
  ExpressionAttributeNames: { ...query.ExpressionAttributeNames, '#sort': sort },
  ExpressionAttributeValues: { ...query.ExpressionAttributeValues, ':from': from, ':until': until },
})

interface List {
  /** The cursors of a list have its name. */
  readonly name: string
  readonly index: { readonly name: string; readonly partition: string; readonly sort: string }
  readonly ranges: readonly {
    readonly partition: string
    readonly from?: string | undefined
    readonly until?: string | undefined
  }[]
  readonly order: Order
}

/** All leads of an assignee are between these: `$` follows `#`. */
const boundsOf = (assignee: string) => [`${assignee}#`, `${assignee}$`]

const listOf = (query: LeadQuery): List => {
  const { by } = query
  const attended = { index: byAccount, order: 'ascending' } as const
  switch (by) {
    case 'stage': {
      const ranges = query.stages.map((stage) => ({ partition: leadStageKey(stage) }))
      return { name: `${by} ${query.stages.join()}`, index: byStatus, ranges, order: 'descending' }
    }
    case 'assignee': {
      const [from, until] = boundsOf(query.assignee)
      return { name: `${by} ${query.assignee}`, ...attended, ranges: [{ partition: attendedLeadsKey, from, until }] }
    }
    case 'not-assigned-to': {
      const people = query.people.toSorted()
      const bounds = [lowest, ...people.flatMap(boundsOf), highest]
      const ranges = bounds.flatMap((from, at) =>
        at % 2 === 0 ? [{ partition: attendedLeadsKey, from, until: bounds[at + 1] }] : [],
      )
      return { name: `${by} ${people.join()}`, ...attended, ranges }
    }
    case 'news':
      return { name: by, ...attended, ranges: [{ partition: unassignedLeadsKey, from: query.after }] }
    case 'deadline': {
      const ranges = [{ partition: leadDeadlinesKey, from: query.after }]
      return { name: by, index: readyPool, ranges, order: 'ascending' }
    }
  }
}

const encode = (name: string, sort: string): string => Buffer.from(`${name} ${sort}`).toString('base64url')

/** A sort key ends with a score, an instant or `~`, and the account. */
const sortKey = /(^|#)(\d{3}|\d{4}-\d\d-\d\dT[\d:.]{12}Z|~)#acct_[0-9a-z]{26}$/

/** The sort key of the last lead of the page before. */
const decode = (name: string, cursor: string): string => {
  const text = Buffer.from(cursor, 'base64url').toString('utf8')
  const sort = text.slice(name.length + 1)
  if (!text.startsWith(`${name} `) || !sortKey.test(sort)) throw badCursor()
  return sort
}

export const createLeadLists = ({ client, tables }: Database): LeadLists => ({
  page: async (query, { limit, cursor }) => {
    const { name, index, ranges, order } = listOf(query)
    const last = cursor === undefined ? undefined : decode(name, cursor)
    const queries = ranges.flatMap(({ partition, from = lowest, until = highest }) => {
      const start = last !== undefined && order === 'ascending' && last > from ? last : from
      const end = last !== undefined && order === 'descending' ? last : until
      return start > end ? [] : [between(inPartition(tables.main, index, partition), index.sort, [start, end])]
    })
    const found: { readonly lead: Lead; readonly sort: string }[] = []
    const pageSize = Math.ceil((limit + 1) / ranges.length) + 5
    for await (const item of mergeQueries(client, queries, { sort: index.sort, order, pageSize })) {
      const sort = String(item[index.sort])
      if (sort !== last) found.push({ lead: readStored(leadSchema, item[contentAttribute], item), sort })
      if (found.length > limit) break
    }
    const page = found.slice(0, limit)
    const items = page.map(({ lead }) => lead)
    const end = page.at(-1)
    return end === undefined || found.length <= limit ? { items } : { items, cursor: encode(name, end.sort) }
  },
})
