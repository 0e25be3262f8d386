import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { toEpochSeconds } from '../../core/instant.ts'
import type { RateWindow, RateWindows } from '../../core/ports/abuse.ts'
import type { Database } from './item.ts'
import { getItem } from './item.ts'
import { windowKey } from './keys.ts'

const countedSchema = z.object({ tally: z.int().positive() })

/**
 * One item per window, each counted by itself: in one transaction a window that everybody shares would cancel those of a crowd.
 */
export const createRateWindows = ({ client, tables }: Database): RateWindows => {
  const countOne = async ({ key, endsAt }: RateWindow): Promise<number> => {
    const updated = await client.send(
      new UpdateCommand({
        TableName: tables.short,
        Key: windowKey(key),
        UpdateExpression: 'SET #kind = :kind, schemaVersion = :version, expiresAt = :expiresAt ADD tally :one',
        ExpressionAttributeNames: { '#kind': 'kind' },
        ExpressionAttributeValues: {
          ':kind': 'window',
          ':version': 1,
          ':expiresAt': toEpochSeconds(endsAt),
          ':one': 1,
        },
        ReturnValues: 'UPDATED_NEW',
      }),
    )
    return countedSchema.parse(updated.Attributes).tally
  }
  const readOne = async (key: string): Promise<number> => {
    const item = await getItem(client, tables.short, windowKey(key))
    return item === undefined ? 0 : countedSchema.parse(item).tally
  }
  return {
    count: (windows) => Promise.all(windows.map(countOne)),
    read: (keys) => Promise.all(keys.map(readOne)),
  }
}
