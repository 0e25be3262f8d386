import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import { demoApi, demoSite } from '../acceptance/api.ts'
import { awaitValue } from '../acceptance/expectations.ts'
import { buyerCalls, elsewhereCalls } from '../acceptance/story-api.ts'
import { coursePackage } from '../acceptance/subscribe/course.ts'
import { waitUntilBuilt } from '../acceptance/walk.ts'
import { httpCall } from '../support/http-call.ts'
import { type Attack, callAs, keepDoing, type Scene, signedIn, statusCounter } from './attack.ts'

const mebibyte = 1024 * 1024

/** A film that shrinks to a fiftieth, so that no check of the ratio refuses it. */
const growingPackage = (mebibytes: number): Buffer => {
  const film = Buffer.alloc(mebibytes * mebibyte)
  randomBytes(Math.ceil(film.length / 50)).copy(film)
  return coursePackage({ 'film.mp4': film })
}

/** The cheapest plan with courses. */
const plan = 'growth'
const card = '4242424242424242'

/** @returns the address of a site with courses, and the cookie of its owner. */
const buySite = async ({ origin }: Scene) => {
  const run = randomBytes(4).toString('hex')
  const { token } = await signedIn(origin, `attacker-${run}@example.com`)
  const owner = demoApi(origin, token)
  const { site } = await owner.createSite(`zips-${run}`, 'Zips')
  await waitUntilBuilt(() => owner.getSite(site.id))
  const buyer = buyerCalls(origin, token, site.id)
  await elsewhereCalls(origin).pay((await buyer.checkout(plan)).id, card)
  await awaitValue('plan of the site', async () => (await demoSite(site.url).entitlement()).plan, plan, 100)
  return { url: new URL('/api/courses', site.url).href, cookie: await buyer.enter() }
}

const courseSchema = z.looseObject({ id: z.string() })
const listSchema = z.looseObject({ courses: z.array(courseSchema) })

/** Small packages that unpack to much: strangers send them to a site, and its owner sends them and deletes the courses. */
export const growingZips = (): Attack => ({
  name: 'growing zips',
  milliseconds: 5000,
  begin: async (scene) => {
    const { url, cookie } = await buySite(scene)
    const content = growingPackage(64)
    const headers = { 'content-type': 'application/zip' }
    const [ofStrangers, ofOwner] = [statusCounter(), statusCounter()]
    const call = callAs('198.18.0.1')
    const asStranger = async (): Promise<void> =>
      ofStrangers.count(await call({ method: 'POST', url, content, headers }))
    const asOwner = async (): Promise<void> => {
      const answer = await call({ method: 'POST', url, content, headers: { ...headers, cookie } })
      ofOwner.count(answer)
      const course = courseSchema.safeParse(answer.json).data
      if (course !== undefined) await call({ method: 'DELETE', url: `${url}/${course.id}`, headers: { cookie } })
    }
    await Promise.all([asStranger(), asOwner()])
    const attacks = [asStranger, asStranger, asOwner, asOwner].map((harm) =>
      keepDoing(harm, { everyMilliseconds: 100 }),
    )
    const end = async (): Promise<void> => {
      await Promise.all(attacks.map((attack) => attack.end()))
    }
    return {
      summary: () => `strangers: ${ofStrangers.text()}; owner: ${ofOwner.text()}`,
      gains: async () => {
        await end()
        const { courses } = listSchema.parse((await httpCall({ url })).json)
        return [
          ...(ofStrangers.of(201) > 0 ? ['a stranger uploads to a site'] : []),
          ...(courses.length > 0 ? [`${courses.length} courses are left on the site`] : []),
          ...(ofOwner.of(201) === 0 ? ['no package of the owner was taken, so that nothing grew'] : []),
        ]
      },
      end,
    }
  },
  visit: async ({ siteUrl }, { call }) => {
    await demoSite(siteUrl, call).open()
  },
})
