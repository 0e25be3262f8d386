import { idempotencyWrite } from '../../adapters/dynamodb/idempotency.ts'
import {
  contentItem,
  type Database,
  getItem,
  inTable,
  queryAll,
  readAll,
  readContent,
  removeItem,
} from '../../adapters/dynamodb/item.ts'
import { type Key, padded } from '../../adapters/dynamodb/keys.ts'
import { type GuardedWrite, isNew, itemHas, put, transact } from '../../adapters/dynamodb/transaction.ts'
import { isId, type SiteId } from '../../core/ids.ts'
import { eraseOwnBlueprint } from '../blueprints/store.ts'
import { type Deployment, type DeploymentStore, deploymentSchema, isOpen } from './deployment.ts'

const partitionOf = (siteId: SiteId): string => `DEPLOYMENT#${siteId}`
const keyOf = ({ siteId, version }: Pick<Deployment, 'siteId' | 'version'>): Key => ({
  pk: partitionOf(siteId),
  sk: padded(version),
})
/** All open ones, by site and version. */
const openPartition = 'DEPLOYMENTS'
const openKey = ({ siteId, version }: Pick<Deployment, 'siteId' | 'version'>): Key => ({
  pk: openPartition,
  sk: `${siteId}#${padded(version)}`,
})

/** So many are read for one id, and none is older than these. */
const maxListed = 100

/** So many are looked at for live ones among those that did not work. */
const maxSearched = 1000

const itemOf = (deployment: Deployment) =>
  contentItem(keyOf(deployment), 'deployment', deployment, { status: deployment.status })

export const createDeploymentStore = (database: Database): DeploymentStore => {
  const { client, tables } = database
  const { main, short } = tables
  const list: DeploymentStore['list'] = async (siteId, Limit, live = 0) => {
    const found: Deployment[] = []
    const query = { ...inTable(main, partitionOf(siteId)), ScanIndexForward: false, Limit }
    for await (const one of readAll(client, deploymentSchema, query)) {
      found.push(one)
      const isEnough = found.length >= maxSearched || found.filter(({ status }) => status === 'live').length >= live
      if (found.length >= Limit && isEnough) break
    }
    return found
  }
  const read: DeploymentStore['read'] = async (siteId, version) =>
    readContent(deploymentSchema, await getItem(client, main, keyOf({ siteId, version })))
  return {
    list,
    read,
    find: async (siteId, id) => (await list(siteId, maxListed)).find((one) => one.id === id),
    open: async (siteId) => {
      const found: Deployment[] = []
      for await (const { sk } of queryAll(client, inTable(main, openPartition, `${siteId}#`))) {
        const deployment = await read(siteId, Number(String(sk).slice(siteId.length + 1)))
        if (deployment !== undefined) found.push(deployment)
      }
      return found
    },
    waiting: async function* () {
      let last: string | undefined
      for await (const { sk } of queryAll(client, inTable(main, openPartition))) {
        const siteId = String(sk).split('#')[0] ?? ''
        if (siteId !== last && isId('site', siteId)) yield siteId
        last = siteId
      }
    },
    add: async (deployment, key) => {
      const refusals = await transact<'version' | 'idempotency'>(client, [
        put('version', main, itemOf(deployment), isNew),
        put('version', main, { ...openKey(deployment), kind: 'deployment-open', schemaVersion: 1 }),
        ...(key === undefined ? [] : [idempotencyWrite(key, 'idempotency' as const, short)]),
      ])
      return refusals.includes('idempotency') ? 'idempotency' : refusals[0]
    },
    erase: async (siteId) => {
      // First: a creation that was cut off is found by its deployment.
      await eraseOwnBlueprint(database, siteId)
      for await (const { pk, sk } of queryAll(client, inTable(main, partitionOf(siteId)))) {
        await removeItem(client, main, { pk: openPartition, sk: `${siteId}#${sk}` })
        await removeItem(client, main, { pk, sk })
      }
    },
    change: async (before, after) => {
      const ended: readonly GuardedWrite<'version'>[] = isOpen(after)
        ? []
        : [{ refusal: 'version', write: { Delete: { TableName: main, Key: openKey(after) } } }]
      const isAsBefore = itemHas({ status: before.status })
      const refusals = await transact(client, [put('version', main, itemOf(after), isAsBefore), ...ended])
      return refusals.length === 0
    },
  }
}
