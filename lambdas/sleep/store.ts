import * as z from 'zod'
import { dueItems } from '../../adapters/dynamodb/due-index.ts'
import {
  contentAttribute,
  contentItem,
  type Database,
  getItem,
  putItem,
  readContent,
  readStored,
  removeItem,
} from '../../adapters/dynamodb/item.ts'
import { dueKey, type Key } from '../../adapters/dynamodb/keys.ts'
import { indexes } from '../../adapters/dynamodb/tables.ts'
import { itemHas, putIf, removeIf } from '../../adapters/dynamodb/transaction.ts'
import { idSchema, type SiteId } from '../../core/ids.ts'
import type { IdleCheck, IdleChecks } from './idle.ts'

/** When a running site is checked for use: apart from the site, whose record it does not change. */
const idleKey = (id: SiteId): Key => ({ pk: `IDLE#${id}`, sk: 'IDLE' })
const idleSweepKey: Key = { pk: 'IDLE-SWEEP', sk: 'SWEEP' }

const instant = z.iso.datetime({ precision: 3 })
const checkSchema = z.object({ schemaVersion: z.literal(1), siteId: idSchema('site'), at: instant })
const sweepSchema = z.object({
  schemaVersion: z.literal(1),
  sweptAt: instant,
  trustedSince: instant,
  settings: z.record(z.string(), z.string()).optional(),
  walk: z
    .object({
      plans: z.array(z.string()).optional(),
      status: z.enum(['active', 'asleep']),
      cursor: z.string().optional(),
    })
    .optional(),
})

/** One item for each site that runs and may sleep, in the due index. */
export const createIdleChecks = (database: Database): IdleChecks => {
  const { client, tables } = database
  const TableName = tables.main

  const itemOf = ({ siteId, at }: IdleCheck) =>
    contentItem(
      idleKey(siteId),
      'idle-check',
      { schemaVersion: 1, siteId, at },
      { [indexes.due.partition]: dueKey('idle', siteId), [indexes.due.sort]: at },
    )

  return {
    schedule: (check) => putItem(client, TableName, itemOf(check)),
    remove: (siteId) => removeItem(client, TableName, idleKey(siteId)),
    replace: async ({ siteId, at }, next) => {
      const asItWas = itemHas({ [indexes.due.sort]: at })
      if (next === undefined) await removeIf(client, TableName, idleKey(siteId), asItWas)
      else await putIf(client, TableName, itemOf({ siteId, at: next }), asItWas)
    },
    due: async function* (until, after) {
      for await (const item of dueItems(database, { kind: 'idle', until, ...(after && { after }) })) {
        yield readStored(checkSchema, item[contentAttribute], item)
      }
    },
    lastSweep: async () => readContent(sweepSchema, await getItem(client, TableName, idleSweepKey)),
    noteSweep: async (sweep) => {
      const content = { schemaVersion: 1, ...sweep }
      await putItem(client, TableName, contentItem(idleSweepKey, 'idle-sweep', content))
    },
  }
}
