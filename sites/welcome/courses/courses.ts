import { readdir, readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { Problem } from '../problem.ts'
import type { Course } from './course.ts'
import { parseCourse } from './course.ts'
import type { CmiData, CourseProgress, CourseState } from './course-state.ts'
import { nextState, noState, parseState, progressOf } from './course-state.ts'
import { createCourseUploads } from './course-uploads.ts'
import { writeDurably } from './durable-write.ts'

export interface Courses {
  /** Returns once the course is on disk. @throws {Problem} that says what is wrong with the package; 409 where there are too many. */
  readonly take: (request: IncomingMessage, mostBytes: number) => Promise<Course>
  /** Newest first. */
  readonly list: () => Promise<readonly Course[]>
  /** @throws {Problem} 404 */
  readonly find: (id: string) => Promise<Course>
  /** @throws {Problem} 404 */
  readonly remove: (id: string) => Promise<void>
  readonly stateOf: (id: string) => Promise<CourseState>
  /** Reads no more than one state at a time, whoever asks, and that of a course once. */
  readonly progressOf: (course: Course) => Promise<CourseProgress>
  /** Returns once it is on disk. @throws {Problem} 404; 413 where all items together would keep too much, and nothing is changed. */
  readonly saveState: (id: string, itemId: string, cmi: CmiData) => Promise<void>
  /** Where a course's files are, whether it is there or not. */
  readonly contentOf: (id: string) => string
}

const mostCourses = 200

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT'

const readIfThere = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** The courses of this site, a directory each in its data directory. */
export const openCourses = (dataDirectory: string): Courses => {
  const directory = join(dataDirectory, 'courses')
  const uploads = createCourseUploads(join(dataDirectory, 'course-uploads'), directory)
  const inTurn = createTurns()
  const oneState = createTurns()
  /** Of courses that were opened; of the others there is nothing to read. */
  const progress = new Map<string, CourseProgress>()
  const pathOf = (id: string, name: string): string => join(directory, id, name)
  const noCourse = () => new Problem(404, 'There is no such course.')

  const read = async (id: string): Promise<Course | undefined> => {
    const text = await readIfThere(pathOf(id, 'course.json'))
    return text === undefined ? undefined : parseCourse(text)
  }
  const names = async (): Promise<readonly string[]> => {
    try {
      return await readdir(directory)
    } catch (error) {
      if (isMissing(error)) return []
      throw error
    }
  }
  const find = async (id: string): Promise<Course> => {
    const course = await read(id)
    if (course === undefined) throw noCourse()
    return course
  }
  const stateOf = async (id: string): Promise<CourseState> => {
    const text = await readIfThere(pathOf(id, 'state.json'))
    return text === undefined ? noState : parseState(text)
  }

  return {
    find,
    stateOf,
    take: async (request, mostBytes) => {
      if ((await names()).length + uploads.underWay() >= mostCourses) {
        throw new Problem(409, `A site keeps at most ${mostCourses} courses. Delete one first.`)
      }
      return uploads.take(request, mostBytes)
    },
    list: async () => {
      const found = await Promise.all((await names()).map(read))
      return found.filter((course) => course !== undefined).toSorted((a, b) => b.at.localeCompare(a.at))
    },
    remove: (id) =>
      inTurn(id, async () => {
        await find(id)
        await uploads.discard(id)
        progress.delete(id)
      }),
    progressOf: async (course) =>
      progress.get(course.id) ??
      oneState('', () =>
        inTurn(course.id, async () => {
          const known = progress.get(course.id)
          if (known !== undefined) return known
          const state = await stateOf(course.id)
          const found = progressOf(course, state)
          if (Object.keys(state.items).length > 0) progress.set(course.id, found)
          return found
        }),
      ),
    saveState: (id, itemId, cmi) =>
      inTurn(id, async () => {
        const course = await find(id)
        const before = (await readIfThere(pathOf(id, 'state.json'))) ?? ''
        const { state, text } = nextState(before, itemId, { cmi, at: new Date().toISOString() })
        // What fails may have been done.
        progress.delete(id)
        await writeDurably(pathOf(id, 'state.json'), text)
        progress.set(id, progressOf(course, state))
      }),
    contentOf: (id) => pathOf(id, 'content'),
  }
}

/** Runs what is asked for under one name one after the other, in the order that it was asked for. */
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
