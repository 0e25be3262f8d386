import { demoApi, demoSite } from '../api.ts'
import { codeFromMailbox } from '../find-code.ts'
import { poll } from '../poll.ts'
import { buyerCalls } from '../story-api.ts'
import type { Timeline } from '../timeline.ts'
import { claimSite, signIn } from '../walk.ts'
import { askingCalls } from './calls.ts'

export interface Origin {
  readonly name: string
  readonly offer: string
  readonly campaign: string
}

const usagePatience = 60_000

/** Signs somebody up by an offer and a campaign, and claims their site. */
export const openPerson = async (
  origin: string,
  { name, offer, campaign }: Origin,
  prefix: string,
  timeline: Timeline,
) => {
  const slug = `${prefix}-${name}`
  const email = `${name}@${prefix}.example`
  const said = { offer, attribution: { source: 'story', campaign }, marketingConsent: 'sign-up-2' }
  const findCode = (address: string) => codeFromMailbox(origin, address)
  const { token } = await signIn({ origin, email, slug, findCode, mayMistype: false, said }, timeline)
  const { site } = await claimSite(demoApi(origin, token), timeline, slug)
  const asking = askingCalls(origin, token, site.id)
  return {
    name,
    email,
    slug,
    url: site.url,
    ...asking,
    buyer: buyerCalls(origin, token, site.id),
    /** Reads the site some times, and waits until routers have counted that. */
    use: async (requests: number) => {
      const before = await asking.counted()
      for (let request = 0; request < requests; request += 1) await demoSite(site.url).open()
      await poll(asking.counted, (counted) => counted >= before + requests, { patience: usagePatience, pause: 500 })
    },
  }
}
export type StoryPerson = Awaited<ReturnType<typeof openPerson>>
