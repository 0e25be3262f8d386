import { QueryCommand, type UpdateCommandInput } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { type Database, queryAll, readStored } from '../../../adapters/dynamodb/item.ts'
import type { Key } from '../../../adapters/dynamodb/keys.ts'
import { updateIf } from '../../../adapters/dynamodb/transaction.ts'
import type { SiteId } from '../../../core/ids.ts'
import { plusDays, toEpochSeconds } from '../../../core/instant.ts'
import type { PeriodOfUsage, UsageReport, UsageStore } from './ports.ts'
import {
  addUsage,
  latencyBounds,
  noUsage,
  periodOf,
  startOfPeriod,
  type Usage,
  type UsagePeriod,
  usageDays,
} from './usage.ts'
import { estimateVisitors, mergeSketches } from './visitor-sketch.ts'

/** What visitors did on a site. Routers may add to these items and write nothing else beside entrances. */
const usagePartition = (id: SiteId): string => `USAGE#${id}`
/** @param name of the hour, or of the day and router. */
const usageKey = (id: SiteId, period: UsagePeriod, name: string): Key => ({
  pk: usagePartition(id),
  sk: `${period.toUpperCase()}#${name}`,
})

const buckets = Array.from({ length: latencyBounds.length + 1 }, (_, index) => `latency${index}`)

const count = z.int().nonnegative().default(0)
/** Begin the attributes of product events, and those with the number of each router's last flush; no others have a colon. */
const [ofEvent, ofFlush] = ['event:', 'flush:']
const itemSchema = z.looseObject({
  sk: z.string(),
  requests: count,
  clientErrors: count,
  serverErrors: count,
  bytes: count,
  ...Object.fromEntries(buckets.map((name) => [name, count])),
  lastUsedAt: z.iso.datetime({ precision: 3 }),
  sketch: z.instanceof(Uint8Array).optional(),
})
type UsageItem = z.infer<typeof itemSchema>

/** The counts above zero, by the names of their attributes. */
const positiveCounts = ({ latency, productEvents, ...counts }: Usage): readonly (readonly [string, number])[] =>
  [
    ...Object.entries(counts),
    ...latency.map((each, index) => [buckets[index] ?? '', each] as const),
    ...[...(productEvents ?? [])].map(([name, each]) => [`${ofEvent}${name}`, each] as const),
  ].filter(([, amount]) => amount > 0)

const eventsOf = (item: UsageItem): Pick<Usage, 'productEvents'> => {
  const counted = Object.entries(item).flatMap(([name, amount]) =>
    name.startsWith(ofEvent) ? [[name.slice(ofEvent.length), count.parse(amount)] as const] : [],
  )
  return counted.length === 0 ? {} : { productEvents: new Map(counted) }
}

const usageOf = (item: UsageItem): Usage => ({
  requests: item.requests,
  clientErrors: item.clientErrors,
  serverErrors: item.serverErrors,
  bytes: item.bytes,
  latency: buckets.map((name) => count.parse(item[name])),
  ...eventsOf(item),
})

/** The name of the period in a sort key: `HOUR#2026-11-21T22`, or `DAY#2026-11-21#` and the router. */
const periodIn = (sk: string): string => sk.split('#')[1] ?? ''

interface UpdatePart {
  readonly set: string
  readonly condition?: string
  readonly names?: Readonly<Record<string, string>>
  readonly values: Readonly<Record<string, unknown>>
}

/** Refused if an earlier call, whose answer was lost, has added it. */
const oncePart = ({ router, number }: NonNullable<UsageReport['flush']>): UpdatePart => ({
  set: '#flush = :flush',
  condition: 'attribute_not_exists(#flush) OR #flush < :flush',
  names: { '#flush': ofFlush + router },
  values: { ':flush': number },
})

const latestPart = (at: string): UpdatePart => ({
  set: 'lastUsedAt = :at',
  condition: 'attribute_not_exists(lastUsedAt) OR lastUsedAt <= :at',
  values: { ':at': at },
})

/**
 * An item for each hour, and one for each day and router, which has the router's sketch of visitors. Routers count both, so that
 * nothing has to sum up hours later. They are in the table that may be lost.
 */
