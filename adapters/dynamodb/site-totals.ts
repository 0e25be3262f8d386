import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import type { SiteId } from '../../core/ids.ts'
import { isTrialPlan } from '../../core/plan/plan.ts'
import {
  type CellCount,
  type CellCounts,
  type Closure,
  closures,
  type DayTotal,
  type SiteStanding,
  type SiteTotal,
  type SiteTotals,
} from '../../core/ports/site-lists.ts'
import { siteStatusSchema } from '../../core/site/site.ts'
import {
  contentAttribute,
  type Database,
  firstItems,
  getItem,
  type Item,
  inTable,
  queryAll,
  readAll,
  readContent,
  readStored,
} from './item.ts'
import { type Key, shardOf } from './keys.ts'
import { type GuardedWrite, isAtVersion, put, transact, writesIf } from './transaction.ts'

/** How a site stood when it was counted last, and the totals; one item of totals would have every count wait for the others. */
const countedKey = (id: SiteId): Key => ({ pk: `SITE#${id}`, sk: 'COUNTED' })
const totalsPartition = 'TOTALS'
const totalsPrefix = 'SHARD#'
export const totalsKey = (id: SiteId): Key => ({ pk: totalsPartition, sk: `${totalsPrefix}${shardOf(id)}` })
/** New sites and conversions of a day (UTC), in shards as the totals. */
const dayTotalsPrefix = 'DAY#'
const dayTotalsKey = (day: string, id: SiteId): Key => ({
  pk: totalsPartition,
  sk: `${dayTotalsPrefix}${day}#${shardOf(id)}`,
})
/** The sites of a cell, beside the totals. */
const cellCountPrefix = 'CELL#'
const cellCountKey = (cell: string): Key => ({ pk: totalsPartition, sk: `${cellCountPrefix}${cell}` })
/** Beside its count, so that placement reads both at once. Names of cells have no `#`. */
const closureKey = (cell: string): Key => ({ pk: totalsPartition, sk: `${cellCountPrefix}${cell}#CLOSURE` })

const countedSchema = z.object({
  schemaVersion: z.literal(1),
  version: z.int().positive(),
  status: siteStatusSchema,
  plan: z.string(),
})
type Counted = z.infer<typeof countedSchema>

const totalsSchema = z.record(z.string(), z.number())

/** Totals are attributes of their own, since a number below another attribute can be added to only once that exists. */
const tallyOf = ({ status, plan }: Pick<SiteStanding, 'status' | 'plan'>): string => `${status}#${plan}`

const countedWrite = (
  TableName: string,
  before: Counted | undefined,
  { id, version, status, plan }: SiteStanding,
): GuardedWrite<'counted'> => {
  const counted = { schemaVersion: 1, version, status, plan }
  const item = { ...countedKey(id), kind: 'counted-site', version, [contentAttribute]: counted }
  return put('counted', TableName, item, isAtVersion(before?.version ?? 0))
}

const totalsWrites = (
  TableName: string,
  before: Counted | undefined,
  after: SiteStanding,
): readonly GuardedWrite<'counted'>[] => {
  const [from, to] = [before && tallyOf(before), tallyOf(after)]
  if (from === to) return []
  return [
    {
      refusal: 'counted',
      write: {
        Update: {
          TableName,
          Key: totalsKey(after.id),
          UpdateExpression: `SET #kind = :kind, schemaVersion = :version ADD #to :one${from === undefined ? '' : ', #from :less'}`,
          ExpressionAttributeNames: { '#kind': 'kind', '#to': to, ...(from === undefined ? {} : { '#from': from }) },
          ExpressionAttributeValues: {
            ':kind': 'site-totals',
            ':version': 1,
            ':one': 1,
            ...(from === undefined ? {} : { ':less': -1 }),
          },
        },
      },
    },
  ]
}

const dayTotalsSchema = z.object({ signups: z.number().default(0), conversions: z.number().default(0) })

/** In the same transaction as the count, so that each site is one sign-up however often its events come. */
const dayWrites = (
  TableName: string,
  before: Counted | undefined,
  { id, plan, at, isByAgreement = false }: SiteStanding,
): readonly GuardedWrite<'counted'>[] => {
  const isConversion = (before === undefined ? !isByAgreement : isTrialPlan(before.plan)) && !isTrialPlan(plan)
  const added = [...(before === undefined ? ['signups'] : []), ...(isConversion ? ['conversions'] : [])]
  if (added.length === 0) return []
  return [
    {
      refusal: 'counted',
      write: {
        Update: {
          TableName,
          Key: dayTotalsKey(at.slice(0, 10), id),
          UpdateExpression: `SET #kind = :kind, schemaVersion = :version ADD ${added.map((name) => `${name} :one`).join(', ')}`,
          ExpressionAttributeNames: { '#kind': 'kind' },
          ExpressionAttributeValues: { ':kind': 'day-totals', ':version': 1, ':one': 1 },
        },
      },
    },
  ]
}

const dayOf = (item: Item): string => String(item['sk']).split('#')[1] ?? ''

