import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { lchown, lstat, lutimes, open, readlink } from 'node:fs/promises'
import { SitewrightError } from '../../core/errors.ts'
import type { ArchiveEntry, FileEntry } from './archive-entry.ts'
import { fromBytes, placeOf } from './byte-path.ts'
import { digestOfFile } from './digest-of-file.ts'
import type { DirectoryEntry } from './open-directories.ts'
import type { ManifestReader } from './read-manifest.ts'

export interface Owner {
  readonly uid: number
  readonly gid: number
}

const requireSame = (isSame: boolean): void => {
  if (!isSame) throw new SitewrightError('ArchivingFailed', 'What was restored does not read back as it was written.')
}

/** An owner first: to change it takes away the right to run as that owner. */
const settle = async (file: FileHandle, { mode, mtime }: ArchiveEntry, owner: Owner | undefined): Promise<void> => {
  if (owner !== undefined) await file.chown(owner.uid, owner.gid)
  await file.chmod(mode)
  await file.utimes(mtime, mtime)
  requireSame(((await file.stat()).mode & 0o7777) === mode)
}

/**
 * Reads back from the disk what was unpacked, compares it with the manifest, and gives everything its owner, mode and time.
 * Times are not compared: not every file system can hold every one.
 * @throws {SitewrightError} `ArchivingFailed` where something is not there, or is other than it should be.
 */
export const settleDirectory = async (
  manifest: Pick<ManifestReader, 'entries' | 'leaveAll'>,
  directory: string,
  owner: Owner | undefined,
): Promise<void> => {
  const placeIn = (entry: ArchiveEntry): Buffer => placeOf(directory, entry.path)

  const settleFile = async (entry: FileEntry): Promise<void> => {
    await using file = await open(placeIn(entry), constants.O_RDONLY | constants.O_NOFOLLOW)
    const stat = await file.stat()
    requireSame(stat.isFile() && stat.size === entry.size && (await digestOfFile(file)) === entry.sha256)
    await settle(file, entry, owner)
  }

  const settleLink = async (entry: Extract<ArchiveEntry, { type: 'symlink' }>): Promise<void> => {
    const place = placeIn(entry)
    requireSame(fromBytes(await readlink(place, { encoding: 'buffer' })) === entry.target)
    if (owner !== undefined) await lchown(place, owner.uid, owner.gid)
    await lutimes(place, entry.mtime, entry.mtime)
  }

  /** Once all that is in it has been dealt with: from then on it may be closed to its owner, and nothing changes its time. */
  const settleDirectories = async (left: readonly DirectoryEntry[]): Promise<void> => {
    for (const entry of left) {
      await using file = await open(placeIn(entry), constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
      await settle(file, entry, owner)
    }
  }

  for await (const { entry, left } of manifest.entries) {
    await settleDirectories(left)
    if (entry.type === 'file') await settleFile(entry)
    if (entry.type === 'symlink') await settleLink(entry)
    if (entry.type === 'directory') requireSame((await lstat(placeIn(entry))).isDirectory())
    if (entry.type === 'hardlink') {
      const [one, other] = await Promise.all([lstat(placeIn(entry)), lstat(placeOf(directory, entry.target))])
      requireSame(one.ino === other.ino && one.dev === other.dev)
    }
  }
  await settleDirectories(manifest.leaveAll())
}
