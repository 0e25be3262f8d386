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

/** Where in a day a site is measured, so that not all of them are at once. */
const startOf = (siteId: string): number => createHash('sha256').update(siteId).digest().readUInt32BE() % (day - window)

const jobOf = (home: DataHome, at: number): ArchiveJob => ({
  kind: 'measure',
  id: `measure-${homeName(home).replace('.', '-')}-${new Date(at).toISOString().slice(0, 10)}`,
  siteId: home.siteId,
  home,
})

/**
 * Measures each site once a day by a job of the archiver: only a site's own tasks see its disk, and EFS tells the size of the
 * whole file system alone. Repeats a day's result until that day's window ends.
 */
export const createArchiverMeter = (options: {
  readonly archiver: Archiver
  readonly archives: Pick<ArchiveStore, 'remove'>
  readonly wall: () => Instant
}): StorageMeter => ({
  measure: async (home) => {
    const { archiver, archives, wall } = options
    const now = Date.parse(wall())
    const sinceStart = (now % day) - startOf(home.siteId)
    if (sinceStart < 0 || sinceStart >= window) return undefined
    const outcome = await archiver.run(jobOf(home, now))
    if (outcome.state !== 'done') return undefined
    // Nobody asks for it again.
    await archives.remove(jobOutcomeKey(jobOf(home, now - day)))
    return outcome.bytes
  },
})

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
    await putItem(client, tables.main, contentItem(storageReadingKey(home.siteId), 'storage-reading', content))
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
