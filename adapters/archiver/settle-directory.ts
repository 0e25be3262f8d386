import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { chmod, type FileHandle, lchown, lstat, lutimes, open, readlink } from 'node:fs/promises'
import { hasCode } from '../durable-files/replace-file.ts'
import { diskEntries, fromBytes, holdTree } from '../files/held-tree.ts'
import { pieceBytes } from './compress.ts'
import type { ArchiveEntry, FileEntry } from './manifest-entry.ts'
import type { DirectoryEntry, ManifestReader } from './read-archive.ts'
import { requireSame } from './unpack-archive.ts'

export interface Owner {
  readonly uid: number
  readonly gid: number
}

/** Neither follows a link nor waits for the other end of a pipe. */
const read = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** The owner first: changing it clears the bits that let others run a file as its owner. */
const settle = async (file: FileHandle, { mode, mtime }: ArchiveEntry, owner: Owner | undefined): Promise<void> => {
  if (owner !== undefined) await file.chown(owner.uid, owner.gid)
  await file.chmod(mode)
  await file.utimes(mtime, mtime)
  requireSame(((await file.stat()).mode & 0o7777) === mode)
}

/**
 * Compares what was unpacked with the manifest, except for contents, which were read back as they were written, and sets owner, mode and time
 * of everything. Does not compare times, which not every file system can hold. @throws {SitewrightError} `ArchivingFailed` on a difference.
 */
export const settleDirectory = async (
  manifest: Pick<ManifestReader, 'entries' | 'leaveAll'>,
  directory: string,
  owner: Owner | undefined,
): Promise<void> => {
  using tree = holdTree(directory)
  using targets = holdTree(directory)
  const placeIn = (entry: ArchiveEntry): Buffer => tree.place(entry.path)

  const settleFile = async (entry: FileEntry): Promise<void> => {
    await using file = await open(placeIn(entry), read)
    const stat = await file.stat()
    requireSame(stat.isFile() && stat.size === entry.size)
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
      await using file = await open(placeIn(entry), read | constants.O_DIRECTORY)
      await settle(file, entry, owner)
    }
  }

  for await (const { entry, left } of manifest.entries) {
    await settleDirectories(left)
    if (entry.type === 'file') await settleFile(entry)
    if (entry.type === 'symlink') await settleLink(entry)
    if (entry.type === 'directory') requireSame((await lstat(placeIn(entry))).isDirectory())
    if (entry.type === 'hardlink') {
      const [one, other] = await Promise.all([lstat(placeIn(entry)), lstat(targets.place(entry.target))])
      requireSame(one.ino === other.ino && one.dev === other.dev)
    }
  }
  await settleDirectories(manifest.leaveAll())
}

/** Gives everything in a directory to an owner. Its modes and times stay. */
export const giveTo = async (directory: string, owner: Owner): Promise<void> => {
  for await (const { place, stat } of diskEntries(directory)) {
    await lchown(place, owner.uid, owner.gid)
    const mode = Number(stat.mode) & 0o7777
    // Changing the owner clears the bits that let others run a file as its owner.
    if (stat.isFile() && mode > 0o1777) await chmod(place, mode)
  }
}

/** The SHA-256 of all that is in a file, in hexadecimal. */
export const digestOfFile = async (file: FileHandle): Promise<string> => {
  const hash = createHash('sha256')
  const piece = Buffer.allocUnsafeSlow(pieceBytes)
  for (let position = 0; ; ) {
    const { bytesRead } = await file.read(piece, 0, pieceBytes, position)
    if (bytesRead === 0) return hash.digest('hex')
    hash.update(piece.subarray(0, bytesRead))
    position += bytesRead
  }
}

const flush = async (place: Buffer): Promise<void> => {
  try {
    await using file = await open(place, read)
    await file.sync()
  } catch (error) {
    // Only root can open a file that its owner may not read. The system writes it to the disk anyway.
    if (!hasCode(error, 'EACCES')) throw error
  }
}

/**
 * Waits until the disk has everything in a directory. Call it after the last change: a journal writes all with the first file.
 */
export const flushDirectory = async (directory: string): Promise<void> => {
  for await (const { place, stat } of diskEntries(directory)) {
    if (stat.isFile() || stat.isDirectory()) await flush(place)
  }
  await flush(Buffer.from(directory))
}
