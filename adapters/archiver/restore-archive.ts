import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { lchown, lstat, mkdir, open, opendir, readlink, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SitewrightError } from '../../core/errors.ts'
import { hasCode } from '../durable-files/replace-file.ts'
import { clearDirectory } from '../files/clear-directory.ts'
import { diskEntries, fromBytes, type HeldTree, holdTree } from '../files/held-tree.ts'
import { copyTree } from './copy-tree.ts'
import type { ManifestEnd } from './manifest.ts'
import type { ArchiveEntry, FileEntry } from './manifest-entry.ts'
import { isThere, matchesPlainCopy, type PlainCopy, surveyDirectory } from './plain-copy.ts'
import { readArchive, readManifest, type StoredArchivePlace, verifyArchive } from './read-archive.ts'
import { digestOfFile, flushDirectory, giveTo, type Owner, settleDirectory } from './settle-directory.ts'
import { unpackArchive } from './unpack-archive.ts'

interface RestoreInto {
  readonly directory: string
  readonly jobId: string
  readonly owner?: Owner | undefined
  readonly makes?: string | undefined
}

/**
 * Unpacks an archive into a directory, compares it with its manifest, and then the disk as well. The directory has to be empty
 * or left over from this job, and is empty again after a failure. One that holds exactly the archive's data is restored
 * already.
 * @throws {SitewrightError} `ArchiveDamaged` if the archive is at fault, otherwise `ArchivingFailed`.
 */
export const restoreArchive = async (place: StoredArchivePlace, into: RestoreInto): Promise<ManifestEnd> => {
  const { directory, jobId } = into
  const mark = await markRestore(directory, jobId)
  if (mark === undefined) return requireRestored(place, into)
  try {
    const end = await restoreInto(place, into)
    await unlink(join(directory, mark))
    await flushDirectory(directory)
    return end
  } catch (error) {
    await clearDirectory(directory)
    throw error
  }
}

/**
 * Fills a directory from a copy that is not packed yet, as `restoreArchive` does from an archive.
 * @returns whether it could: the copy goes once its archive is there.
 */
export const restorePlainCopy = async (plain: PlainCopy, into: RestoreInto): Promise<boolean> => {
  const { directory, jobId, owner, makes = '' } = into
  const isWhole = async (mark = ''): Promise<boolean> =>
    matchesPlainCopy(await surveyDirectory(directory, [mark, makes]), plain)
  const mark = await markRestore(directory, jobId)
  if (mark === undefined && !(await isWhole())) return false
  try {
    if (mark !== undefined) {
      const { signal } = new AbortController()
      await copyTree(plain.directory, directory, { directories: new Map(), since: 0n, signal, keeps: new Set([mark]) })
      if (owner !== undefined) await giveTo(directory, owner)
      await make(directory, into.makes, owner)
      if (!(await isWhole(mark))) throw new SitewrightError('ArchivingFailed', 'The copy is not what it was.')
      await unlink(join(directory, mark))
    }
    await flushDirectory(directory)
    // What was removed meanwhile may be missing.
    if (!(await isThere(plain))) throw new SitewrightError('ArchivingFailed', 'The copy went meanwhile.')
    return true
  } catch (error) {
    await clearDirectory(directory)
    if (await isThere(plain)) throw error
    return false
  }
}

const restoreInto = async (place: StoredArchivePlace, { directory, owner, makes }: RestoreInto) => {
  const pieces = readArchive(place)
  let end: ManifestEnd | undefined
  await unpackArchive(
    (async function* () {
      end = yield* pieces
    })(),
    directory,
  )
  const manifest = await readManifest(place)
  await settleDirectory(manifest, directory, owner)
  await make(directory, makes, owner)
  if (end === undefined) throw new SitewrightError('ArchivingFailed', 'The archive was not read to its end.')
  // The manifest of the second reading is that of the first.
  manifest.requireEnd(end)
  return end
}

const make = async (directory: string, name: string | undefined, owner: Owner | undefined): Promise<void> => {
  if (name === undefined) return
  const made = join(directory, name)
  await mkdir(made, { mode: 0o700 })
  if (owner !== undefined) await lchown(made, owner.uid, owner.gid)
}

/** No archive contains such a name, since nobody can guess it. */
const markName = /^\.restoring-[0-9a-f]{32}$/

const isMarkOf = async (directory: string, name: string, jobId: string): Promise<boolean> => {
  if (!markName.test(name)) return false
  await using file = await open(join(directory, name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  const stat = await file.stat()
  return stat.isFile() && stat.size < 1024 && (await file.readFile('utf8')) === jobId
}

/** Whether a directory is empty, holds an earlier attempt's data of this job, or something else. */
const stateOf = async (directory: string, jobId: string): Promise<'empty' | 'left over' | 'in use'> => {
  let isEmpty = true
  for await (const { name } of await opendir(directory)) {
    isEmpty = false
    if (await isMarkOf(directory, name, jobId)) return 'left over'
  }
  return isEmpty ? 'empty' : 'in use'
}

/**
 * Marks a directory while a job restores into it, and removes what an earlier try of the job left.
 * @returns the name of the mark; undefined where the directory holds other data, which is not touched.
 */
const markRestore = async (directory: string, jobId: string): Promise<string | undefined> => {
  const state = await stateOf(directory, jobId)
  if (state === 'in use') return undefined
  if (state === 'left over') await clearDirectory(directory)
  const mark = `.restoring-${randomBytes(16).toString('hex')}`
  await writeFile(join(directory, mark), jobId, { flag: 'wx', mode: 0o600 })
  return mark
}

/** Checks data without a mark: an attempt that was cut off just before it reported success has left exactly this data. */
const requireRestored = async (place: StoredArchivePlace, { directory, makes }: RestoreInto): Promise<ManifestEnd> => {
  const end = await holdsArchive(place, directory, makes)
  if (end !== undefined) return end
  throw new SitewrightError('ArchivingFailed', 'The directory to restore into has something in it already.')
}

/**
 * Compares a directory with an archive, and changes nothing.
 * @returns the end of the manifest; undefined where anything differs. @throws {SitewrightError} `ArchiveDamaged`
 */
const holdsArchive = async (
  place: StoredArchivePlace,
  directory: string,
  made: string | undefined,
): Promise<ManifestEnd | undefined> => {
  const content = await verifyArchive(place)
  const manifest = await readManifest(place)
  using tree = holdTree(directory)
  let wanted = 0
  for await (const { entry } of manifest.entries) {
    if (entry.type === 'skipped') continue
    wanted += 1
    const isSame = await isAsStored(tree, entry).catch((error: unknown) => {
      if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return false
      throw error
    })
    if (!isSame) return undefined
  }
  let found = 0
  for await (const { path } of diskEntries(directory)) if (path !== made) found += 1
  return found === wanted ? manifest.requireEnd(content) : undefined
}

const isSameFile = async (place: Buffer, entry: FileEntry): Promise<boolean> => {
  await using file = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  return (await file.stat()).size === entry.size && (await digestOfFile(file)) === entry.sha256
}

const isAsStored = async (tree: HeldTree, entry: ArchiveEntry): Promise<boolean> => {
  const place = tree.place(entry.path)
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
      const { ino, dev } = await lstat(tree.place(entry.target))
      return stat.ino === ino && stat.dev === dev
    }
    case 'skipped':
      return false
  }
}
