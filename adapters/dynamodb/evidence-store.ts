import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import type { FailureEvidence } from '../../core/evidence/evidence.ts'
import { evidenceDays, failureEvidenceSchema, mostFailures } from '../../core/evidence/evidence.ts'
import type { SiteId } from '../../core/ids.ts'
import { plusDays, toEpochSeconds } from '../../core/instant.ts'
import type { EvidenceStore } from '../../core/ports/evidence.ts'
import type { Database } from './item.ts'
import { contentAttribute, inTable, queryAll, readAll } from './item.ts'
import { evidenceKey, evidencePartition } from './keys.ts'

/** An item for each failure, in the table that may be lost. */
export const createEvidenceStore = ({ client, tables: { short } }: Database): EvidenceStore => {
  const list = async (siteId: SiteId) => {
    const found: FailureEvidence[] = []
    const stored = readAll(client, failureEvidenceSchema, inTable(short, evidencePartition(siteId)))
    for await (const evidence of stored) found.push(evidence)
    return found.toSorted((a, b) => (a.at < b.at ? 1 : -1))
  }
  const remove = async (siteId: SiteId, ids: readonly string[]): Promise<void> => {
    for (const id of ids) await client.send(new DeleteCommand({ TableName: short, Key: evidenceKey(siteId, id) }))
  }
  return {
    keep: async (evidence) => {
      const { siteId, id, at } = evidence
      const expiresAt = toEpochSeconds(plusDays(at, evidenceDays))
      const Item = {
        ...evidenceKey(siteId, id),
        kind: 'evidence',
        schemaVersion: 1,
        [contentAttribute]: evidence,
        expiresAt,
      }
      await client.send(new PutCommand({ TableName: short, Item }))
      const tooMany = (await list(siteId)).slice(mostFailures)
      await remove(
        siteId,
        tooMany.map((old) => old.id),
      )
    },
    list,
    erase: async (siteId) => {
      const stored = queryAll(client, inTable(short, evidencePartition(siteId)))
      for await (const { sk } of stored) await remove(siteId, [String(sk)])
    },
  }
}
