import { httpCall } from '../http-call.ts'
import { check } from '../trial/check.ts'
import { digestOfEntries } from '../trial/site-data.ts'
import type { buyerCalls, elsewhereCalls } from './api.ts'
import { courseTitle } from './course.ts'
import { courseCalls } from './course-calls.ts'

const withCourses = ['growth', 'enterprise']
/** Those that can be bought at once. */
const withDomains = ['starter', 'growth']

/** What a plan brings, tried out: a course, and a hostname of one's own. */
export const unlockedFeatures = (parts: {
  readonly origin: string
  readonly siteUrl: string
  readonly hostname: string
  readonly buyer: Pick<ReturnType<typeof buyerCalls>, 'addDomain' | 'addDomainInVain' | 'verifyDomain'>
  readonly elsewhere: Pick<ReturnType<typeof elsewhereCalls>, 'setRecord'>
}) => {
  const { origin, siteUrl, hostname, buyer, elsewhere } = parts
  const courses = courseCalls(siteUrl)
  const ownAddress = `http://${hostname}:${new URL(origin).port}/`

  const checkDomain = async (): Promise<void> => {
    const entries = await httpCall({ url: `${ownAddress}api/entries?limit=5`, via: origin })
    const same = await httpCall({ url: `${siteUrl}/api/entries?limit=5` })
    check(`status of ${ownAddress}`, entries.status, 200)
    check(`entries at ${ownAddress}`, entries.json, same.json)
  }
  const checkCourse = async (): Promise<void> => {
    const [course, ...others] = await courses.list()
    check('courses', [course?.title, course?.progress, others.length], [courseTitle, 'completed', 0])
    const player = await courses.player(course?.id ?? '')
    check('page of the course', [player.status, player.text.includes(courseTitle)], [200, true])
  }

  return {
    refusedDomain: async () => check('plans with domains', await buyer.addDomainInVain(hostname), withDomains),
    refusedCourse: async () => check('plans with courses', await courses.uploadInVain(), withCourses),
    takeCourse: async (): Promise<void> => {
      const { id, progress } = await courses.upload()
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
    /** @throws {Error} where the data is another, the course is not there, or the hostname leads elsewhere. */
    checkAll: async (digest: string): Promise<void> => {
      check('digest of the entries', await digestOfEntries(siteUrl), digest)
      await checkCourse()
      await checkDomain()
    },
  }
}
