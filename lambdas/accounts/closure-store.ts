import {
  contentAttribute,
  contentItem,
  type Database,
  getItem,
  inTable,
  queryAll,
  readAll,
  readContent,
  removeItem,
} from '../../adapters/dynamodb/item.ts'
import {
  domainPrefix,
  emailKey,
  hostKey,
  type Key,
  lastMailKey,
  leadKey,
  memberKey,
  personKey,
  releasedPrefix,
  retiredHostKey,
  sessionKey,
  sessionOfPersonKey,
  signupKey,
  signupOfAddressKey,
  signupOfAddressPrefix,
  siteKey,
  wordPrefix,
} from '../../adapters/dynamodb/keys.ts'
import {
  type Condition,
  contentHas,
  itemHas,
  put,
  putIf,
  removeIf,
  transact,
} from '../../adapters/dynamodb/transaction.ts'
import { rehearsalSlug } from '../../core/hostname/derived-name.ts'
import { isId, type SiteId } from '../../core/ids.ts'
import { toEpochSeconds } from '../../core/instant.ts'
import { withoutNames } from '../../core/site/environment.ts'
import { ownershipOf, siteSchema } from '../../core/site/site.ts'
import type { AuditEntry } from '../operators/audit/audit-entry.ts'
import { auditWrite } from '../operators/audit/store.ts'
import { createReportAccounts } from '../reports/store.ts'
import { createEvidenceStore } from '../sites/store.ts'
import { type ClosureTask, closureTaskSchema, type TaskOf } from './closure-task.ts'
import type { ClosureTasks, PersonEraser, SiteEraser } from './ports.ts'

const closurePartition = 'CLOSURES'
const closureTaskKey = ({ kind, accountId }: Pick<ClosureTask, 'kind' | 'accountId'>): Key => ({
  pk: closurePartition,
  sk: `${kind}#${accountId}`,
})

export const closureTaskItem = (task: ClosureTask) => contentItem(closureTaskKey(task), 'closure-task', task)

/** Requires the same task that was read. */
const isStill = ({ at }: ClosureTask): Condition => contentHas({ at })

export const createClosureTasks = ({ client, tables: { main } }: Database): ClosureTasks => ({
  list: async function* <Kind extends ClosureTask['kind']>(kind: Kind) {
    const isOfKind = (task: ClosureTask): task is TaskOf<Kind> => task.kind === kind
    const tasks = readAll(client, closureTaskSchema, inTable(main, closurePartition, `${kind}#`))
    for await (const task of tasks) if (isOfKind(task)) yield task
  },
  replace: async (before, after) => {
    await putIf(client, main, closureTaskItem(after), isStill(before))
  },
  remove: async (task) => {
    await removeIf(client, main, closureTaskKey(task), isStill(task))
  },
})

const keyOf = ({ pk, sk }: Record<string, unknown>): Key => ({ pk: String(pk), sk: String(sk) })

/** Names in the record of a site whose account is erased. The account's id stays: payments may still come. */
const nameless = { slug: '', hostname: '', name: '' }

/** @returns false if it has to be tried again. */
const eraseNames = async ({ client, tables: { main } }: Database, siteId: SiteId): Promise<boolean> => {
  const item = await getItem(client, main, siteKey(siteId))
  const site = readContent(siteSchema, item)
  const ownership = site && ownershipOf(site)
  if (site === undefined || ownership === undefined || ownership.hostname === '') return true
  if (site.status !== 'purged' && site.status !== 'failed') return false
  // Refused for a hostname that went to another site, such as that of a failed build.
  await transact(client, [
    {
      refusal: 'host',
      write: { Delete: { TableName: main, Key: hostKey(ownership.hostname), ...itemHas({ siteId }) } },
    },
    put('host', main, { ...retiredHostKey(ownership.hostname), kind: 'retired-host', schemaVersion: 1 }),
  ])
  // That of its last rehearsal, if it had one.
  await removeIf(
    client,
    main,
    hostKey(ownership.hostname.replace(/^[^.]+/, rehearsalSlug)),
    itemHas({ status: 'free' }),
  )
  const environmentOf = site.environmentOf && { environmentOf: withoutNames(site.environmentOf) }
  const blank = { ...item, [contentAttribute]: { ...site, ownership: { ...ownership, ...nameless }, ...environmentOf } }
  return putIf(client, main, blank, itemHas({ version: site.version, status: site.status }))
}

export const createSiteEraser = (database: Database): SiteEraser => {
  const { client, tables } = database
  const { main } = tables
  const evidence = createEvidenceStore(database)
  const below = async (siteId: SiteId, prefix: string): Promise<readonly Key[]> => {
    const keys: Key[] = []
    for await (const item of queryAll(client, inTable(main, siteKey(siteId).pk, prefix))) keys.push(keyOf(item))
    return keys
  }
  return {
    erase: async (siteId, { alsoDomains }) => {
      await evidence.erase(siteId)
      if ((await below(siteId, domainPrefix)).length > 0 || !(await eraseNames(database, siteId))) return false
      for (const Key of await below(siteId, wordPrefix)) await removeItem(client, main, Key)
      const released = await below(siteId, releasedPrefix)
      if (released.length > 0 && !alsoDomains) return false
      for (const Key of released) await removeItem(client, main, Key)
      return true
    },
  }
}

export const createPersonEraser = (database: Database): PersonEraser => {
  const { client, tables } = database
  const { main, short } = tables
  /** One that has expired ended by itself. */
  const endSession = async (key: Key, entry: AuditEntry): Promise<void> => {
    const Delete = {
      ...{ TableName: short, Key: key, ConditionExpression: 'expiresAt > :now' },
      ExpressionAttributeValues: { ':now': toEpochSeconds(entry.at) },
    }
    await transact(client, [{ refusal: 'over', write: { Delete } }, auditWrite('over', tables, entry)])
  }
  const remove = (TableName: string, Key: Key) => removeItem(client, TableName, Key)
  return {
    eraseAccess: async ({ personId, emailHash }, endOfSession) => {
      // Somebody with this address may have a new account.
      await removeIf(client, main, emailKey(emailHash), {
        ConditionExpression: 'attribute_not_exists(pk) OR #content.personId = :personId',
        ExpressionAttributeNames: { '#content': contentAttribute },
        ExpressionAttributeValues: { ':personId': personId },
      })
      const sessions = inTable(short, sessionOfPersonKey(personId, '').pk)
      for await (const pointer of queryAll(client, sessions)) {
        const key = sessionKey(keyOf(pointer).sk)
        await endSession(key, endOfSession())
        await remove(short, key)
        await remove(short, keyOf(pointer))
      }
      const signups = signupOfAddressKey(emailHash, '')
      for await (const pointer of queryAll(client, inTable(short, signups.pk, signups.sk))) {
        const id = keyOf(pointer).sk.slice(signupOfAddressPrefix.length)
        if (isId('sgn', id)) await remove(short, signupKey(id))
        await remove(short, keyOf(pointer))
      }
      await remove(short, lastMailKey(emailHash))
    },
    erasePerson: async ({ personId, accountId, reportsUntil }) => {
      if (reportsUntil !== undefined) await createReportAccounts(database).forget(accountId, reportsUntil)
      await remove(main, leadKey(accountId))
      await remove(main, memberKey(accountId, personId))
      await remove(main, personKey(personId))
    },
  }
}
