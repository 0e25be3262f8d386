import type { BigIntStats } from 'node:fs'
import { lstat, opendir } from 'node:fs/promises'
import { hasCode } from '../durable-files/replace-file.ts'
import type { BytePath } from './archive-entry.ts'
import { placeOf } from './archive-entry.ts'

export interface DiskEntry {
  readonly path: BytePath
  readonly stat: BigIntStats
}

/**
 * Everything below a directory, in no order, without following links. Skips what disappears meanwhile: a site may be running.
 */
export const diskEntries = async function* (directory: string, below: BytePath = ''): AsyncGenerator<DiskEntry> {
  const place = below === '' ? Buffer.from(directory) : placeOf(directory, below)
  for await (const { name } of await opendir(place, { encoding: 'latin1' })) {
    const path = below === '' ? name : `${below}/${name}`
    const stat = await lstat(placeOf(directory, path), { bigint: true }).catch(unlessGone)
    if (stat === undefined) continue
    yield { path, stat }
    if (stat.isDirectory()) yield* within(directory, path)
  }
}

const unlessGone = (error: unknown): undefined => {
  if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined
  throw error
}

const within = async function* (directory: string, path: BytePath): AsyncGenerator<DiskEntry> {
  try {
    yield* diskEntries(directory, path)
  } catch (error) {
    unlessGone(error)
  }
}

const byBytes = (one: string, other: string): number => (one < other ? -1 : 1)

/** The first names after `last`, in order: read in one go, with little more than so many of them in memory. */
const namesAfter = async (directory: Buffer, last: BytePath | undefined, limit: number): Promise<BytePath[]> => {
  let names: BytePath[] = []
  const keepFirst = (): void => {
    names = names.sort(byBytes).slice(0, limit)
  }
  for await (const { name } of await opendir(directory, { encoding: 'latin1', bufferSize: 256 })) {
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
export const namesInOrder = async function* (directory: Buffer, atATime: number): AsyncGenerator<BytePath> {
  let last: BytePath | undefined
  for (;;) {
    const names = await namesAfter(directory, last, atATime)
    yield* names
    if (names.length < atATime) return
    last = names.at(-1)
  }
}