const readDays = async ({ client, tables }: Database, from: string): Promise<readonly DayTotal[]> => {
  const days = new Map<string, DayTotal>()
  const range = {
    ...inTable(tables.main, totalsPartition),
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :until',
    // `~` is after every digit.
    ExpressionAttributeValues: {
      ':pk': totalsPartition,
      ':from': `${dayTotalsPrefix}${from}`,
      ':until': `${dayTotalsPrefix}~`,
    },
  }
  for await (const item of queryAll(client, range)) {
    const { signups, conversions } = readStored(dayTotalsSchema, item, item)
    const day = dayOf(item)
    const known = days.get(day)
    days.set(day, {
      day,
      signups: signups + (known?.signups ?? 0),
      conversions: conversions + (known?.conversions ?? 0),
    })
  }
  return [...days.values()]
}

const totalOf = ([tally, sites]: readonly [string, number]): readonly SiteTotal[] => {
  const [status, plan] = tally.split('#')
  const known = siteStatusSchema.safeParse(status)
  return known.success && plan !== undefined ? [{ status: known.data, plan, sites }] : []
}

/** Remembers how each site was counted last, and moves the count from there in one transaction. */
export const createSiteTotals = ({ client, tables }: Database): SiteTotals => {
  const TableName = tables.main
  const count: SiteTotals['count'] = async (standing) => {
    for (;;) {
      const before = readContent(countedSchema, await getItem(client, TableName, countedKey(standing.id)))
      if (before !== undefined && before.version >= standing.version) return 'known'
      const refusals = await transact(client, [
        countedWrite(TableName, before, standing),
        ...totalsWrites(TableName, before, standing),
        ...dayWrites(TableName, before, standing),
      ])
      if (refusals.length === 0) return before === undefined ? 'new' : 'moved'
    }
  }
  return {
    count,
    read: async () => {
      const totals = new Map<string, number>()
      for await (const item of queryAll(client, inTable(TableName, totalsPartition, totalsPrefix))) {
        const numbers = Object.entries(item).filter(([name]) => name.includes('#'))
        for (const [tally, sites] of Object.entries(totalsSchema.parse(Object.fromEntries(numbers)))) {
          totals.set(tally, (totals.get(tally) ?? 0) + sites)
        }
      }
      return [...totals].flatMap(totalOf).filter(({ sites }) => sites !== 0)
    },
    days: async (from) => {
      const [[first], days] = await Promise.all([
        firstItems(client, inTable(TableName, totalsPartition, dayTotalsPrefix), 1),
        readDays({ client, tables }, from),
      ])
      return first === undefined ? { days } : { since: dayOf(first), days }
    },
  }
}

const cellCountSchema = z.object({
  schemaVersion: z.literal(1),
  cell: z.string(),
  sites: z.int().nonnegative(),
  ready: z.int().nonnegative(),
})

const closureSchema = z.object({ schemaVersion: z.literal(1), cell: z.string(), closed: z.enum(closures).nullable() })

const readCellCounts = async ({ client, tables }: Database): Promise<readonly CellCount[]> => {
  const counts = new Map<string, CellCount>()
  const query = inTable(tables.main, totalsPartition, cellCountPrefix)
  // The count of a cell comes before its closure.
  for await (const item of readAll(client, z.union([cellCountSchema, closureSchema]), query)) {
    const { cell } = item
    if ('sites' in item) counts.set(cell, { cell, sites: item.sites, ready: item.ready })
    else if (item.closed !== null)
      counts.set(cell, { sites: 0, ready: 0, ...counts.get(cell), cell, closed: item.closed })
  }
  return [...counts.values()]
}

/** Closes a cell to new sites, or opens it: a part of the transaction that changes its roll-out. */
export const closureWrite = <Refusal extends string>(
  refusal: Refusal,
  TableName: string,
  cell: string,
  closed: Closure | null,
): GuardedWrite<Refusal> =>
  put(refusal, TableName, {
    ...closureKey(cell),
    kind: 'cell-closure',
    [contentAttribute]: { schemaVersion: 1, cell, closed },
  })

/** An item for each cell, replaced by each count. */
export const createCellCounts = ({ client, tables }: Database): CellCounts => ({
  read: () => readCellCounts({ client, tables }),
  add: async (cell, most) => {
    const update = new UpdateCommand({
      TableName: tables.main,
      Key: cellCountKey(cell),
      UpdateExpression: 'SET #content.sites = #content.sites + :one',
      ConditionExpression: '#content.sites < :most',
      ExpressionAttributeNames: { '#content': contentAttribute },
      ExpressionAttributeValues: { ':one': 1, ':most': most },
    })
    for (;;) {
      if (await writesIf(() => client.send(update))) return true
      const count = (await readCellCounts({ client, tables })).find((one) => one.cell === cell)
      if (count === undefined) return true
      if (count.closed !== undefined || count.sites >= most) return false
      // The first count was written between the two calls, or others gave places back.
    }
  },
  write: async (counts) => {
    for (const count of counts) {
      const Item = {
        ...cellCountKey(count.cell),
        kind: 'cell-count',
        [contentAttribute]: { schemaVersion: 1, ...count },
      }
      await client.send(new PutCommand({ TableName: tables.main, Item }))
    }
  },
})
