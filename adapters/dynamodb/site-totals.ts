import * as z from 'zod'
import type { SiteId } from '../../core/ids.ts'
import { isTrialPlan } from '../../core/plan/plan.ts'
import type { CountedSite, DayTotal, SiteTotal, SiteTotals } from '../../core/ports/site-lists.ts'
import { siteStatusSchema } from '../../core/site/site.ts'
import {
  contentItem,
  type Database,
  firstItems,
  getItem,
  type Item,
  inTable,
  queryAll,
  readContent,
  readStored,
} from './item.ts'
import { type Key, shardOf, totalsPartition } from './keys.ts'
import { type GuardedWrite, isAtVersion, put, transact } from './transaction.ts'

/** How a site stood when it was counted last, and the totals; one item of totals would have every count wait for the others. */
const countedKey = (id: SiteId): Key => ({ pk: `SITE#${id}`, sk: 'COUNTED' })
const totalsPrefix = 'SHARD#'
export const totalsKey = (id: SiteId): Key => ({ pk: totalsPartition, sk: `${totalsPrefix}${shardOf(id)}` })
/** New sites and conversions of a day (UTC), in shards as the totals. */
const dayTotalsPrefix = 'DAY#'
const dayTotalsKey = (day: string, id: SiteId): Key => ({
  pk: totalsPartition,
  sk: `${dayTotalsPrefix}${day}#${shardOf(id)}`,
})

const countedSchema = z.object({
  schemaVersion: z.literal(1),
  version: z.int().positive(),
  status: siteStatusSchema,
  plan: z.string(),
  /** Whether it is one of the conversions: a site that goes back to a trial and buys again is no other one. */
  converted: z.literal(true).optional(),
})
type Counted = z.infer<typeof countedSchema>

const totalsSchema = z.record(z.string(), z.number())

/** Totals are attributes of their own, since a number below another attribute can be added to only once that exists. */
const tallyOf = ({ status, plan }: Pick<CountedSite, 'status' | 'plan'>): string => `${status}#${plan}`

const isConversion = (before: Counted | undefined, { plan, isByAgreement = false }: CountedSite): boolean =>
  (before === undefined ? !isByAgreement : !before.converted && isTrialPlan(before.plan)) && !isTrialPlan(plan)

const countedWrite = (TableName: string, before: Counted | undefined, site: CountedSite): GuardedWrite<'counted'> => {
  const { id, version, status, plan } = site
  const isConverted = before?.converted || isConversion(before, site)
  const counted = { schemaVersion: 1, version, status, plan, ...(isConverted && { converted: true }) }
  const item = contentItem(countedKey(id), 'counted-site', counted, { version })
  return put('counted', TableName, item, isAtVersion(before?.version ?? 0))
}

/** Adds to numbers of an item, which need not be there. */
const addWrite = (
  TableName: string,
  Key: Key,
  kind: string,
  added: Readonly<Record<string, number>>,
): GuardedWrite<'counted'> => {
  const numbers = Object.entries(added).map(([name, more], index) => ({ name, more, as: `n${index}` }))
  return {
    refusal: 'counted',
    write: {
      Update: {
        TableName,
        Key,
        UpdateExpression: `SET #kind = :kind, schemaVersion = :version ADD ${numbers.map(({ as }) => `#${as} :${as}`).join(', ')}`,
        ExpressionAttributeNames: {
          '#kind': 'kind',
          ...Object.fromEntries(numbers.map(({ as, name }) => [`#${as}`, name])),
        },
        ExpressionAttributeValues: {
          ':kind': kind,
          ':version': 1,
          ...Object.fromEntries(numbers.map(({ as, more }) => [`:${as}`, more])),
        },
      },
    },
  }
}

const totalsWrites = (
  TableName: string,
  before: Counted | undefined,
  after: CountedSite,
): readonly GuardedWrite<'counted'>[] => {
  const [from, to] = [before && tallyOf(before), tallyOf(after)]
  if (from === to) return []
  return [
    addWrite(TableName, totalsKey(after.id), 'site-totals', { [to]: 1, ...(from !== undefined && { [from]: -1 }) }),
  ]
}

const dayTotalsSchema = z.object({ signups: z.number().default(0), conversions: z.number().default(0) })

/** In the same transaction as the count, so that each site is one sign-up however often its events come. */
const dayWrites = (
  TableName: string,
  before: Counted | undefined,
  site: CountedSite,
): readonly GuardedWrite<'counted'>[] => {
  const isConverted = isConversion(before, site)
  const added = { ...(before === undefined && { signups: 1 }), ...(isConverted && { conversions: 1 }) }
  if (Object.keys(added).length === 0) return []
  return [addWrite(TableName, dayTotalsKey(site.at.slice(0, 10), site.id), 'day-totals', added)]
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
  return {
    count: async (site) => {
      for (;;) {
        const before = readContent(countedSchema, await getItem(client, TableName, countedKey(site.id)))
        if (before !== undefined && before.version >= site.version) return 'known'
        const refusals = await transact(client, [
          countedWrite(TableName, before, site),
          ...totalsWrites(TableName, before, site),
          ...dayWrites(TableName, before, site),
        ])
        if (refusals.length === 0) return before === undefined ? 'new' : 'moved'
      }
    },
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
