import { createReadStream, readSync } from 'node:fs'
import { access, mkdir, open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type ArchiveStore, requireArchiveKey, type StoredArchive } from '../../core/ports/archives.ts'
import { flushFile, replaceFile, unfinishedSuffix, unlessMissing } from '../durable-files/replace-file.ts'
import { releaseDirectory } from './clear-directory.ts'

/** No key has it, so each file name stands for one key, and no key is in the way of another as its directory. */
const slash = '+'
/** Tells what is whole from what is being written. */
const suffix = '.archive'

const fileNameOf = (key: string): string => `${key.replaceAll('/', slash)}${suffix}`
const keyOf = (fileName: string): string => fileName.slice(0, -suffix.length).replaceAll(slash, '/')

/** Ends the name of a directory beside an archive, for its data until it is packed. It goes with the archive. */
export const plainSuffix = '.plain'

/** In such a directory: that all data is there. */
export const plainMark = 'whole.json'

export const plainCopyOf = (directory: string, key: string): string =>
  join(directory, `${fileNameOf(key)}${plainSuffix}`)

/** The mark goes first, so that nothing takes the rest for the whole. */
export const removePlainCopy = async (plainCopy: string): Promise<void> => {
  await rm(join(plainCopy, plainMark), { force: true })
  await releaseDirectory(plainCopy)
}

/** In bytes. */
const readAtATime = 256 * 1024

/** Opens the file when it is read, so that unread content leaves nothing open. */
const contentOf = async function* (path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path, { highWaterMark: readAtATime })
}

/** Waking another thread for each piece takes longer. A piece is overwritten by the next but one. */
const contentAtOnce = async function* (path: string): AsyncGenerator<Uint8Array> {
  await using file = await open(path)
  let [piece, other] = [Buffer.allocUnsafeSlow(readAtATime), Buffer.allocUnsafeSlow(readAtATime)]
  for (let bytes = readSync(file.fd, piece); bytes > 0; bytes = readSync(file.fd, piece)) {
    yield piece.subarray(0, bytes)
    ;[piece, other] = [other, piece]
  }
}

/**
 * Keeps archives as files of one directory, which other users of the machine cannot read.
 * @param options.isShared while another process has it open, whose unfinished files are left alone. Only one of them writes a
 *   key.
 * @param options.readsAtOnce in a process that does nothing else. What it reads is overwritten by the next piece but one: nobody may keep it.
 */
export const openArchiveDirectory = async (
  directory: string,
  { isShared = false, readsAtOnce = false }: { readonly isShared?: boolean; readonly readsAtOnce?: boolean } = {},
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
    // What is not packed yet has to be found as well, by whoever removes.
    const names = (await readdir(directory)).map((name) => name.replace(`${suffix}${plainSuffix}`, suffix))
    const keys = new Set(names.filter((name) => name.endsWith(suffix)).map(keyOf))
    for (const key of [...keys].filter((found) => found.startsWith(prefix)).toSorted()) {
      yield { key, bytes: (await unlessMissing(stat(pathOf(key))))?.size ?? 0 }
    }
  }

  return {
    put: async (key, content, options) => {
      const path = pathOf(key)
      if (isShared) await removeUnfinished(`${fileNameOf(key)}.`)
      await replaceFile(path, content, options)
    },
    flush: async (key) => flushFile(pathOf(key)),
    open: async (key) => {
      const path = pathOf(key)
      return unlessMissing(access(path).then(() => (readsAtOnce ? contentAtOnce(path) : contentOf(path))))
    },
    list,
    remove: async (key) => {
      await removePlainCopy(plainCopyOf(directory, key))
      await rm(pathOf(key), { force: true })
    },
  }
}
