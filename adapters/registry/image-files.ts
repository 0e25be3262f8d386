import { createHash, randomUUID } from 'node:crypto'
import { constants, createReadStream } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { largestConfig, type PushedContent } from '../../lambdas/deployments/image.ts'
import { flushDirectory, unlessMissing } from '../durable-files/replace-file.ts'

/** Manifests are small, and a larger one would be read into memory. */
export const largestManifest = 4 * 2 ** 20
/** Of a layer, and of a whole image. */
export const largestBlob = 2 * 2 ** 30
/** Of everything in a repository: several images, as the last five that were live. Uploads at once may exceed it by a little. */
const largestRepository = 32 * 2 ** 30
/** An upload that was interrupted may go on for so long. */
const uploadMilliseconds = 60 * 60_000
/** What a repository may have of them. Clients send about five layers at once, and leave as many behind when a push is interrupted. */
const maxUploads = 16
/** While there are as many, one on which no request works for so long gives way to a new one: Docker does not wait for a place. */
const idleMilliseconds = 5000
/** As many uploads of a repository write less between two checks than the host leaves free. */
const checkBytes = 2 ** 20
/** A look at a whole repository reads the sizes of all its files. */
const wideCheckBytes = 64 * 2 ** 20

const uploadPattern = /^[0-9a-f-]{36}$/

export const isDigest = (text: string): boolean => /^sha256:[0-9a-f]{64}$/.test(text)

/** An upload that was not taken, and why. */
export class UploadRefused extends Error {
  readonly reason: 'missing' | 'busy' | 'too-many' | 'too-large' | 'full' | 'no-room'

  constructor(reason: UploadRefused['reason']) {
    super(`the upload is ${reason}`)
    this.reason = reason
  }
}

interface Limits {
  readonly max: number
  /** Whether the disk is short, asked again and again while it comes. */
  readonly lacksRoom: () => Promise<boolean>
}

/** An upload in the hands of one request. */
export interface Upload {
  readonly size: number
  /** @returns how many bytes it has then. @throws {UploadRefused} with nothing left of it, if it does not fit. */
  readonly append: (chunks: Readable, limits: Limits) => Promise<number>
  /** Names it by its digest, or removes it if another one was expected. @returns its digest. */
  readonly finish: (expected?: string) => Promise<string>
}

const digestOf = (hash: ReturnType<typeof createHash>): string => `sha256:${hash.digest('hex')}`

/**
 * Has written everything, or never will, once it ends: a stream may still write after its pipeline has failed.
 * @param hasRoom is asked of the repository.
 */
const receive = async (
  path: string,
  before: number,
  chunks: Readable,
  { max, lacksRoom, hasRoom }: Limits & { readonly hasRoom: () => Promise<boolean> },
): Promise<number> => {
  const file = await open(path, constants.O_WRONLY | constants.O_APPEND)
  try {
    let bytes = before
    let checked = before
    let checkedWide = Number.NEGATIVE_INFINITY
    // The connection stays, to answer that it was refused.
    for await (const chunk of chunks.iterator({ destroyOnReturn: false })) {
      bytes += chunk.length
      if (bytes > max) throw new UploadRefused('too-large')
      if (bytes - checked >= checkBytes) {
        checked = bytes
        if (await lacksRoom()) throw new UploadRefused('full')
      }
      if (bytes - checkedWide >= wideCheckBytes) {
        checkedWide = bytes
        if (!(await hasRoom())) throw new UploadRefused('no-room')
      }
      await file.appendFile(chunk)
    }
    return bytes
  } finally {
    await file.close()
  }
}

/**
 * The layers, configurations and manifests that are pushed, in files named by their digests: a directory for each repository.
 * @param maxBytes of a repository.
 */
