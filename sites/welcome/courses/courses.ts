import { readdir, readFile, stat } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { Problem } from '../problem.ts'
import { type Course, parseCourse } from './course.ts'
import {
  type CmiData,
  type CourseProgress,
  type CourseState,
  nextState,
  noState,
  parseState,
  progressOf,
} from './course-state.ts'
import { createCourseUploads } from './course-uploads.ts'
import { ifThere, writeDurably } from './files.ts'
import { bytesOnDisk, createStorageRoom } from './storage-room.ts'

const maxCourses = 200

const readIfThere = (path: string): Promise<string | undefined> => ifThere(readFile(path, 'utf8'), undefined)

/** The bytes of a file; 0 where there is none. */
const sizeOf = async (path: string): Promise<number> => (await ifThere(stat(path), { size: 0 })).size

/** The courses of this site, a directory each in its data directory. */
export const openCourses = (dataDirectory: string) => {
  const directory = join(dataDirectory, 'courses')
  const uploads = createCourseUploads(
    join(dataDirectory, 'course-uploads'),
    directory,
    createStorageRoom(async () => {
      const sizes = (await list()).map(
        async (course) => bytesOnDisk(course) + (await sizeOf(pathOf(course.id, 'state.json'))),
      )
      const others = (await readdir(dataDirectory)).map((name) => sizeOf(join(dataDirectory, name)))
      return (await Promise.all([...sizes, ...others])).reduce((total, bytes) => total + bytes, 0)
    }),
  )
  const inTurn = createTurns()
  const oneState = createTurns()
  /** Holds opened courses only; the others have no progress. */
  const progress = new Map<string, CourseProgress>()
  const pathOf = (id: string, name: string): string => join(directory, id, name)
  const noCourse = () => new Problem(404, 'There is no such course.')

  const read = async (id: string): Promise<Course | undefined> => {
    const text = await readIfThere(pathOf(id, 'course.json'))
    return text === undefined ? undefined : parseCourse(text)
  }
  const names = (): Promise<readonly string[]> => ifThere(readdir(directory), [])
  const list = async (): Promise<readonly Course[]> => {
    const found = await Promise.all((await names()).map(read))
    return found.filter((course) => course !== undefined).toSorted((a, b) => b.at.localeCompare(a.at))
  }
  const find = async (id: string): Promise<Course> => {
    const course = await read(id)
    if (course === undefined) throw noCourse()
    return course
  }
  const readState = async (id: string): Promise<CourseState> => {
    const text = await readIfThere(pathOf(id, 'state.json'))
    return text === undefined ? noState : parseState(text)
  }

  return {
    /** @throws {Problem} 404 */
    find,
    /** @throws {Problem} 404 */
    stateOf: async (id: string): Promise<CourseState> => {
      await find(id)
      return readState(id)
    },
    /** Returns once the course is on disk. @throws {Problem} for a bad package; 409 where there are too many courses; 507. */
    take: async (request: IncomingMessage, maxBytes: number): Promise<Course> => {
      if ((await names()).length + uploads.underWay() >= maxCourses) {
        throw new Problem(409, `A site keeps at most ${maxCourses} courses. Delete one first.`)
      }
      return uploads.take(request, maxBytes)
    },
    /** Newest first. */
    list,
    /** @throws {Problem} 404 */
    remove: (id: string): Promise<void> =>
      inTurn(id, async () => {
        await find(id)
        await uploads.discard(id)
        progress.delete(id)
      }),
    /** Reads one state at a time, and that of a course once. */
    progressOf: async (course: Course): Promise<CourseProgress> =>
      progress.get(course.id) ??
      oneState('', () =>
        inTurn(course.id, async () => {
          const known = progress.get(course.id)
          if (known !== undefined) return known
          const state = await readState(course.id)
          const found = progressOf(course, state)
          if (Object.keys(state.items).length > 0) progress.set(course.id, found)
          return found
        }),
      ),
    /** Returns once it is on disk. @throws {Problem} 404; 413 where all items together would keep too much. */
    saveState: (id: string, itemId: string, cmi: CmiData): Promise<void> =>
      inTurn(id, async () => {
        const course = await find(id)
        const before = (await readIfThere(pathOf(id, 'state.json'))) ?? ''
        const { state, text } = nextState(before, itemId, { cmi, at: new Date().toISOString() })
        // A failed write may have been done.
        progress.delete(id)
        await writeDurably(pathOf(id, 'state.json'), text)
        progress.set(id, progressOf(course, state))
      }),
    /** The directory of a course's files, whether it exists or not. */
    contentOf: (id: string): string => pathOf(id, 'content'),
  }
}

export type Courses = ReturnType<typeof openCourses>

/** Runs the requests for one name one after the other, in their order. */
const createTurns = () => {
  const last = new Map<string, Promise<unknown>>()
  return async <Result>(name: string, act: () => Promise<Result>): Promise<Result> => {
    const before = last.get(name) ?? Promise.resolve()
    const mine = before.then(act, act)
    last.set(name, mine)
    try {
      return await mine
    } finally {
      if (last.get(name) === mine) last.delete(name)
    }
  }
}
