import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Problem } from '../problem.ts'
import type { Course } from './course.ts'
import { syncDirectory, writeDurably } from './files.ts'
import type { Reservation, StorageRoom } from './storage-room.ts'

/** Each may take as much disk as the plan has while it runs. */
const uploadsAtOnce = 3

const isDiskFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')

/**
 * Takes packages. Works in a workshop beside the courses and publishes by one rename: a course is there as a whole, or not at
 * all.
 * @param workshop a directory on the same file system, cleared of what a killed process left.
 * @param courses the directory of finished courses.
 * @param storage what the plan has room for.
 */
export const createCourseUploads = (workshop: string, courses: string, storage: StorageRoom) => {
  const cleared = rm(workshop, { recursive: true, force: true })
  // Later calls wait for it, and throw its error.
  cleared.catch(() => undefined)
  let underWay = 0

  const build = async (
    request: IncomingMessage,
    { bench, id, maxBytes, room }: { bench: string; id: string; maxBytes: number; room: Reservation },
  ): Promise<Course> => {
    // Loaded on first use: most sites never take a course, and every start would pay for it.
    const { unpackCourse } = await import('./unpack-course.ts')
    const finished = join(bench, 'course')
    const content = join(finished, 'content')
    await mkdir(content, { recursive: true })
    const packagePath = join(bench, 'package.zip')
    await receivePackage(request, packagePath, { maxBytes, room })
    const contents = await unpackCourse(packagePath, content, { maxBytes, room })
    const course: Course = { id, at: new Date().toISOString(), ...contents }
    await writeDurably(join(finished, 'course.json'), JSON.stringify(course))
    await mkdir(courses, { recursive: true })
    await rename(finished, join(courses, id))
    await syncDirectory(courses)
    return course
  }

  return {
    /** How many are being taken now. */
    underWay: () => underWay,
    /**
     * @param maxBytes the limit of a package, packed and unpacked.
     * @throws {Problem} as `receivePackage` and `unpackCourse`; 503 for too many at once, 507 for a full disk or plan. Nothing
     *   is left behind.
     */
    take: async (request: IncomingMessage, maxBytes: number): Promise<Course> => {
      if (underWay >= uploadsAtOnce) {
        const message = `${uploadsAtOnce} packages are being taken already. Try again in a moment.`
        throw new Problem(503, message, { headers: { 'retry-after': '10' } })
      }
      underWay += 1
      const id = randomBytes(10).toString('hex')
      const bench = join(workshop, id)
      let room: Reservation | undefined
      try {
        await cleared
        room = await storage.open(maxBytes)
        return await build(request, { bench, id, maxBytes, room })
      } catch (error) {
        if (isDiskFull(error)) throw new Problem(507, 'This site has no disk space left, so nothing was saved.')
        throw error
      } finally {
        underWay -= 1
        await rm(bench, { recursive: true, force: true })
        await room?.close()
      }
    },
    /** Takes a course away, all of it at once. */
    discard: async (id: string): Promise<void> => {
      await cleared
      await mkdir(workshop, { recursive: true })
      const remains = join(workshop, `${id}-${randomBytes(4).toString('hex')}`)
      await rename(join(courses, id), remains)
      await syncDirectory(courses)
      await rm(remains, { recursive: true, force: true })
    },
  }
}

const tooLarge = (maxBytes: number): Problem => new Problem(413, `A package may have at most ${maxBytes} bytes.`)

/**
 * Writes the body of a request into a new file.
 * @throws {Problem} 415 where it is not declared as a zip archive, which keeps forms of other sites out; 413, 507, 400.
 */
const receivePackage = async (
  request: IncomingMessage,
  path: string,
  { maxBytes, room }: { readonly maxBytes: number; readonly room: Reservation },
): Promise<void> => {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/zip') throw new Problem(415, 'Send the package itself as application/zip.')
  try {
    // Otherwise the size of the pieces would decide which limit they meet first.
    if (Number(request.headers['content-length']) > maxBytes) throw tooLarge(maxBytes)
    const limited = async function* () {
      let seen = 0
      // Not the request itself: its end would destroy it, and its sender would get no answer.
      for await (const chunk of request.iterator({ destroyOnReturn: false })) {
        seen += chunk.length
        if (seen > maxBytes) throw tooLarge(maxBytes)
        room.resize(seen)
        yield chunk
      }
    }
    await pipeline(limited, createWriteStream(path, { flags: 'wx' }))
  } catch (error) {
    // Drops the rest, so that the connection can be used again.
    request.resume()
    if (request.errored !== null && !(error instanceof Problem)) throw new Problem(400, 'The package ended too early.')
    throw error
  }
}