export const createImageFiles = (directory: string, maxBytes = largestRepository) => {
  /** The uploads on which a request works. */
  const busy = new Set<string>()
  let beginning: Promise<unknown> = Promise.resolve()

  const place = (repository: string, name: string): string => join(directory, repository, name)
  const uploadOf = (repository: string, id: string): string => place(repository, join('uploads', id))
  const sizeOf = async (path: string): Promise<number | undefined> => (await unlessMissing(stat(path)))?.size
  const text = async (repository: string, digest: string, max: number): Promise<string | undefined> => {
    const path = place(repository, digest)
    const size = isDigest(digest) ? await sizeOf(path) : undefined
    if (size === undefined || size > max) return undefined
    const content = await readFile(path)
    return digestOf(createHash('sha256').update(content)) === digest ? content.toString() : undefined
  }

  const hasRoom = async (repository: string): Promise<boolean> => {
    const names = (await unlessMissing(readdir(join(directory, repository), { recursive: true }))) ?? []
    const found = await Promise.all(names.map((name) => unlessMissing(stat(place(repository, name)))))
    return found.reduce((sum, one) => sum + (one?.isFile() ? one.size : 0), 0) < maxBytes
  }

  /** Removes uploads that nobody goes on with. @returns how many are left. */
  const removeIdle = async (repository: string): Promise<number> => {
    const names = (await unlessMissing(readdir(place(repository, 'uploads')))) ?? []
    const found = await Promise.all(
      names.map(async (name) => {
        const path = uploadOf(repository, name)
        return { path, changed: (await unlessMissing(stat(path)))?.mtimeMs ?? 0 }
      }),
    )
    let left = found.length
    for (const { path, changed } of found.sort((one, other) => one.changed - other.changed)) {
      const longest = left >= maxUploads ? idleMilliseconds : uploadMilliseconds
      if (busy.has(path) || Date.now() - changed <= longest) continue
      await rm(path, { force: true })
      left -= 1
    }
    return left
  }

  const make = async (repository: string): Promise<string> => {
    if ((await removeIdle(repository)) >= maxUploads) throw new UploadRefused('too-many')
    await mkdir(place(repository, 'uploads'), { recursive: true, mode: 0o700 })
    const id = randomUUID()
    await writeFile(uploadOf(repository, id), '')
    return id
  }

  /** One after the other: each counts those before it. */
  const begin = (repository: string): Promise<string> => {
    const made = beginning.then(() => make(repository))
    beginning = made.catch(() => undefined)
    return made
  }

  const uploadAt = (repository: string, path: string, size: number): Upload => ({
    size,
    append: async (chunks, limits) => {
      try {
        return await receive(path, size, chunks, { ...limits, hasRoom: () => hasRoom(repository) })
      } catch (error) {
        if (error instanceof UploadRefused) await rm(path, { force: true })
        throw error
      }
    },
    finish: async (expected) => {
      const hash = createHash('sha256')
      await pipeline(createReadStream(path), hash)
      const digest = digestOf(hash)
      if (expected !== undefined && expected !== digest) {
        await rm(path)
        return digest
      }
      // Nobody sends again what is here by its name: it has to be whole after a power cut, too.
      {
        await using file = await open(path, 'r+')
        await file.sync()
      }
      await rename(path, place(repository, digest))
      await flushDirectory(join(directory, repository))
      return digest
    },
  })

  const withUpload = async <Result>(
    repository: string,
    id: string,
    work: (upload: Upload) => Promise<Result>,
  ): Promise<Result> => {
    const path = uploadOf(repository, id)
    if (!uploadPattern.test(id)) throw new UploadRefused('missing')
    if (busy.has(path)) throw new UploadRefused('busy')
    busy.add(path)
    try {
      const size = await sizeOf(path)
      if (size === undefined) throw new UploadRefused('missing')
      return await work(uploadAt(repository, path, size))
    } catch (error) {
      // Most clients begin again: it gives way at once, and may go on while nobody needs its place.
      const idle = new Date(Date.now() - idleMilliseconds - 1)
      await unlessMissing(utimes(path, idle, idle))
      throw error
    } finally {
      busy.delete(path)
    }
  }

  return {
    size: async (repository: string, digest: string) =>
      isDigest(digest) ? sizeOf(place(repository, digest)) : undefined,
    /** As if it came now: a client that knows it is here does not send it again. */
    renew: async (repository: string, digest: string): Promise<void> => {
      const now = new Date()
      await unlessMissing(utimes(place(repository, digest), now, now))
    },
    /** Reads no more than its size, which was told to somebody before. */
    read: (repository: string, digest: string, size: number): Readable =>
      size === 0 ? Readable.from([]) : createReadStream(place(repository, digest), { end: size - 1 }),
    contentOf: (repository: string): PushedContent => ({
      manifest: (digest) => text(repository, digest, largestManifest),
      config: (digest) => text(repository, digest, largestConfig),
      size: async (digest) => (isDigest(digest) ? sizeOf(place(repository, digest)) : undefined),
    }),
    /** @returns the id of a new upload. @throws {UploadRefused} `too-many`. */
    begin,
    /** How many bytes an upload has; undefined if there is none. */
    uploaded: async (repository: string, id: string) =>
      uploadPattern.test(id) ? sizeOf(uploadOf(repository, id)) : undefined,
    /**
     * Works on an upload alone: what another request wrote meanwhile would be in a file that has been verified.
     * @throws {UploadRefused} `missing`; `busy` while another request works on it.
     */
    withUpload,
    /** Works on a new upload, of which nothing is left unless it is finished: nobody else knows it. */
    withNewUpload: async <Result>(repository: string, work: (upload: Upload) => Promise<Result>): Promise<Result> => {
      const id = await begin(repository)
      try {
        return await withUpload(repository, id, work)
      } finally {
        await rm(uploadOf(repository, id), { force: true })
      }
    },
    remove: (repository: string): Promise<void> => rm(join(directory, repository), { recursive: true, force: true }),
    /** Removes all but these, and what came in the last hour: its deployment may not have been asked for yet. */
    keep: async (repository: string, digests: ReadonlySet<string>): Promise<void> => {
      const found = (await unlessMissing(readdir(join(directory, repository)))) ?? []
      for (const name of found) {
        if (!isDigest(name) || digests.has(name)) continue
        const { mtimeMs } = await stat(place(repository, name))
        if (Date.now() - mtimeMs > uploadMilliseconds) await rm(place(repository, name))
      }
      await removeIdle(repository)
    },
  }
}

export type ImageFiles = ReturnType<typeof createImageFiles>
