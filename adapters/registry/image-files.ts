import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { PushedContent } from '../../lambdas/deployments/image.ts'
import { hasCode } from '../durable-files/replace-file.ts'

/** Manifests are small, and a larger one would be read into memory. */
const largestManifest = 4 * 2 ** 20
/** An upload that was interrupted may go on for so long. */
const uploadMilliseconds = 60 * 60_000

const digestPattern = /^sha256:[0-9a-f]{64}$/
const uploadPattern = /^[0-9a-f-]{36}$/

export const isDigest = (text: string): boolean => digestPattern.test(text)

const unlessMissing = async <Result>(work: Promise<Result>): Promise<Result | undefined> =>
  work.catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  })

/** The layers, configurations and manifests that are pushed, in files named by their digests: a directory for each repository. */
export const createImageFiles = (directory: string) => {
  const place = (repository: string, name: string): string => join(directory, repository, name)
  const uploadOf = (repository: string, id: string): string => place(repository, join('uploads', id))
  const sizeOf = async (path: string): Promise<number | undefined> => (await unlessMissing(stat(path)))?.size
  const text = async (repository: string, digest: string): Promise<string | undefined> => {
    const path = place(repository, digest)
    const size = isDigest(digest) ? await sizeOf(path) : undefined
    return size === undefined || size > largestManifest ? undefined : readFile(path, 'utf8')
  }

  return {
    size: (repository: string, digest: string) => (isDigest(digest) ? sizeOf(place(repository, digest)) : undefined),
    read: (repository: string, digest: string): Readable => createReadStream(place(repository, digest)),
    contentOf: (repository: string): PushedContent => ({
      manifest: (digest) => text(repository, digest),
      config: (digest) => text(repository, digest),
    }),
    /** @returns the id of a new upload. Removes those that nobody went on with. */
    begin: async (repository: string): Promise<string> => {
      const uploads = place(repository, 'uploads')
      await mkdir(uploads, { recursive: true, mode: 0o700 })
      for (const name of await readdir(uploads)) {
        const found = await unlessMissing(stat(join(uploads, name)))
        if (found !== undefined && Date.now() - found.mtimeMs > uploadMilliseconds) await rm(join(uploads, name))
      }
      const id = randomUUID()
      await pipeline([''], createWriteStream(uploadOf(repository, id)))
      return id
    },
    /** How many bytes an upload has; undefined if there is none. */
    uploaded: (repository: string, id: string) =>
      uploadPattern.test(id) ? sizeOf(uploadOf(repository, id)) : undefined,
    append: (repository: string, id: string, chunks: Readable): Promise<void> =>
      pipeline(chunks, createWriteStream(uploadOf(repository, id), { flags: 'a' })),
    /** Gives an upload its name. @returns false if its content has another digest: it is removed. */
    finish: async (repository: string, id: string, digest: string): Promise<boolean> => {
      const path = uploadOf(repository, id)
      const hash = createHash('sha256')
      await pipeline(createReadStream(path), hash)
      const isRight = `sha256:${hash.digest('hex')}` === digest
      if (isRight) await rename(path, place(repository, digest))
      else await rm(path)
      return isRight
    },
    /** Removes all but these. */
    keep: async (repository: string, digests: ReadonlySet<string>): Promise<void> => {
      if (digests.size === 0) return rm(join(directory, repository), { recursive: true, force: true })
      const found = (await unlessMissing(readdir(join(directory, repository)))) ?? []
      for (const name of found) if (isDigest(name) && !digests.has(name)) await rm(place(repository, name))
    },
  }
}

export type ImageFiles = ReturnType<typeof createImageFiles>
