import { createHash } from 'node:crypto'
import { GetCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import type { Instant } from '../../core/instant.ts'
import { type ArchiveJob, type Archiver, type ArchiveStore, jobOutcomeKey } from '../../core/ports/archives.ts'
import type { StorageMeter } from '../../core/ports/runtime.ts'
import { type DataHome, homeName } from '../../core/site/location.ts'
import { contentItem, type Database, putItem, readContent } from '../dynamodb/item.ts'
import { storageReadingKey } from '../dynamodb/keys.ts'

const day = 86_400_000

/** In milliseconds: how long a day a site is measured. A task of the archiver starts and ends in less. */
const window = 20 * 60_000

/**
 * In milliseconds: a measurement this old is repeated when the site runs. Most trials never run in their window of the day. More often
 * would take so many task definitions that an account no longer holds 100,000 trials (docs/scale.md).
 */
const stale = 10 * day

/** Where in a day a site is measured, so that not all of them are at once. */
const startOf = (siteId: string): number => createHash('sha256').update(siteId).digest().readUInt32BE() % (day - window)

const dateOf = (at: number): string => new Date(at).toISOString().slice(0, 10)

const jobOf = (home: DataHome, at: number): ArchiveJob => ({
  kind: 'measure',
  id: `measure-${homeName(home).replace('.', '-')}-${dateOf(at)}`,
  siteId: home.siteId,
  home,
})

const readingSchema = z.strictObject({
  schemaVersion: z.literal(1),
  bytes: z.number().nonnegative(),
  generation: z.int().positive(),
  at: z.iso.datetime({ precision: 3 }),
})

type Reading = Pick<z.output<typeof readingSchema>, 'bytes' | 'at'>

export interface StorageReadings {
  /** The last measurement of this data directory. */
  readonly find: (home: DataHome) => Promise<Reading | undefined>
  readonly note: (home: DataHome, reading: Reading) => Promise<void>
}

export const createStorageReadings = ({ client, tables }: Database): StorageReadings => ({
  find: async ({ siteId, generation }) => {
    const found = await client.send(new GetCommand({ TableName: tables.main, Key: storageReadingKey(siteId) }))
    const reading = readContent(readingSchema, found.Item)
    return reading?.generation === generation ? reading : undefined
  },
  note: async ({ siteId, generation }, reading) => {
    const content = { schemaVersion: 1, generation, ...reading }
    await putItem(client, tables.main, contentItem(storageReadingKey(siteId), 'storage-reading', content))
  },
})

/**
 * Measures a site once a day, if it runs then, by a job of the archiver: only a site's own tasks see its disk, and EFS tells the size of the
 * whole file system alone. A result is repeated for some minutes, so that it counts although its first use failed.
 */
export const createArchiverMeter = (options: {
  readonly archiver: Archiver
  readonly archives: Pick<ArchiveStore, 'remove'>
  readonly readings: StorageReadings
  readonly wall: () => Instant
}): StorageMeter => ({
  measure: async (home, isFull = false) => {
    const { archiver, archives, readings, wall } = options
    const at = wall()
    const now = Date.parse(at)
    const last = await readings.find(home)
    const measuredAt = last === undefined ? Number.NEGATIVE_INFINITY : Date.parse(last.at)
    if (now - measuredAt < window) return last?.bytes
    const sinceStart = (now % day) - startOf(home.siteId)
    const isInWindow = sinceStart >= 0 && sinceStart < window && last?.at.slice(0, 10) !== dateOf(now)
    if (!isInWindow && now - measuredAt < (isFull ? day : stale)) return undefined
    const outcome = await archiver.run(jobOf(home, now))
    if (outcome.state !== 'done') return undefined
    await readings.note(home, { bytes: outcome.bytes, at })
    // Nobody asks for it again, nor for one that ended after its day.
    for (const ended of [now, now - day]) await archives.remove(jobOutcomeKey(jobOf(home, ended)))
    return outcome.bytes
  },
})

/** Returns the last stored measurement; undefined where there is none of this data directory. */
export const rememberedMeter = (database: Database): StorageMeter => ({
  measure: async (home) => (await createStorageReadings(database).find(home))?.bytes,
})
