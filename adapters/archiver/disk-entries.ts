import type { BigIntStats, Dir } from 'node:fs'
import { lstat, opendir } from 'node:fs/promises'
import { holdTree, unlessGone } from '../files/held-tree.ts'
import type { BytePath } from './manifest.ts'

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
