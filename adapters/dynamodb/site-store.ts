import type { AccountId, SiteId } from '../../core/ids.ts'
import type { CommitResult, Obstacle, SiteStore } from '../../core/ports/stores.ts'
import { isEnvironment } from '../../core/site/environment.ts'
import type { SiteChange } from '../../core/site/lifecycle.ts'
import type { DueEntry } from '../../core/site/next-step.ts'
import { isRehearsal } from '../../core/site/rehearsal.ts'
import { ownershipOf, type Site, type SiteStatus } from '../../core/site/site.ts'
import { siteWords } from '../../core/site/site-words.ts'
import { idempotencyWrite } from './idempotency.ts'
import { contentAttribute, contentItem } from './item.ts'
import {
  accountKey,
  dueKey,
  environmentsKey,
  hostKey,
  poolKey,
  poolSort,
  retiredHostKey,
  shardOf,
  siteKey,
  siteWordKey,
  slugKey,
  trialKey,
  wordKey,
} from './keys.ts'
import { createSiteReads } from './site-reads.ts'
import { indexes } from './tables.ts'
import {
  type EventWriting,
  eventWrite,
  type GuardedWrite,
  isEventWritten,
  isNew,
  put,
  putIf,
  transact,
} from './transaction.ts'

export interface SiteWriting extends EventWriting {
  /** When time next acts on a site, and how; stored for the due index alone. */
  readonly due: (site: Site) => DueEntry | undefined
}

/** Reads sites, and writes each with its event, its reservations and its places in the indexes. */
export const createSiteStore = (writing: SiteWriting): SiteStore => ({
  ...createSiteReads(writing),
  commit: (change) => commitChange(change, writing),
  reindex: (site) => reindex(site, writing),
})

const tellingOrder: readonly Obstacle[] = ['idempotency', 'trial', 'hostname', 'version']

const commitChange = async (change: SiteChange, writing: SiteWriting): Promise<CommitResult> => {
  const refusals = await transact(writing.client, [
    siteWrite(change, writing),
    eventWrite(change.event, 'version', writing),
    ...reservationWrites(change, writing),
    ...releaseWrites(change, writing),
    ...wordWrites(change, writing),
  ])
  if (refusals.length === 0) return { done: true }
  if (refusals.includes('version') && (await isEventWritten(writing, change.event))) return { done: true }
  return { done: false, obstacle: tellingOrder.find((obstacle) => refusals.includes(obstacle)) ?? 'version' }
}

/** Stores a site again as it was read, so that its places in the indexes follow the settings of now. */
const reindex = async (site: Site, { client, tables, due }: SiteWriting): Promise<void> => {
  await putIf(client, tables.main, siteItem(site, due(site)), isUnchanged(site))
}

/** The list that a site is in: an environment in that of its production, and a rehearsal in none, but for one from a bundle. */
const listOf = (site: Site): string | undefined => {
  const ownership = ownershipOf(site)
  if (ownership === undefined) return undefined
  if (isRehearsal(site)) return site.rehearsalOf?.fromBundle && environmentsKey(ownership.accountId)
  return site.environmentOf ? environmentsKey(site.environmentOf.siteId) : ownership.accountId
}

const statusKey = (status: SiteStatus, id: SiteId): string => `STATUS#${status}#${shardOf(id)}`

const indexAttributes = (site: Site, due: DueEntry | undefined): Record<string, string> => {
  const list = listOf(site)
  return {
    [indexes.byStatus.partition]: statusKey(site.status, site.id),
    [indexes.byStatus.sort]: site.id,
    ...(list === undefined ? {} : { [indexes.byAccount.partition]: list, [indexes.byAccount.sort]: site.id }),
    // A started site without an address is not handed out.
    ...(site.status === 'ready' && (site.endpoint !== undefined || site.startsAtClaim)
      ? {
          [indexes.readyPool.partition]: poolKey(site.cell, site.blueprint.name),
          [indexes.readyPool.sort]: poolSort(site.blueprint.version, site.id),
        }
      : {}),
    ...(due === undefined ? {} : { [indexes.due.partition]: dueKey(due.kind, site.id), [indexes.due.sort]: due.at }),
  }
}

/** A site as it is stored: its content, and what each index finds it by. */
export const siteItem = (site: Site, due: DueEntry | undefined) =>
  contentItem(siteKey(site.id), 'site', site, {
    version: site.version,
    status: site.status,
    ...indexAttributes(site, due),
  })

/** An erasure removes a site's names and keeps its version: a change that was read before must not bring them back. */
const hasHostname = (hostname: string) => ({
  ConditionExpression: ' AND #content.#ownership.#hostname = :hostname',
  ExpressionAttributeNames: { '#content': contentAttribute, '#ownership': 'ownership', '#hostname': 'hostname' },
  ExpressionAttributeValues: { ':hostname': hostname },
})

