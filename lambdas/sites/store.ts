import { PutCommand } from '@aws-sdk/lib-dynamodb'
import {
  collect,
  contentItem,
  type Database,
  getItem,
  inTable,
  putItem,
  readAll,
  readContent,
  readPage,
  removeItem,
} from '../../adapters/dynamodb/item.ts'
import type { Key } from '../../adapters/dynamodb/keys.ts'
import type { SiteId } from '../../core/ids.ts'
import { plusDays, toEpochSeconds } from '../../core/instant.ts'
import {
  evidenceDays,
  type FailureEvidence,
  failureEvidenceSchema,
  failureSummarySchema,
  maxFailures,
} from './evidence/evidence.ts'
import type { EvidenceStore } from './evidence/ports.ts'
import { type SummaryLinkStore, summaryLinkSchema } from './summary/summary-link.ts'

const evidencePartition = (id: SiteId): string => `EVIDENCE#${id}`
const evidenceKey = (siteId: SiteId, id: string): Key => ({ pk: evidencePartition(siteId), sk: id })
/** The failures of all sites, oldest first, without what was observed. */
const recentFailuresPartition = 'EVIDENCE#RECENT'
const recentFailureKey = ({ at, siteId, id }: { at: string; siteId: SiteId; id: string }): Key => ({
  pk: recentFailuresPartition,
  sk: `${at}#${siteId}#${id}`,
})

const itemOf = (key: Key, kind: string, { at }: FailureEvidence, content: object) =>
  contentItem(key, kind, content, { expiresAt: toEpochSeconds(plusDays(at, evidenceDays)) })

/** An item for each failure and one for its place in the list of all sites, in the table that may be lost. */
export const createEvidenceStore = ({ client, tables: { short } }: Database): EvidenceStore => {
  const list = async (siteId: SiteId) => {
    const found = await collect(readAll(client, failureEvidenceSchema, inTable(short, evidencePartition(siteId))))
    return found.toSorted((a, b) => (a.at < b.at ? 1 : -1))
  }
  /** From the list first: an attempt that stops in between finds the evidence again. */
  const remove = async (failures: readonly FailureEvidence[]): Promise<void> => {
    for (const failure of failures) {
      for (const Key of [recentFailureKey(failure), evidenceKey(failure.siteId, failure.id)]) {
        await removeItem(client, short, Key)
      }
    }
  }
  return {
    keep: async (evidence) => {
      const { siteId, id } = evidence
      const Item = itemOf(evidenceKey(siteId, id), 'evidence', evidence, evidence)
      const { Attributes } = await client.send(new PutCommand({ TableName: short, Item, ReturnValues: 'ALL_OLD' }))
      const before = readContent(failureEvidenceSchema, Attributes)
      if (before !== undefined && before.at !== evidence.at) await removeItem(client, short, recentFailureKey(before))
      const summary = itemOf(recentFailureKey(evidence), 'failure', evidence, failureSummarySchema.parse(evidence))
      await putItem(client, short, summary)
      await remove((await list(siteId)).slice(maxFailures))
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
  keep: (link) => {
    const expiresAt = toEpochSeconds(link.expiresAt)
    return putItem(
      client,
      short,
      contentItem(summaryLinkKey(link.siteId, link.id), 'summary-link', link, { expiresAt }),
    )
  },
  find: async (siteId, id) => readContent(summaryLinkSchema, await getItem(client, short, summaryLinkKey(siteId, id))),
  list: (siteId) => collect(readAll(client, summaryLinkSchema, inTable(short, summaryLinkPartition(siteId)))),
  remove: (siteId, id) => removeItem(client, short, summaryLinkKey(siteId, id)),
})
