import * as z from 'zod'
import { dueItems } from '../../adapters/dynamodb/due-index.ts'
import {
  collect,
  contentAttribute,
  contentItem,
  getItem,
  inTable,
  readAll,
  readContent,
  readStored,
} from '../../adapters/dynamodb/item.ts'
import { domainPrefix, dueKey, hostKey, type Key, releasedPrefix, siteKey } from '../../adapters/dynamodb/keys.ts'
import { indexes } from '../../adapters/dynamodb/tables.ts'
import {
  type Condition,
  type EventWriting,
  eventWrite,
  type GuardedWrite,
  isEventWritten,
  isNew,
  itemHas,
  put,
  putIf,
  transact,
} from '../../adapters/dynamodb/transaction.ts'
import { firstOf } from '../../core/each-at-once.ts'
import { type DomainId, idSchema, type SiteId } from '../../core/ids.ts'
import { endOfTime, plusDays } from '../../core/instant.ts'
import { type CustomDomain, customDomainSchema, type DomainChange, isHeld } from './custom-domain.ts'
import type { DomainStore } from './ports.ts'

export const domainKey = (id: SiteId, hostname: string): Key => ({ pk: `SITE#${id}`, sk: `${domainPrefix}${hostname}` })
const releasedDomainKey = (siteId: SiteId, id: DomainId): Key => ({
  pk: `SITE#${siteId}`,
  sk: `${releasedPrefix}${id}`,
})

const heldSchema = z.object({ siteId: idSchema('site'), status: z.enum(['held', 'free']).default('held') })

/** Longer than until any domain is checked again. */
const aheadDays = 2

/** Custom domains are below their sites, and released ones by themselves. */
export const createDomainStore = (writing: EventWriting): DomainStore => {
  const { client, tables } = writing
  const TableName = tables.main

  const read = async (key: Key) => readContent(customDomainSchema, await getItem(client, TableName, key))

  const listBySite = (siteId: SiteId): Promise<readonly CustomDomain[]> =>
    collect(readAll(client, customDomainSchema, inTable(TableName, siteKey(siteId).pk, domainPrefix)))

  return {
    get: (siteId, hostname) => read(domainKey(siteId, hostname)),
    listBySite,
    holderOf: async (hostname) => {
      const item = await getItem(client, TableName, hostKey(hostname))
      const host = item && readStored(heldSchema, item, item)
      return host?.status === 'held' ? host.siteId : undefined
    },
    find: async ({ siteId, id }) =>
      (await listBySite(siteId)).find((domain) => domain.id === id) ?? read(releasedDomainKey(siteId, id)),
    listDue: async (until, limit) => {
      async function* found() {
        yield* dueItems(writing, { kind: 'domain', until })
        yield* dueItems(writing, { kind: 'domain', after: plusDays(until, aheadDays), until: endOfTime })
      }
      const items = await collect(firstOf(found(), limit))
      return items.map((item) => readStored(customDomainSchema, item[contentAttribute], item))
    },
    commit: (...changes) => commitDomainChanges(changes, writing),
    note: async (domain) => {
      await putIf(client, TableName, domainItem(domain), asItWas(domain))
    },
  }
}

type Refusal = 'hostname' | 'version'
type Write = GuardedWrite<Refusal>
type Changes = Parameters<DomainStore['commit']>

const domainItem = (domain: CustomDomain) =>
  contentItem(domainKey(domain.siteId, domain.hostname), 'domain', domain, {
    version: domain.version,
    domainId: domain.id,
    [indexes.due.partition]: dueKey('domain', domain.id),
    [indexes.due.sort]: domain.nextCheckAt,
  })

const asItWas = ({ id: domainId, version }: CustomDomain): Condition => itemHas({ domainId, version })

const domainWrites = ({ before, after }: DomainChange, { tables }: EventWriting): readonly Write[] => {
  const TableName = tables.main
  const condition = before === undefined ? isNew : asItWas(before)
  if (after !== undefined) return [put('version', TableName, domainItem(after), condition)]
  if (before === undefined) return []
  const Key = domainKey(before.siteId, before.hostname)
  const released = contentItem(releasedDomainKey(before.siteId, before.id), 'released-domain', before)
  return [
    { refusal: 'version', write: { Delete: { TableName, Key, ...condition } } },
    put('version', TableName, released),
  ]
}

const isTaking = ({ before, after }: DomainChange): boolean =>
  after !== undefined && isHeld(after) && (before === undefined || !isHeld(before))

const isGivingUp = ({ before, after }: DomainChange): boolean =>
  after === undefined && before !== undefined && isHeld(before)

/** The previous holder may be a site that releases the hostname in the same transaction. */
const takeWrite = ({ hostname, siteId }: CustomDomain, changes: Changes, { tables }: EventWriting): Write => {
  const giver = changes.find(({ before }) => before?.hostname === hostname && before.siteId !== siteId)
  const host = { ...hostKey(hostname), kind: 'host', schemaVersion: 1, siteId, status: 'held' }
  return put('hostname', tables.main, host, {
    ConditionExpression: 'attribute_not_exists(pk) OR siteId = :siteId OR siteId = :giver',
    ExpressionAttributeValues: { ':siteId': siteId, ':giver': giver?.before?.siteId ?? siteId },
  })
}

/** A custom domain is not quarantined: the owner of its zone says whose it is. */
const giveUpWrite = ({ hostname, siteId }: CustomDomain, { tables }: EventWriting): Write => ({
  refusal: 'version',
  write: {
    Delete: {
      TableName: tables.main,
      Key: hostKey(hostname),
      ConditionExpression: 'attribute_not_exists(pk) OR siteId = :siteId',
      ExpressionAttributeValues: { ':siteId': siteId },
    },
  },
})

const hostWrites = (changes: Changes, writing: EventWriting): readonly Write[] => {
  const taken = new Set(changes.filter(isTaking).map(({ after }) => after?.hostname))
  return changes.flatMap((change) => {
    const { before, after } = change
    if (after !== undefined && isTaking(change)) return [takeWrite(after, changes, writing)]
    if (before !== undefined && isGivingUp(change) && !taken.has(before.hostname)) return [giveUpWrite(before, writing)]
    return []
  })
}

const commitDomainChanges = async (
  changes: Changes,
  writing: EventWriting,
): Promise<'done' | 'hostname' | 'version'> => {
  const refusals = await transact(writing.client, [
    ...changes.flatMap((change) => domainWrites(change, writing)),
    ...changes.map(({ event }): Write => eventWrite(event, 'version', writing)),
    ...hostWrites(changes, writing),
  ])
  if (refusals.length === 0) return 'done'
  if (!refusals.includes('version')) return 'hostname'
  return (await isEventWritten(writing, changes[0].event)) ? 'done' : 'version'
}
