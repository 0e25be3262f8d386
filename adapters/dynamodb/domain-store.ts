import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import type { CustomDomain } from '../../core/domains/custom-domain.ts'
import { customDomainSchema } from '../../core/domains/custom-domain.ts'
import type { SiteId } from '../../core/ids.ts'
import { idSchema } from '../../core/ids.ts'
import type { Instant } from '../../core/instant.ts'
import type { DomainStore } from '../../core/ports/domain-store.ts'
import type { DomainWriting } from './domain-commit.ts'
import { asItWas, commitDomainChanges, domainItem } from './domain-commit.ts'
import { inPartition, queryAll, readContent, readStored } from './item.ts'
import type { Key } from './keys.ts'
import { domainDueKeys, domainKey, domainPrefix, hostKey, releasedDomainKey, siteKey } from './keys.ts'
import { indexes } from './tables.ts'

const heldSchema = z.object({ siteId: idSchema('site'), status: z.enum(['held', 'free']).default('held') })

const read = (item: Record<string, unknown> | undefined): CustomDomain | undefined =>
  readContent(customDomainSchema, item)

/** Custom domains are below their sites, and released ones by themselves. */
export const createDomainStore = (writing: DomainWriting): DomainStore => {
  const { client, tables } = writing
  const TableName = tables.main

  const getItem = async (Key: Key) => (await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }))).Item

  const listBySite = async (siteId: SiteId): Promise<readonly CustomDomain[]> => {
    const items = queryAll(client, {
      TableName,
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: { ':pk': siteKey(siteId).pk, ':prefix': domainPrefix },
    })
    const domains: CustomDomain[] = []
    for await (const item of items) {
      const domain = read(item)
      if (domain !== undefined) domains.push(domain)
    }
    return domains
  }

  const firstOfShard = async (key: string, until: Instant, limit: number) => {
    const query = inPartition(TableName, indexes.due, key)
    const items: Record<string, unknown>[] = []
    const found = queryAll(client, {
      ...query,
      KeyConditionExpression: `${query.KeyConditionExpression} AND #due <= :until`,
      ExpressionAttributeNames: { ...query.ExpressionAttributeNames, '#due': indexes.due.sort },
      ExpressionAttributeValues: { ...query.ExpressionAttributeValues, ':until': until },
      Limit: limit,
    })
    for await (const item of found) {
      items.push(item)
      if (items.length === limit) break
    }
    return items
  }

  return {
    get: async (siteId, hostname) => read(await getItem(domainKey(siteId, hostname))),
    listBySite,
    holderOf: async (hostname) => {
      const item = await getItem(hostKey(hostname))
      const host = item && readStored(heldSchema, item, item)
      return host?.status === 'held' ? host.siteId : undefined
    },
    find: async ({ siteId, id }) =>
      (await listBySite(siteId)).find((domain) => domain.id === id) ?? read(await getItem(releasedDomainKey(id))),
    listDue: async (until, limit) => {
      const shards = await Promise.all(domainDueKeys.map((key) => firstOfShard(key, until, limit)))
      return shards
        .flat()
        .flatMap((item) => read(item) ?? [])
        .toSorted((one, other) => (one.nextLookAt < other.nextLookAt ? -1 : 1))
        .slice(0, limit)
    },
    commit: (...changes) => commitDomainChanges(changes, writing),
    note: async (domain) => {
      try {
        await client.send(new PutCommand({ TableName, Item: domainItem(domain), ...asItWas(domain) }))
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error
      }
    },
  }
}
