import { createWriteStream } from 'node:fs'
import { mkdir, open, readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Problem } from '../problem.ts'
import type { Course, CourseContents } from './course.ts'
import { syncDirectory } from './files.ts'
import { readManifest } from './manifest.ts'
import { readArchive } from './package-archive.ts'

const manifestName = 'imsmanifest.xml'
const largestManifest = 4 * 1024 * 1024
/** On a network file system each file takes a few round trips. */
const filesAtOnce = 8

/** A file takes whole blocks, and an entry in its folder. */
const blockBytes = 4096

export const bytesOnDisk = ({ bytes, files }: Pick<Course, 'bytes' | 'files'>): number => bytes + files * blockBytes

/** Takes so many bytes in all of the plan's storage. @throws {Problem} 507 where it has no room for them. */
export type Reserve = (bytes: number) => void

/**
 * Writes the body of a request into a new file.
 * @throws {Problem} 415 where it is not declared as a zip archive, which keeps forms of other sites out; 507, 400.
 */
export const receivePackage = async (request: IncomingMessage, path: string, reserve: Reserve): Promise<void> => {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/zip') throw new Problem(415, 'Send the package itself as application/zip.')
  const limited = async function* () {
    let seen = 0
    // Not the request itself: its end would destroy it, and its sender would get no answer.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      seen += chunk.length
      reserve(seen)
      yield chunk
    }
  }
  try {
    await pipeline(limited, createWriteStream(path, { flags: 'wx' }))
  } catch (error) {
    // Drops the rest, so that the connection can be used again.
    request.resume()
    if (request.errored !== null && !(error instanceof Problem)) throw new Problem(400, 'The package ended too early.')
    throw error
  }
}

/**
 * Checks a SCORM package, unpacks it into a new directory, and returns once all of it is on disk.
 * @throws {Problem} 400 that says what is wrong with it, 507. The caller removes what was unpacked until then.
 */
export const unpackPackage = async (
  packagePath: string,
  content: string,
  reserve: Reserve,
): Promise<CourseContents & Pick<Course, 'bytes' | 'files'>> => {
  await using archive = await open(packagePath, 'r')
  const { files, folders, bytes, unpack } = await readArchive(archive)
  // Each folder takes a block, too.
  reserve(bytesOnDisk({ bytes, files: files.size + folders.size }))
  const manifest = files.get(manifestName)
  if (manifest === undefined) {
    const deeper = files.keys().find((path) => path.endsWith(`/${manifestName}`))
    const hint = deeper === undefined ? '' : ` There is ${deeper}: pack what is in the folder, not the folder.`
    throw new Problem(400, `The package has no ${manifestName} at its root, so it is no SCORM package.${hint}`)
  }
  if (manifest.uncompressedSize > largestManifest) {
    throw new Problem(400, `${manifestName} has more than ${largestManifest} bytes.`)
  }
  await mkdir(content)
  // The manifest alone at first: it is the reason for most refusals.
  await unpack(manifestName, manifest, join(content, manifestName))
  const contents = readManifest(await readFile(join(content, manifestName)), (path) => files.has(path))
  for (const folder of folders) await mkdir(join(content, folder), { recursive: true })
  // Once one of the readers of an iterator helper throws, it ends for the others, too.
  const waiting = files.entries().filter(([path]) => path !== manifestName)
  const unpackNext = async (): Promise<void> => {
    for (const [path, entry] of waiting) await unpack(path, entry, join(content, path))
  }
  const ended = await Promise.allSettled(Array.from({ length: filesAtOnce }, unpackNext))
  const failed = ended.find((each) => each.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  for (const folder of folders) await syncDirectory(join(content, folder))
  return { ...contents, files: files.size, bytes }
}
