import { createReadStream } from 'node:fs'
import { access, mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type ArchiveStore, requireArchiveKey, type StoredArchive } from '../../core/ports/archives.ts'
import { replaceFile, unfinishedSuffix, unlessMissing } from '../durable-files/replace-file.ts'

/** No key has it, so each file name stands for one key, and no key is in the way of another as its directory. */
const slash = '+'
/** Tells what is whole from what is being written. */
const suffix = '.archive'

const fileNameOf = (key: string): string => `${key.replaceAll('/', slash)}${suffix}`
const keyOf = (fileName: string): string => fileName.slice(0, -suffix.length).replaceAll(slash, '/')

/** In bytes. */
const readAtATime = 256 * 1024

/** Opens the file when it is read, so that unread content leaves nothing open. */
const contentOf = async function* (path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path, { highWaterMark: readAtATime })
}

/**
 * Keeps archives as files of one directory, which other users of the machine cannot read.
 * @param options.isShared while another process has it open, whose unfinished files are left alone. Only one of them writes a
 *   key.
 */
export const openArchiveDirectory = async (
  directory: string,
  { isShared = false }: { readonly isShared?: boolean } = {},
): Promise<ArchiveStore> => {
  await mkdir(directory, { recursive: true, mode: 0o700 })

  /** The files that a crash left unfinished. */
  const removeUnfinished = async (start: string): Promise<void> => {
    for (const name of await readdir(directory)) {
      const isLeft = name.startsWith(start) && name.endsWith(unfinishedSuffix)
      if (isLeft) await rm(join(directory, name), { force: true })
    }
  }
  if (!isShared) await removeUnfinished('')

  const pathOf = (key: string): string => {
    requireArchiveKey(key)
    return join(directory, fileNameOf(key))
  }

  const list = async function* (prefix: string): AsyncGenerator<StoredArchive> {
    const keys = (await readdir(directory)).filter((name) => name.endsWith(suffix)).map(keyOf)
    for (const key of keys.filter((found) => found.startsWith(prefix)).toSorted()) {
      const { size } = await stat(pathOf(key))
      yield { key, bytes: size }
    }
  }

  return {
    put: async (key, content) => {
      const path = pathOf(key)
      if (isShared) await removeUnfinished(`${fileNameOf(key)}.`)
      await replaceFile(path, content)
    },
    open: async (key) => {
      const path = pathOf(key)
      return unlessMissing(access(path).then(() => contentOf(path)))
    },
    list,
    remove: async (key) => rm(pathOf(key), { force: true }),
  }
}
