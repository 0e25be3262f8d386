import * as z from 'zod'
import { idSchema } from '../ids.ts'
import type { Relocation } from './relocation.ts'

const instant = z.iso.datetime({ precision: 3 })

/** A verified copy of a site's data; see docs/archives.md. */
export const archiveSchema = z.strictObject({
  id: idSchema('arc'),
  at: instant,
  /**
   * `reclaim`: taken before the disk was released, also by a move to another one. `owner`: requested by the owner. `release`: taken before an
   * upgrade. `restore`: taken before another copy was restored. `schedule`: taken by the schedule of the plan.
   */
  kind: z.enum(['reclaim', 'owner', 'release', 'restore', 'schedule']),
  /** Compressed. */
  bytes: z.int().nonnegative(),
  /** The size of its files; earlier releases did not record it. */
  dataBytes: z.int().nonnegative().optional(),
  files: z.int().nonnegative(),
  blueprint: z.strictObject({ name: z.string(), version: z.int().positive() }),
  /** The downtime of an owner's or a scheduled copy. */
  pausedMilliseconds: z.int().nonnegative().optional(),
  /** When an older copy was restored over this data, by the domain clock. It stays in case somebody wants it after all. */
  setAside: instant.optional(),
})
export type Archive = z.infer<typeof archiveSchema>

/** The size of an archive's data, in bytes; that of the archive where an earlier release recorded no other. */
export const sizeOfData = ({ dataBytes, bytes }: Pick<Archive, 'dataBytes' | 'bytes'>): number => dataBytes ?? bytes

/** The most copies that an owner keeps; a new one replaces the oldest. */
export const ownerArchivesKept = 3

/** How many of each kind are kept. As many restores as a day allows: what was there before the first of them can come back. */
const archivesKept = { owner: ownerArchivesKept, restore: 4, reclaim: 1, release: 1 } as const

interface Archived {
  readonly archives: readonly Archive[]
  readonly relocation?: Pick<Relocation, 'switched'> | undefined
}

/**
 * Adds an archive first, because a restore of an archived site takes the first. Keeps the newest few of each kind, the one that leads back
 * from a relocation, and the newest of the data that the site goes on with.
 * @param keepScheduled how many scheduled ones are kept; all by default: only another one of them replaces any.
 */
export const withArchive = (
  { archives, relocation }: Archived,
  archive: Archive,
  keepScheduled = Number.POSITIVE_INFINITY,
): readonly Archive[] => {
  const all = [archive, ...archives.filter(({ id }) => id !== archive.id)]
  const max = { ...archivesKept, schedule: keepScheduled }
  const pinned = [relocation?.switched?.archiveId, newestArchive(all, { now: archive.at })?.id]
  return all.filter((one, place) => {
    if (pinned.includes(one.id)) return true
    const newer = all.slice(0, place).filter(({ kind }) => kind === one.kind)
    return newer.length < max[one.kind]
  })
}

/** The archives of a site whose data is that of one of them again: what is newer is set aside. */
export const withRestored = (
  archives: readonly Archive[],
  restoredId: Archive['id'],
  now: string,
): readonly Archive[] => {
  const restored = archives.find(({ id }) => id === restoredId)
  return archives.map(({ setAside, ...archive }) => {
    const isNewer = restored !== undefined && archive.at > restored.at
    const since = setAside ?? (isNewer ? now : undefined)
    return since !== undefined && archive.id !== restoredId ? { ...archive, setAside: since } : archive
  })
}

/**
 * The newest archive of the data that the site goes on with; only where there is none, of data that was set aside.
 * @param times.at of the data that it had then; now by default.
 * @param times.now what is dated later comes last: a clock was ahead when it was taken.
 */
export const newestArchive = (
  archives: readonly Archive[],
  { at, now }: { readonly at?: string | undefined; readonly now?: string } = {},
): Archive | undefined => {
  const newestFirst = archives.toSorted((one, other) => (one.at === other.at ? 0 : one.at < other.at ? 1 : -1))
  const isCurrent = ({ setAside }: Archive) => setAside === undefined || (at !== undefined && at < setAside)
  const isThere = (archive: Archive) => now === undefined || archive.at <= now
  return newestFirst.find((one) => isCurrent(one) && isThere(one)) ?? newestFirst.find(isCurrent) ?? newestFirst[0]
}
