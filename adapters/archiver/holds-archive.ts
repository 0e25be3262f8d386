import { constants } from 'node:fs'
import { lstat, open, readlink } from 'node:fs/promises'
import type { ArchiveEntry, FileEntry } from './archive-entry.ts'
import type { BytePath } from './byte-path.ts'
import { fromBytes, placeOf } from './byte-path.ts'
import { digestOfFile } from './digest-of-file.ts'
import { diskEntries } from './disk-entries.ts'
import type { ManifestEnd } from './manifest.ts'
import type { StoredArchivePlace } from './read-manifest.ts'
import { readManifest } from './read-manifest.ts'
import { verifyArchive } from './verify-archive.ts'

const isSameFile = async (place: Buffer, entry: FileEntry): Promise<boolean> => {
  await using file = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW)
  return (await file.stat()).size === entry.size && (await digestOfFile(file)) === entry.sha256
}

const isThere = async (directory: string, entry: ArchiveEntry): Promise<boolean> => {
  const placeIn = (path: BytePath): Buffer => placeOf(directory, path)
  const place = placeIn(entry.path)
  const stat = await lstat(place)
  const hasMode = (stat.mode & 0o7777) === entry.mode
  switch (entry.type) {
    case 'file':
      return stat.isFile() && hasMode && isSameFile(place, entry)
    case 'directory':
      return stat.isDirectory() && hasMode
    case 'symlink':
      return stat.isSymbolicLink() && fromBytes(await readlink(place, { encoding: 'buffer' })) === entry.target
    case 'hardlink': {
      const { ino, dev } = await lstat(placeIn(entry.target))
      return stat.ino === ino && stat.dev === dev
    }
    case 'skipped':
      return false
  }
}

/**
 * Whether a directory holds all that an archive does and nothing else. It is only looked at, for it may be somebody's.
 * @returns what the archive's manifest ends with; undefined where anything differs.
 * @throws {SitewrightError} `ArchiveDamaged`
 */
export const holdsArchive = async (place: StoredArchivePlace, directory: string): Promise<ManifestEnd | undefined> => {
  const content = await verifyArchive(place)
  const manifest = await readManifest(place)
  let wanted = 0
  for await (const { entry } of manifest.entries) {
    if (entry.type === 'skipped') continue
    wanted += 1
    if (!(await isThere(directory, entry).catch(() => false))) return undefined
  }
  let found = 0
  for await (const _ of diskEntries(directory)) found += 1
  return found === wanted ? manifest.requireEnd(content) : undefined
}
