import * as z from 'zod'
import { httpCall } from '../../support/http-call.ts'
import { asker } from '../api.ts'
import { check } from '../expectations.ts'
import type { BuyerCalls, ElsewhereCalls } from '../story-api.ts'
import { digestOfEntries } from '../trial/site-data.ts'
import { courseItem, coursePackage, coursePage, courseTitle } from './course.ts'

const withCourses = ['growth', 'enterprise']
const withDomains = ['starter', 'growth']

/** Tries the features of a plan: a course, and a custom domain. */
export const unlockedFeatures = (parts: {
  readonly origin: string
  readonly siteUrl: string
  readonly hostname: string
  readonly buyer: BuyerCalls
  readonly elsewhere: ElsewhereCalls
}) => {
  const { origin, siteUrl, hostname, buyer, elsewhere } = parts
  const courses = courseCalls(siteUrl)
  const ownAddress = `http://${hostname}:${new URL(origin).port}/`

  const checkDomain = async (): Promise<void> => {
    const entries = await httpCall({ url: `${ownAddress}api/entries?limit=5`, via: origin })
    const same = await httpCall({ url: `${siteUrl}/api/entries?limit=5` })
    check(`status of ${ownAddress}`, entries.status, 200)
    check(`entries at ${ownAddress}`, entries.json, same.json)
    const [course] = await courses.list()
    const { text } = await httpCall({ url: `${ownAddress}courses/${course?.id}/`, via: origin })
    const contentOrigin = siteUrl.replace('.', '--content.').replace(/\/$/, '')
    check(`player at ${ownAddress}`, text.includes(` src="${contentOrigin}/launch/`), true)
  }
  const checkCourse = async (): Promise<void> => {
    const [course, ...others] = await courses.list()
    check('courses', [course?.title, course?.progress, others.length], [courseTitle, 'completed', 0])
    const [player, content] = [
      await courses.open(course?.id ?? ''),
      await courses.open(course?.id ?? '', `content/${coursePage}`),
    ]
    check('player', [player.status, player.text.includes(courseTitle)], [200, true])
    check('content of the course', [content.status, content.text.includes(courseTitle)], [200, true])
  }

  return {
    refusedDomain: async () => check('plans with domains', await buyer.addRefusedDomain(hostname), withDomains),
    refusedCourse: async () => check('plans with courses', await courses.uploadRefused(), withCourses),
    takeCourse: async (): Promise<void> => {
      check('status of an upload by a stranger', await courses.uploadAsStranger(), 403)
      const { id, progress } = await courses.upload(await buyer.enter())
      check('progress', progress, 'not attempted')
      await courses.complete(id)
      await checkCourse()
    },
    takeDomain: async (): Promise<string> => {
      const added = await buyer.addDomain(hostname)
      check('state', added.state, 'pending')
      check('page before it is verified', (await httpCall({ url: ownAddress, via: origin })).status, 404)
      for (const record of added.records) await elsewhere.setRecord(record)
      check('state', (await buyer.verifyDomain(hostname)).state, 'verified')
      await checkDomain()
      return ownAddress
    },
    /** @throws {Error} if the data differs, the course is missing, or the hostname shows something else. */
    checkAll: async (digest: string): Promise<void> => {
      check('digest of the entries', await digestOfEntries(siteUrl), digest)
      await checkCourse()
      await checkDomain()
    },
  }
}

const ask = asker(httpCall)

const courseSchema = z.looseObject({ id: z.string(), title: z.string(), progress: z.string() })
const coursesSchema = z.looseObject({ courses: z.array(courseSchema) })
const refusalSchema = z.looseObject({ plans: z.array(z.string()) })

const courseCalls = (siteUrl: string) => {
  const at = (path: string): string => new URL(path, siteUrl).href
  const upload = (cookie?: string) =>
    ({
      method: 'POST',
      url: at('/api/courses'),
      headers: { 'content-type': 'application/zip', ...(cookie === undefined ? {} : { cookie }) },
      content: coursePackage(),
    }) as const
  /** The address of the player, which the page of the course embeds. */
  const launch = async (id: string): Promise<string> => {
    const { status, text } = await httpCall({ url: at(`/courses/${id}/`), headers: { accept: 'text/html' } })
    const address = / src="([^"]+\/launch\/[^"]+)"/.exec(text)?.[1]
    if (address === undefined) throw new Error(`The page of the course answers ${status} and embeds no player.`)
    return address
  }
  return {
    upload: async (cookie: string) => (await ask(upload(cookie), [201], courseSchema)).body,
    uploadAsStranger: async () => (await httpCall(upload())).status,
    /** @returns the plans that have courses. */
    uploadRefused: async () => (await ask(upload(), [402], refusalSchema)).body.plans,
    list: async () => (await ask({ url: at('/api/courses') }, [200], coursesSchema)).body.courses,
    /** Commits the same values as the course's content in a browser's player. */
    complete: async (id: string) => {
      const body = { item: courseItem, cmi: { core: { lesson_status: 'completed' } } }
      await ask({ method: 'PUT', url: `${await launch(id)}state`, body }, [204], z.undefined())
    },
    /** Opens a file of a new launch; the player itself by default. */
    open: async (id: string, path = '') => {
      const { status, text } = await httpCall({ url: `${await launch(id)}${path}`, headers: { accept: 'text/html' } })
      return { status, text }
    },
  }
}
