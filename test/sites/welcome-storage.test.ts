import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type CourseBody, type CourseSite, growth, openCourseSite } from './course-site.ts'
import { course } from './scorm-packages.ts'
import { zipOf } from './zip-archive.ts'

const mebibyte = 1024 * 1024
const claims = { ...growth, limits: { ...growth.limits, storageMiB: 10 } }

let site: CourseSite
beforeEach(async () => {
  site = await openCourseSite()
})
afterEach(() => site[Symbol.asyncDispose]())

/** A package that is small and unpacks to so many MiB, a thirtieth of which cannot be compressed. */
const growing = (mebibytes: number) => {
  const data = Buffer.alloc(mebibytes * mebibyte)
  randomBytes(Math.ceil(data.length / 30)).copy(data)
  return new Uint8Array(zipOf([...course(), { name: 'film.mp4.bin', data }]))
}

const send = (body: Uint8Array<ArrayBuffer>) => site.send(body, { claims })

test('packages that arrive at once share what is free of the plan, and leave nothing where it is not enough', async () => {
  const answers = await Promise.all([4, 4, 4].map((size) => send(growing(size))))
  expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 201, 507])
  const refused = answers.find(({ status }) => status === 507)
  expect(await refused?.json()).toMatchObject({
    detail: 'The package needs 5 MB, and 1 MB are free. Delete something, or choose a larger plan.',
  })
  const courses = await site.list()
  expect(courses).toHaveLength(2)
  const inside = (path: string) => path.startsWith('course-uploads/')
  expect((await site.paths()).filter(inside)).toEqual([])

  expect((await send(growing(4))).status).toBe(507)
  await site.ask(`/api/courses/${courses[0]?.id}`, { method: 'DELETE' })
  expect((await send(growing(4))).status).toBe(201)
})

test('a package that does not fit is cut off before it is stored', async () => {
  const film = { name: 'film.mp4', data: Buffer.alloc(6 * mebibyte, 7), isStored: true }
  expect((await send(new Uint8Array(zipOf([...course(), film])))).status).toBe(201)
  const answer = await send(new Uint8Array(zipOf([...course(), film])))
  expect(answer.status).toBe(507)
  expect(((await answer.json()) as { detail: string }).detail).toMatch(/, and 3 MB are free/)
})

test('a course whose folders take more blocks than its files does not fit', async () => {
  const path = Array.from({ length: 20 }, (_, depth) => `d${depth}`).join('/')
  const files = Array.from({ length: 150 }, (_, index) => ({ name: `${index}/${path}/x`, data: '' }))
  expect((await send(new Uint8Array(zipOf([...course(), ...files])))).status).toBe(507)
})

test('a course whose many small files fill more blocks than bytes does not fit', async () => {
  const files = Array.from({ length: 3000 }, (_, index) => ({ name: `f/${index}`, data: 'x' }))
  const answer = await send(new Uint8Array(zipOf([...course(), ...files])))
  expect(answer.status).toBe(507)
  const taken = (await (await site.send(new Uint8Array(zipOf([...course(), ...files])))).json()) as CourseBody
  expect(taken.files).toBe(3003)
})
