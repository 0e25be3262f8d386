import { DeleteCommand, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import {
  contentAttribute,
  type Database,
  inTable,
  readAll,
  readContent,
  readPage,
} from '../../adapters/dynamodb/item.ts'
import type { Key } from '../../adapters/dynamodb/keys.ts'
import type { SiteId } from '../../core/ids.ts'
import { plusDays, toEpochSeconds } from '../../core/instant.ts'
import {
  evidenceDays,
  type FailureEvidence,
  failureEvidenceSchema,
  failureSummarySchema,
  mostFailures,
} from './evidence/evidence.ts'
import type { EvidenceStore } from './evidence/ports.ts'
import { type SummaryLink, type SummaryLinkStore, summaryLinkSchema } from './summary/summary-link.ts'

const evidencePartition = (id: SiteId): string => `EVIDENCE#${id}`
const evidenceKey = (siteId: SiteId, id: string): Key => ({ pk: evidencePartition(siteId), sk: id })
/** The failures of all sites, oldest first, without what was observed. */
const recentFailuresPartition = 'EVIDENCE#RECENT'
const recentFailureKey = ({ at, siteId, id }: { at: string; siteId: SiteId; id: string }): Key => ({
  pk: recentFailuresPartition,
  sk: `${at}#${siteId}#${id}`,
})

const itemOf = (key: object, kind: string, { at }: FailureEvidence, content: object) => ({
  ...key,
  kind,
  schemaVersion: 1,
  [contentAttribute]: content,
  expiresAt: toEpochSeconds(plusDays(at, evidenceDays)),
})

/** An item for each failure and one for its place in the list of all sites, in the table that may be lost. */
export const createEvidenceStore = ({ client, tables: { short } }: Database): EvidenceStore => {
  const list = async (siteId: SiteId) => {
    const found: FailureEvidence[] = []
    const stored = readAll(client, failureEvidenceSchema, inTable(short, evidencePartition(siteId)))
    for await (const evidence of stored) found.push(evidence)
    return found.toSorted((a, b) => (a.at < b.at ? 1 : -1))
  }
  /** From the list first: an attempt that stops in between finds the evidence again. */
  const remove = async (failures: readonly FailureEvidence[]): Promise<void> => {
    for (const failure of failures) {
      for (const Key of [recentFailureKey(failure), evidenceKey(failure.siteId, failure.id)]) {
        await client.send(new DeleteCommand({ TableName: short, Key }))
      }
    }
  }
  return {
    keep: async (evidence) => {
      const { siteId, id } = evidence
      const Item = itemOf(evidenceKey(siteId, id), 'evidence', evidence, evidence)
      const { Attributes } = await client.send(new PutCommand({ TableName: short, Item, ReturnValues: 'ALL_OLD' }))
      const before = readContent(failureEvidenceSchema, Attributes)
      if (before !== undefined && before.at !== evidence.at) {
        await client.send(new DeleteCommand({ TableName: short, Key: recentFailureKey(before) }))
      }
      const summary = itemOf(recentFailureKey(evidence), 'failure', evidence, failureSummarySchema.parse(evidence))
      await client.send(new PutCommand({ TableName: short, Item: summary }))
      await remove((await list(siteId)).slice(mostFailures))
    },
    list,
    recent: (limit) =>
      readPage(client, failureSummarySchema, {
        ...inTable(short, recentFailuresPartition),
        ScanIndexForward: false,
        Limit: limit,
      }),
    erase: async (siteId) => remove(await list(siteId)),
  }
}

const summaryLinkPartition = (id: SiteId): string => `SUMMARY#${id}`
const summaryLinkKey = (siteId: SiteId, id: string): Key => ({ pk: summaryLinkPartition(siteId), sk: `LINK#${id}` })

/** An item for each link, in the table that may be lost: its owner makes another one. */
export const createSummaryLinkStore = ({ client, tables: { short } }: Database): SummaryLinkStore => ({
  keep: async (link) => {
    const Item = {
      ...summaryLinkKey(link.siteId, link.id),
      kind: 'summary-link',
      schemaVersion: 1,
      [contentAttribute]: link,
      expiresAt: toEpochSeconds(link.expiresAt),
    }
    await client.send(new PutCommand({ TableName: short, Item }))
  },
  find: async (siteId, id) => {
    const { Item } = await client.send(
      new GetCommand({ TableName: short, Key: summaryLinkKey(siteId, id), ConsistentRead: true }),
    )
    return readContent(summaryLinkSchema, Item)
  },
  list: async (siteId) => {
    const links: SummaryLink[] = []
    const stored = readAll(client, summaryLinkSchema, inTable(short, summaryLinkPartition(siteId)))
    for await (const link of stored) links.push(link)
    return links
  },
  remove: async (siteId, id) => {
    await client.send(new DeleteCommand({ TableName: short, Key: summaryLinkKey(siteId, id) }))
  },
})
