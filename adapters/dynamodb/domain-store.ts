import { PutCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import type { CustomDomain } from '../../core/domains/custom-domain.ts'
import { customDomainSchema } from '../../core/domains/custom-domain.ts'
import type { SiteId } from '../../core/ids.ts'
import { idSchema } from '../../core/ids.ts'
import type { Instant } from '../../core/instant.ts'
import type { DomainStore } from '../../core/ports/domains.ts'
import { asItWas, commitDomainChanges, domainItem } from './domain-commit.ts'
import { firstItems, getItem, inPartition, inTable, readAll, readContent, readStored } from './item.ts'
import type { Key } from './keys.ts'
import { domainDueKeys, domainKey, domainPrefix, hostKey, releasedDomainKey, siteKey } from './keys.ts'
import { indexes } from './tables.ts'
import type { EventWriting } from './transaction.ts'
import { writesIf } from './transaction.ts'

const heldSchema = z.object({ siteId: idSchema('site'), status: z.enum(['held', 'free']).default('held') })

/** Custom domains are below their sites, and released ones by themselves. */
export const createDomainStore = (writing: EventWriting): DomainStore => {
  const { client, tables } = writing
  const TableName = tables.main

  const read = async (key: Key) => readContent(customDomainSchema, await getItem(client, TableName, key))

  const listBySite = async (siteId: SiteId): Promise<readonly CustomDomain[]> => {
    const domains: CustomDomain[] = []
    const stored = readAll(client, customDomainSchema, inTable(TableName, siteKey(siteId).pk, domainPrefix))
    for await (const domain of stored) domains.push(domain)
    return domains
  }

  const firstOfShard = (key: string, until: Instant, limit: number) => {
    const query = inPartition(TableName, indexes.due, key)
    const due = {
      ...query,
      KeyConditionExpression: `${query.KeyConditionExpression} AND #due <= :until`,
      ExpressionAttributeNames: { ...query.ExpressionAttributeNames, '#due': indexes.due.sort },
      ExpressionAttributeValues: { ...query.ExpressionAttributeValues, ':until': until },
    }
    return firstItems(client, due, limit)
  }

  return {
    get: (siteId, hostname) => read(domainKey(siteId, hostname)),
    listBySite,
    holderOf: async (hostname) => {
      const item = await getItem(client, TableName, hostKey(hostname))
      const host = item && readStored(heldSchema, item, item)
      return host?.status === 'held' ? host.siteId : undefined
    },
    find: async ({ siteId, id }) =>
      (await listBySite(siteId)).find((domain) => domain.id === id) ?? read(releasedDomainKey(id)),
    listDue: async (until, limit) => {
      const shards = await Promise.all(domainDueKeys.map((key) => firstOfShard(key, until, limit)))
      return shards
        .flat()
        .flatMap((item) => readContent(customDomainSchema, item) ?? [])
        .toSorted((one, other) => (one.nextLookAt < other.nextLookAt ? -1 : 1))
        .slice(0, limit)
    },
    commit: (...changes) => commitDomainChanges(changes, writing),
    note: async (domain) => {
      const put = new PutCommand({ TableName, Item: domainItem(domain), ...asItWas(domain) })
      await writesIf(() => client.send(put))
    },
  }
}
