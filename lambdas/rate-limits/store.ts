import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { type Database, getItem } from '../../adapters/dynamodb/item.ts'
import type { Key } from '../../adapters/dynamodb/keys.ts'
import { type GuardedWrite, outlastConflicts, updateIf } from '../../adapters/dynamodb/transaction.ts'
import { toEpochSeconds } from '../../core/instant.ts'
import type { LimitedWindow, RateWindow, RateWindows } from './count-in-windows.ts'

export const windowKey = (key: string): Key => ({ pk: `WINDOW#${key}`, sk: 'WINDOW' })

const countSchema = z.int().positive()

/** The window in whose item a window is stored: its own, or the longest of its subject. */
const holderOf = ({ key, endsAt, within }: RateWindow): Pick<RateWindow, 'key' | 'endsAt'> => within ?? { key, endsAt }

const attributeOf = ({ key, within }: RateWindow): string =>
  within === undefined || within.key === key ? 'tally' : `tally ${key}`

/** Counts windows which are stored together; with limits, on condition that none of them is reached. */
const countingUpdate = (table: string, windows: readonly [RateWindow, ...RateWindow[]], limits?: readonly number[]) => {
  const { key, endsAt } = holderOf(windows[0])
  const names = windows.map(attributeOf)
  return {
    TableName: table,
    Key: windowKey(key),
    UpdateExpression:
      'SET #kind = :kind, schemaVersion = :version, expiresAt = :expiresAt ADD ' +
      names.map((_, index) => `#n${index} :one`).join(', '),
    ...(limits === undefined
      ? {}
      : {
          ConditionExpression: limits
            .map((_, index) => `(attribute_not_exists(#n${index}) OR #n${index} < :n${index})`)
            .join(' AND '),
        }),
    ExpressionAttributeNames: {
      '#kind': 'kind',
      ...Object.fromEntries(names.map((name, index) => [`#n${index}`, name])),
    },
    ExpressionAttributeValues: {
      ':kind': 'window',
      ':version': 1,
      ':expiresAt': toEpochSeconds(endsAt),
      ':one': 1,
      ...Object.fromEntries((limits ?? []).map((limit, index) => [`:n${index}`, limit])),
    },
  }
}

const isSome = <Item>(items: readonly Item[]): items is readonly [Item, ...Item[]] => items.length > 0

const limitsOf = (windows: readonly LimitedWindow[]): readonly number[] => windows.map(({ limit }) => limit)

/** Counts windows as a part of a transaction, with one write for each subject. */
export const countingWrites = <Refusal extends string>(
  refusal: Refusal,
  table: string,
  windows: readonly LimitedWindow[],
): readonly GuardedWrite<Refusal>[] =>
  [...Map.groupBy(windows, (window) => holderOf(window).key).values()].flatMap((ofSubject) =>
    isSome(ofSubject) ? [{ refusal, write: { Update: countingUpdate(table, ofSubject, limitsOf(ofSubject)) } }] : [],
  )

/**
 * One item per subject, which has the counts of its windows: a write takes longer than all else here. Subjects are counted apart:
 * in one transaction a window that everybody shares would cancel those of a crowd.
 */
export const createRateWindows = ({ client, tables }: Database): RateWindows => {
  const countInItem = async (windows: readonly RateWindow[]): Promise<readonly (readonly [string, number])[]> => {
    if (!isSome(windows)) return []
    const names = windows.map(attributeOf)
    const update = { ...countingUpdate(tables.short, windows), ReturnValues: 'UPDATED_NEW' } as const
    // A sign-up counts its windows in a transaction.
    const { Attributes } = await outlastConflicts(() => client.send(new UpdateCommand(update)))
    return windows.map((window, index) => [window.key, countSchema.parse(Attributes?.[names[index] ?? ''])] as const)
  }

  return {
    count: async (windows) => {
      const subjects = [...Map.groupBy(windows, (window) => holderOf(window).key).values()]
      const counts = new Map((await Promise.all(subjects.map(countInItem))).flat())
      return windows.map(({ key }) => counts.get(key) ?? 0)
    },
    countUpTo: async (windows) => {
      if (!isSome(windows)) return true
      const update = countingUpdate(tables.short, windows, limitsOf(windows))
      return updateIf(client, update)
    },
    read: async (windows) => {
      const keys = [...new Set(windows.map((window) => holderOf(window).key))]
      const items = new Map(
        await Promise.all(keys.map(async (key) => [key, await getItem(client, tables.short, windowKey(key))] as const)),
      )
      return windows.map((window) => {
        const count = items.get(holderOf(window).key)?.[attributeOf(window)]
        return count === undefined ? 0 : countSchema.parse(count)
      })
    },
  }
}
