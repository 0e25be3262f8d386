import type { BigIntStats } from 'node:fs'
import { lstat, opendir } from 'node:fs/promises'
import type { BytePath } from './byte-path.ts'
import { placeOf } from './byte-path.ts'

export interface DiskEntry {
  readonly path: BytePath
  readonly stat: BigIntStats
}

/**
 * Everything below a directory, in no particular order, following no link. What is taken away meanwhile is passed over: it may
 * be looked at while a site runs.
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
  if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
    return undefined
  throw error
}

const within = async function* (directory: string, path: BytePath): AsyncGenerator<DiskEntry> {
  try {
    yield* diskEntries(directory, path)
  } catch (error) {
    unlessGone(error)
  }
}
