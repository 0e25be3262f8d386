import { randomUUID } from 'node:crypto'
import { type BigIntStats, closeSync, constants, type Dir, openSync, type Stats } from 'node:fs'
import { chmod, lstat, opendir, rename, rmdir, stat, unlink } from 'node:fs/promises'
import { hasCode } from '../durable-files/replace-file.ts'

/** A file name or path relative to a directory, one character per byte (`latin1`): file names need not be UTF-8. */
export type BytePath = string

/** In bytes. Linux takes paths of 4,095; what is left is for where a data directory is, and where it is restored to. */
export const longestPath = 3500

export const bytesOf = (text: BytePath): Buffer => Buffer.from(text, 'latin1')

export const fromBytes = (bytes: Buffer): BytePath => bytes.toString('latin1')

const isLinux = process.platform === 'linux'

/** Names a file without opening it: no permission is needed. Node lacks the name; the value is Linux's. */
const asName = isLinux ? 0o10000000 : 0
const asDirectory = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW | asName

/** Undefined for an entry that the site removed or replaced meanwhile. */
export const unlessGone = (error: unknown): undefined => {
  if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined
  throw error
}

/**
 * A tree that somebody else may change at any time. Paths are relative to it, with one character per byte (`latin1`), and empty for the tree
 * itself. Every directory on a path is opened from the one above it, never through a link, and stays open while it is on the path of the last
 * call: what is renamed meanwhile cannot lead out of the tree. The kernel resolves `/proc/self/fd/<number>/<name>` as openat(2) does.
 * Results are valid until the next call. Elsewhere than on Linux they are plain paths: there, sites run as this process's user.
 */
export interface HeldTree extends Disposable {
  /** An entry, for calls that follow no link in the last place: `lstat`, `lchown`, `unlink`, `open` with `O_NOFOLLOW`. */
  readonly place: (path: string) => Buffer
  /** A directory itself, for calls that follow links: `opendir`, `stat`, `chmod`. @throws ENOTDIR where it is none. */
  readonly inside: (path: string) => Buffer
}

/** @param root is followed as it is, so nobody else may be able to replace it or what is above it. */
export const holdTree = (root: string | Buffer): HeldTree => {
  const held: { readonly name: string; readonly descriptor: number }[] = []

  const release = (from: number): void => {
    for (const { descriptor } of held.splice(from)) closeSync(descriptor)
  }

  const here = (): Buffer => {
    if (isLinux) return Buffer.from(`/proc/self/fd/${held.at(-1)?.descriptor}`)
    return Buffer.concat([Buffer.from(root), ...held.slice(1).map(({ name }) => bytesOf(`/${name}`))])
  }
  const below = (name: string): Buffer => Buffer.concat([here(), bytesOf(`/${name}`)])

  const enter = (place: Buffer, name: string): void => {
    held.push({ name, descriptor: openSync(place, asDirectory) })
  }

  const descend = (names: readonly string[]): void => {
    if (held.length === 0) enter(Buffer.from(root), '')
    const other = names.findIndex((name, index) => held[index + 1]?.name !== name)
    release(other === -1 ? names.length + 1 : other + 1)
    for (const name of names.slice(held.length - 1)) enter(below(name), name)
  }

  return {
    place: (path) => {
      const names = path.split('/')
      const name = names.pop() ?? ''
      descend(names)
      return below(name === '' ? '.' : name)
    },
    inside: (path) => {
      descend(path === '' ? [] : path.split('/'))
      return here()
    },
    [Symbol.dispose]: () => release(0),
  }
}

export interface DiskEntry {
  readonly path: BytePath
  /** For calls that follow no link, until the next entry. */
  readonly place: Buffer
  readonly stat: BigIntStats
}

/**
 * Everything below a directory, in no order, without following links. Skips what disappears meanwhile: a site may be running.
 * It does not call itself: a site may nest thousands of directories.
 */
export const diskEntries = async function* (directory: string): AsyncGenerator<DiskEntry> {
  using tree = holdTree(directory)
  /** The directory that is read, and those above it. */
  const opened: { readonly path: BytePath; readonly names: Dir }[] = []

  const enter = async (path: BytePath): Promise<void> => {
    opened.push({ path, names: await opendir(tree.inside(path), { encoding: 'latin1', bufferSize: 128 }) })
  }

  const entryAt = async (path: BytePath): Promise<DiskEntry | undefined> => {
    try {
      const stat = await lstat(tree.place(path), { bigint: true })
      return { path, place: tree.place(path), stat }
    } catch (error) {
      return unlessGone(error)
    }
  }

  try {
    await enter('')
    for (let last = opened.at(-1); last !== undefined; last = opened.at(-1)) {
      const read = await last.names.read().catch(unlessGone)
      if (read === null || read === undefined) {
        opened.pop()
        await last.names.close()
        continue
      }
      const entry = await entryAt(last.path === '' ? read.name : `${last.path}/${read.name}`)
      if (entry === undefined) continue
      yield entry
      if (entry.stat.isDirectory()) await enter(entry.path).catch(unlessGone)
    }
  } finally {
    for (const { names } of opened) await names.close()
  }
}

