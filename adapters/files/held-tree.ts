import { type BigIntStats, closeSync, constants, type Dir, openSync } from 'node:fs'
import { lstat, opendir } from 'node:fs/promises'
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