export const createUsageStore = ({ client, tables: { short } }: Database): UsageStore => {
  const update = (key: Key, add: string, parts: readonly UpdatePart[]): UpdateCommandInput => {
    const conditions = parts.flatMap(({ condition }) => (condition === undefined ? [] : [`(${condition})`]))
    return {
      TableName: short,
      Key: key,
      UpdateExpression: `SET ${parts.map(({ set }) => set).join(', ')}${add === '' ? '' : ` ADD ${add}`}`,
      ...(conditions.length === 0 ? {} : { ConditionExpression: conditions.join(' AND ') }),
      ExpressionAttributeNames: Object.assign({}, ...parts.map(({ names }) => names)),
      ExpressionAttributeValues: Object.assign({}, ...parts.map(({ values }) => values)),
    }
  }

  const count = async (key: Key, { usage, at, flush }: UsageReport, period: UsagePeriod, sketch?: Uint8Array) => {
    const amounts = positiveCounts(usage)
    const add = amounts.map((_, index) => `#n${index} :n${index}`).join(', ')
    const parts: readonly UpdatePart[] = [
      {
        set: '#kind = :kind, schemaVersion = :version, expiresAt = :expiresAt',
        names: { '#kind': 'kind', ...Object.fromEntries(amounts.map(([name], index) => [`#n${index}`, name])) },
        values: {
          ':kind': 'usage',
          ':version': 1,
          ':expiresAt': toEpochSeconds(plusDays(at, usageDays[period])),
          ...Object.fromEntries(amounts.map(([, amount], index) => [`:n${index}`, amount])),
        },
      },
      ...(sketch === undefined ? [] : [{ set: 'sketch = :sketch', values: { ':sketch': sketch } }]),
      ...(flush === undefined || amounts.length === 0 ? [] : [oncePart(flush)]),
    ]
    if (await updateIf(client, update(key, add, [...parts, latestPart(at)]))) return
    // Another router has stored a later use while this report was on its way: what was counted is added all the same.
    if (amounts.length > 0) await updateIf(client, update(key, add, parts))
  }

  const read = async (siteId: SiteId, first: string, last: string): Promise<readonly UsageItem[]> => {
    const items: UsageItem[] = []
    const found = queryAll(client, {
      TableName: short,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
      ExpressionAttributeValues: { ':pk': usagePartition(siteId), ':first': first, ':last': last },
    })
    for await (const item of found) items.push(readStored(itemSchema, item, item))
    return items
  }

  return {
    addToHour: (report) => count(usageKey(report.siteId, 'hour', periodOf('hour', report.at)), report, 'hour'),
    addToDay: (report) => {
      const { siteId, at, router, sketch } = report
      return count(usageKey(siteId, 'day', `${periodOf('day', at)}#${router}`), report, 'day', sketch)
    },
    list: async (siteId, { period, from, until }) => {
      // No range of keys may end before it begins.
      if (from >= until) return []
      const key = (name: string): string => usageKey(siteId, period, name).sk
      // Routers' names sort before the tilde. The last key is of a period that may begin at `until`.
      const items = await read(siteId, key(periodOf(period, from)), `${key(periodOf(period, until))}#~`)
      const periods = Map.groupBy(items, ({ sk }) => periodIn(sk))
      return [...periods]
        .map(([name, parts]): PeriodOfUsage => {
          const sketches = parts.flatMap(({ sketch }) => sketch ?? [])
          return {
            start: startOfPeriod(name),
            usage: parts.map(usageOf).reduce(addUsage, noUsage()),
            lastUsedAt: parts
              .map(({ lastUsedAt }) => lastUsedAt)
              .reduce((left, right) => (left > right ? left : right)),
            ...(period === 'day' ? { visitors: estimateVisitors(mergeSketches(sketches)) } : {}),
          }
        })
        .filter(({ start }) => start >= from && start < until)
    },
    lastUse: async (siteId) => {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: short,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :hours)',
          ExpressionAttributeValues: { ':pk': usagePartition(siteId), ':hours': usageKey(siteId, 'hour', '').sk },
          // A site is not to be stopped whose use was stored just now.
          ConsistentRead: true,
          ScanIndexForward: false,
          Limit: 1,
        }),
      )
      const [last] = Items.map((item) => readStored(itemSchema, item, item))
      return last?.lastUsedAt
    },
  }
}
