import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import type { Instant } from '../../core/instant.ts'
import type { StorageMeter } from '../../core/ports/runtime.ts'
import type { Database } from './item.ts'
import { contentAttribute, readContent } from './item.ts'
import { storageReadingKey } from './keys.ts'

const readingSchema = z.strictObject({
  schemaVersion: z.literal(1),
  bytes: z.number().nonnegative(),
  generation: z.int().positive(),
  at: z.iso.datetime({ precision: 3 }),
})

/** Measures with another meter, and stores the result for those who cannot wait for it. */
export const rememberingMeter = (
  { measure }: StorageMeter,
  { client, tables, wall }: Database & { readonly wall: () => Instant },
): StorageMeter => ({
  measure: async (home) => {
    const bytes = await measure(home)
    if (bytes === undefined) return undefined
    const content = { schemaVersion: 1, bytes, generation: home.generation, at: wall() }
    const Item = { ...storageReadingKey(home.siteId), kind: 'storage-reading', [contentAttribute]: content }
    await client.send(new PutCommand({ TableName: tables.main, Item }))
    return bytes
  },
})

/** Returns the last stored measurement; undefined where there is none of this data directory. */
export const rememberedMeter = ({ client, tables }: Database): StorageMeter => ({
  measure: async ({ siteId, generation }) => {
    const found = await client.send(new GetCommand({ TableName: tables.main, Key: storageReadingKey(siteId) }))
    const reading = readContent(readingSchema, found.Item)
    return reading?.generation === generation ? reading.bytes : undefined
  },
})