const isUnchanged = (before: Site) => {
  const hostname = ownershipOf(before)?.hostname
  const more = hostname === undefined ? undefined : hasHostname(hostname)
  return {
    ConditionExpression: `#version = :version AND #status = :status${more?.ConditionExpression ?? ''}`,
    ExpressionAttributeNames: { '#version': 'version', '#status': 'status', ...more?.ExpressionAttributeNames },
    ExpressionAttributeValues: {
      ...{ ':version': before.version, ':status': before.status },
      ...more?.ExpressionAttributeValues,
    },
  }
}

const siteWrite = ({ before, after }: SiteChange, { tables, due }: SiteWriting): GuardedWrite<Obstacle> =>
  put('version', tables.main, siteItem(after, due(after)), before === undefined ? isNew : isUnchanged(before))

/** A free hostname still names the site that had it last, whose page says that it is gone, until another site takes it. */
export const hostItem = (hostname: string, siteId: SiteId, status: 'held' | 'free') => ({
  ...hostKey(hostname),
  kind: 'host',
  schemaVersion: 1,
  siteId,
  status,
  // The slug is its first label.
  ...(status === 'free'
    ? {}
    : { [indexes.byAccount.partition]: slugKey(hostname), [indexes.byAccount.sort]: hostname }),
})

/**
 * The items by which words find a site, if its words have changed. They have a place each: one that is not used any more
 * loses its word, and is in no index.
 */
export const wordItems = (before: readonly string[], words: readonly string[], siteId: SiteId) => {
  if (before.join(' ') === words.join(' ')) return []
  return Array.from({ length: Math.max(before.length, words.length) }, (_, place) => {
    const item = { ...siteWordKey(siteId, place), kind: 'site-word', schemaVersion: 1, siteId }
    const word = words[place]
    return word === undefined
      ? item
      : { ...item, words, [indexes.byAccount.partition]: wordKey(word), [indexes.byAccount.sort]: `${word}#${siteId}` }
  })
}

/** A hostname of an erased account goes to nobody. */
const isNotRetired = (hostname: string, TableName: string): GuardedWrite<Obstacle> => ({
  refusal: 'hostname',
  write: {
    ConditionCheck: { TableName, Key: retiredHostKey(hostname), ConditionExpression: 'attribute_not_exists(pk)' },
  },
})

/** A closed account gets no site. */
const isOpen = (id: AccountId, TableName: string): GuardedWrite<Obstacle> => ({
  refusal: 'trial',
  write: {
    ConditionCheck: {
      TableName,
      Key: accountKey(id),
      ConditionExpression: 'attribute_not_exists(#content.#closure)',
      ExpressionAttributeNames: { '#content': contentAttribute, '#closure': 'closure' },
    },
  },
})

const reservationWrites = (
  { after, reserve = {} }: SiteChange,
  { tables }: SiteWriting,
): readonly GuardedWrite<Obstacle>[] => {
  const hostname = (name: string) =>
    put('hostname', tables.main, hostItem(name, after.id, 'held'), {
      ConditionExpression: 'attribute_not_exists(pk) OR #status = :free',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: { ':free': 'free' },
    })
  const trial = (accountId: AccountId) => {
    const item = { ...trialKey(accountId, reserve.trialOf), kind: 'trial', siteId: after.id, schemaVersion: 1 }
    return put('trial', tables.main, item, isNew)
  }
  return [
    ...(reserve.hostname === undefined
      ? []
      : [hostname(reserve.hostname), isNotRetired(reserve.hostname, tables.main)]),
    ...(reserve.trial === undefined ? [] : [trial(reserve.trial), isOpen(reserve.trial, tables.main)]),
    ...(reserve.idempotency === undefined ? [] : [idempotencyWrite(reserve.idempotency, 'idempotency', tables.short)]),
  ]
}

const releaseWrites = (
  { after, release = {} }: SiteChange,
  { tables }: SiteWriting,
): readonly GuardedWrite<Obstacle>[] => {
  const ifHeldByThis = {
    TableName: tables.main,
    ConditionExpression: 'attribute_not_exists(pk) OR siteId = :siteId',
    ExpressionAttributeValues: { ':siteId': after.id },
  }
  const hostname = (name: string) =>
    // An account that is erased does not find a purged environment or an ended rehearsal from a bundle, nor their hostnames.
    after.rehearsalOf?.fromBundle || (after.status === 'purged' && isEnvironment(after))
      ? { Delete: { ...ifHeldByThis, Key: hostKey(name) } }
      : { Put: { ...ifHeldByThis, Item: hostItem(name, after.id, 'free') } }
  const writes = [
    ...(release.hostname === undefined ? [] : [hostname(release.hostname)]),
    ...(release.trial === undefined
      ? []
      : [{ Delete: { ...ifHeldByThis, Key: trialKey(release.trial, release.trialOf) } }]),
  ]
  return writes.map((write) => ({ refusal: 'version', write }))
}

const wordWrites = ({ before, after }: SiteChange, { tables }: SiteWriting): readonly GuardedWrite<Obstacle>[] =>
  wordItems(before === undefined ? [] : siteWords(before), siteWords(after), after.id).map((item) =>
    put('version', tables.main, item),
  )
