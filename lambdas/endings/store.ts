import * as z from 'zod'
import {
  contentItem,
  type Database,
  inTable,
  putItem,
  queryAll,
  readAll,
  readContent,
  removeItem,
} from '../../adapters/dynamodb/item.ts'
import type { Key } from '../../adapters/dynamodb/keys.ts'
import { type Condition, contentHas, isNew, putIf, removeIf } from '../../adapters/dynamodb/transaction.ts'
import { idSchema, type SiteId } from '../../core/ids.ts'
import { plusDays, toEpochSeconds } from '../../core/instant.ts'
import { archiveJobSchema } from '../../core/ports/archives.ts'
import type { JobWait, JobWaits } from './copy/run-archive-job.ts'
import { type Quarantine, type Quarantined, quarantinedSchema } from './leftovers/quarantine.ts'

/** Attempts at operations that wait for jobs of the archiver; those of a site begin with its id. */
const jobWaitsPartition = 'JOBS'
export const jobWaitKey = (attempt: { siteId: SiteId; operationId: string; fence: number }): Key => ({
  pk: jobWaitsPartition,
  sk: `${attempt.siteId}#${attempt.operationId}#${attempt.fence}`,
})

const waitSchema: z.ZodType<JobWait> = z.strictObject({
  attempt: z.strictObject({ siteId: idSchema('site'), operationId: z.string(), fence: z.int().positive() }),
  token: z.string(),
  jobs: z.array(archiveJobSchema),
  notedAt: z.iso.datetime({ precision: 3 }),
  isOpen: z.literal(true).optional(),
})

/** Longer than a state machine may run. */
const keptDays = 2

/** All below one key, because the rate limit bounds how many operations begin. */
export const createJobWaits = ({ client, tables: { short: TableName } }: Database): JobWaits => {
  async function* list(siteId?: string): AsyncGenerator<JobWait> {
    const items = queryAll(client, {
      TableName,
      ConsistentRead: true,
      KeyConditionExpression: siteId === undefined ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :site)',
      ExpressionAttributeValues: {
        ':pk': jobWaitsPartition,
        ...(siteId === undefined ? {} : { ':site': `${siteId}#` }),
      },
    })
    for await (const item of items) {
      const wait = readContent(waitSchema, item)
      if (wait !== undefined) yield wait
    }
  }

  return {
    list,
    note: (wait) => {
      const beside = { schemaVersion: 1, expiresAt: toEpochSeconds(plusDays(wait.notedAt, keptDays)) }
      return putItem(client, TableName, contentItem(jobWaitKey(wait.attempt), 'job-wait', wait, beside))
    },
    remove: async ({ attempt, token }) => {
      await removeIf(client, TableName, jobWaitKey(attempt), contentHas({ token }))
    },
  }
}

const quarantinePartition = 'QUARANTINE'
export const quarantineKey = ({ kind, id }: { readonly kind: string; readonly id: string }): Key => ({
  pk: quarantinePartition,
  sk: `${kind}#${id}`,
})

const isStill = ({ seenAt, foundAt }: Quarantined): Condition => contentHas({ seenAt, foundAt })

/** All of it below one key: there is little of it, and it is always read as a whole. */
export const createQuarantine = ({ client, tables: { main } }: Database): Quarantine => ({
  list: async function* () {
    yield* readAll(client, quarantinedSchema, inTable(main, quarantinePartition))
  },
  note: (after, before) => {
    const Item = contentItem(quarantineKey(after), 'quarantined', after)
    const condition = before === undefined ? isNew : isStill(before)
    return putIf(client, main, Item, condition)
  },
  release: (leftover) => removeItem(client, main, quarantineKey(leftover)),
})