const byBytes = (one: string, other: string): number => (one < other ? -1 : 1)

/** The first names after `last`, in order: read in one go, with little more than so many of them in memory. */
const namesAfter = async (directory: () => Buffer, last: BytePath | undefined, limit: number): Promise<BytePath[]> => {
  let names: BytePath[] = []
  const keepFirst = (): void => {
    names = names.sort(byBytes).slice(0, limit)
  }
  for await (const { name } of await opendir(directory(), { encoding: 'latin1', bufferSize: 256 })) {
    if (last !== undefined && name <= last) continue
    names.push(name)
    if (names.length >= 2 * limit) keepFirst()
  }
  keepFirst()
  return names
}

/**
 * The names in a directory, in the order of their bytes. Reads the directory several times where memory cannot hold them all.
 */
export const namesInOrder = async function* (directory: () => Buffer, atATime: number): AsyncGenerator<BytePath> {
  let last: BytePath | undefined
  for (;;) {
    const names = await namesAfter(directory, last, atATime)
    yield* names
    if (names.length < atATime) return
    last = names.at(-1)
  }
}

/** The unit in which the system counts blocks, whatever the file system's own is. */
const blockBytes = 512

/**
 * Adds up the disk space of a directory: holes take none, a file with several names counts once.
 * @param options.counts what is added up; everything by default.
 * @returns `files`: everything but directories.
 * @throws where there is no such directory, or it cannot be read.
 */
export const measureDirectory = async (
  directory: string,
  {
    signal,
    counts = () => true,
  }: { readonly signal?: AbortSignal; readonly counts?: (stat: BigIntStats) => boolean } = {},
): Promise<{ bytes: number; files: number }> => {
  let blocks = 0
  let files = 0
  for await (const { stat } of diskEntries(directory)) {
    signal?.throwIfAborted()
    if (!counts(stat)) continue
    const isDirectory = stat.isDirectory()
    // Each of its names has its share, so that nothing has to be remembered.
    blocks += Number(stat.blocks) / (isDirectory ? 1 : Number(stat.nlink))
    if (!isDirectory) files += 1
  }
  return { bytes: Math.round(blocks) * blockBytes, files }
}

/**
 * Removes all contents of a directory, which stays, and follows no link.
 * @returns the bytes of disk that became free, and how many things were removed besides directories.
 */
export const clearDirectory = async (root: string): Promise<{ bytes: number; files: number }> => {
  using tree = holdTree(root)
  using top = holdTree(root)
  const taken = { bytes: 0, files: 0 }

  const removeOther = async (path: BytePath, { blocks, nlink }: Stats): Promise<void> => {
    await unlink(tree.place(path))
    taken.files += 1
    // With the last of its names.
    if (nlink === 1) taken.bytes += blocks * blockBytes
  }

  const remove = async (path: BytePath): Promise<void> => {
    const stat = await lstat(tree.place(path))
    if (!stat.isDirectory()) return removeOther(path, stat)
    await makeWritable(path)
    // However deep it goes: what is too far down is brought up, and met again there.
    if (path.length > longestPath / 2) return rename(tree.place(path), top.place(`.removed-${randomUUID()}`))
    await empty(path)
    await rmdir(tree.place(path))
    taken.bytes += stat.blocks * blockBytes
  }

  /** A directory that its owner may not write to keeps what is in it; but its owner may change that. */
  const makeWritable = async (path: BytePath): Promise<void> => {
    const { mode } = await stat(tree.inside(path))
    if ((mode & 0o700) !== 0o700) await chmod(tree.inside(path), 0o700)
  }

  const empty = async (path: BytePath): Promise<void> => {
    // A directory that is changed while it is read may show less than all of it.
    for (let isEmpty = false; !isEmpty; ) {
      isEmpty = true
      for await (const { name } of await opendir(tree.inside(path), { encoding: 'latin1' })) {
        isEmpty = false
        await remove(path === '' ? name : `${path}/${name}`).catch(unlessGone)
      }
    }
  }

  await makeWritable('')
  await empty('')
  return taken
}

/**
 * Removes a directory with all its contents, or finds it removed.
 * @param keepsRoot where the directory itself is not ours to remove: a mount, for example.
 */
export const releaseDirectory = async (
  directory: string,
  { keepsRoot = false }: { readonly keepsRoot?: boolean } = {},
): Promise<{ bytes: number; files: number }> => {
  let taken = { bytes: 0, files: 0 }
  try {
    taken = await clearDirectory(directory)
    if (!keepsRoot) await rmdir(directory)
  } catch (error) {
    // It was not there, or somebody else has removed it.
    if (!hasCode(error, 'ENOENT')) throw error
  }
  return taken
}
