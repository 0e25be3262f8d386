import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { Problem } from '../problem.ts'
import {
  type Course,
  type CourseProgress,
  type CourseState,
  parseCourse,
  parseState,
  progressOf,
  requireFitting,
} from './course.ts'
import { ifThere, syncDirectory, writeDurably } from './files.ts'

const maxCourses = 200
/** Each may take as much disk as the plan has while it runs. */
const uploadsAtOnce = 3
const mebibyte = 1024 * 1024

const isDiskFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')

const readIfThere = (path: string): Promise<string> => ifThere(readFile(path, 'utf8'), '')

/** Opens the courses of this site, a directory each in its data directory, and clears away what a killed process left. */
export const openCourses = async (dataDirectory: string) => {
  const directory = join(dataDirectory, 'courses')
  /** Beside the courses: one rename publishes a course or takes it away, so it is there as a whole, or not at all. */
  const workshop = join(dataDirectory, 'course-uploads')
  const pathOf = (id: string, name: string): string => join(directory, id, name)
  const cleared = rm(workshop, { recursive: true, force: true })
  // Later calls wait for it, and throw its error.
  cleared.catch(() => undefined)

  const names = await ifThere(readdir(directory), [])
  const stored = (await Promise.all(names.map((id) => readIfThere(pathOf(id, 'course.json'))))).filter(Boolean)
  const courses = new Map(stored.map(parseCourse).map((course) => [course.id, course]))
  /** The bytes that each upload under way takes of the plan's storage. */
  const reserved = new Map<string, number>()
  /** Of opened courses only; the others have no progress. */
  const progress = new Map<string, CourseProgress>()

  let last: Promise<unknown> = Promise.resolve()
  /** Runs one act after the other. */
  const inTurn = <Result>(act: () => Promise<Result>): Promise<Result> => {
    const mine = last.then(act)
    last = mine.catch(() => undefined)
    return mine
  }

  const find = (id: string): Course => {
    const course = courses.get(id)
    if (course === undefined) throw new Problem(404, 'There is no such course.')
    return course
  }
  const readState = async (id: string): Promise<CourseState> => parseState(await readIfThere(pathOf(id, 'state.json')))

  /** What is stored beside the files of courses: states, and the entries of the site. */
  const bytesOfOthers = async (): Promise<number> => {
    const paths = [...courses.keys()].map((id) => pathOf(id, 'state.json'))
    paths.push(...(await readdir(dataDirectory)).map((name) => join(dataDirectory, name)))
    const sizes = paths.map(async (path) => (await ifThere(stat(path), undefined))?.size ?? 0)
    return sum(await Promise.all(sizes))
  }

  const build = async (request: IncomingMessage, id: string, maxBytes: number): Promise<Course> => {
    // Loaded on first use: most sites never take a course, and every start would pay for it.
    const { bytesOnDisk, receivePackage, unpackPackage } = await import('./take-package.ts')
    const others = await bytesOfOthers()
    const reserve = (bytes: number): void => {
      reserved.set(id, 0)
      const free = maxBytes - others - sum([...courses.values()].map(bytesOnDisk)) - sum(reserved.values())
      if (bytes > free) {
        const [needed, left] = [Math.ceil(bytes / mebibyte), Math.max(0, Math.floor(free / mebibyte))]
        const message = `The package needs ${needed} MB, and ${left} MB are free. Delete something, or choose a larger plan.`
        throw new Problem(507, message)
      }
      reserved.set(id, bytes)
    }
    const finished = join(workshop, id, 'course')
    await mkdir(finished, { recursive: true })
    const packagePath = join(workshop, id, 'package.zip')
    await receivePackage(request, packagePath, reserve)
    const contents = await unpackPackage(packagePath, join(finished, 'content'), reserve)
    const course: Course = { id, at: new Date().toISOString(), ...contents }
    await writeDurably(join(finished, 'course.json'), JSON.stringify(course))
    await mkdir(directory, { recursive: true })
    await rename(finished, join(directory, id))
    courses.set(id, course)
    reserved.set(id, 0)
    await syncDirectory(directory)
    return course
  }

  return {
    /** @throws {Problem} 404 */
    find,
    /** Newest first. */
    list: (): readonly Course[] => [...courses.values()].toSorted((a, b) => b.at.localeCompare(a.at)),
    /** The directory of a course's files, whether it exists or not. */
    contentOf: (id: string): string => pathOf(id, 'content'),
    /**
     * Returns once the course is on disk. @param maxBytes the storage of the plan.
     * @throws {Problem} for a bad package; 409 where there are too many courses, 503 for too many at once, 507 for a full disk or
     *   plan. Nothing is left behind.
     */
    take: async (request: IncomingMessage, maxBytes: number): Promise<Course> => {
      if (courses.size + reserved.size >= maxCourses) {
        throw new Problem(409, `A site keeps at most ${maxCourses} courses. Delete one first.`)
      }
      if (reserved.size >= uploadsAtOnce) {
        const message = `${uploadsAtOnce} packages are being taken already. Try again in a moment.`
        throw new Problem(503, message, { headers: { 'retry-after': '10' } })
      }
      const id = randomBytes(10).toString('hex')
      reserved.set(id, 0)
      try {
        await cleared
        return await build(request, id, maxBytes)
      } catch (error) {
        if (isDiskFull(error)) throw new Problem(507, 'This site has no disk space left, so nothing was saved.')
        throw error
      } finally {
        await rm(join(workshop, id), { recursive: true, force: true }).finally(() => reserved.delete(id))
      }
    },
    /** Takes a course away, all of it at once. @throws {Problem} 404 */
    remove: async (id: string): Promise<void> => {
      await cleared
      await mkdir(workshop, { recursive: true })
      const remains = join(workshop, `${id}-removed`)
      await inTurn(async () => {
        find(id)
        await rename(join(directory, id), remains)
        courses.delete(id)
        progress.delete(id)
        await syncDirectory(directory)
      })
      await rm(remains, { recursive: true, force: true })
    },
    /** @throws {Problem} 404 */
    stateOf: (id: string): Promise<CourseState> => readState(find(id).id),
    /** Reads one state at a time, and that of a course once. */
    progressOf: async (course: Course): Promise<CourseProgress> =>
      progress.get(course.id) ??
      inTurn(async () => {
        const found = progress.get(course.id) ?? progressOf(course, await readState(course.id))
        if (found !== 'not attempted') progress.set(course.id, found)
        return found
      }),
    /** Returns once it is on disk. @throws {Problem} 404; 413 where all items together would keep too much. */
    saveState: (id: string, itemId: string, cmi: Readonly<Record<string, unknown>>): Promise<void> =>
      inTurn(async () => {
        const course = find(id)
        const before = await readIfThere(pathOf(id, 'state.json'))
        const { items } = parseState(before)
        const state: CourseState = { items: { ...items, [itemId]: { cmi, at: new Date().toISOString() } } }
        const text = JSON.stringify(state)
        requireFitting(text, before)
        // A failed write may have been done.
        progress.delete(id)
        await writeDurably(pathOf(id, 'state.json'), text)
        progress.set(id, progressOf(course, state))
      }),
  }
}

const sum = (numbers: Iterable<number>): number => Iterator.from(numbers).reduce((total, each) => total + each, 0)
