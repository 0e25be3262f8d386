import { setTimeout as sleep } from 'node:timers/promises'
import type { DemoSite } from './api.ts'
import { demoApi, demoSite } from './api.ts'
import { codeFromMailbox, codeFromTerminal } from './find-code.ts'
import type { Timeline } from './timeline.ts'

export interface Walk {
  readonly origin: string
  readonly email: string
  readonly slug: string
  readonly codeFrom: 'mailbox' | 'terminal'
}

const wellAfter = 120_000

/** Waits for a site that is being built. @throws {Error} where its build fails, or takes over two minutes. */
const waitUntilBuilt = async (getSite: () => Promise<DemoSite>, timeline: Timeline): Promise<DemoSite> => {
  const startedAt = timeline.now()
  while (timeline.since(startedAt) < wellAfter) {
    const site = await getSite()
    if (site.status === 'active') return site
    if (site.status !== 'building') {
      throw new Error(`The site could not be built: ${site.failure?.reason ?? `it is ${site.status}`}`)
    }
    await sleep(50)
  }
  throw new Error('The site is still being built after two minutes; look at the log of the host.')
}

/**
 * A visitor's way from an e-mail address to data in a site of their own.
 * @throws {Error} at the first step that does not do what it should.
 */
export const walk = async ({ origin, email, slug, codeFrom }: Walk, timeline: Timeline): Promise<string> => {
  const { step } = timeline
  const visitor = demoApi(origin)
  const signup = await step(
    'sign up',
    () => visitor.signUp(email),
    () => email,
  )
  const code = await step('get the code from the mail', () =>
    codeFrom === 'mailbox' ? codeFromMailbox(origin, email) : codeFromTerminal(email),
  )
  const startedAt = timeline.now()
  const session = await step('hand in the code', () => visitor.verify(signup.id, code))
  const owner = demoApi(origin, session.token)
  const { isBuilt, site } = await step(
    'ask for a site',
    () => owner.createSite(slug, 'Demo'),
    (created) => (created.isBuilt ? '201, one stood ready' : '202, it is being built'),
  )
  if (!isBuilt) {
    await step('wait until it is built', () => waitUntilBuilt(() => owner.getSite(site.id), timeline))
  }
  const running = demoSite(site.url)
  await step('open the site', running.open, () => site.url)
  const milliseconds = timeline.since(startedAt)

  await step('read its entitlement', running.entitlement, ({ plan, trialEndsAt }) => {
    return trialEndsAt === null ? `plan ${plan}` : `plan ${plan} until ${trialEndsAt.slice(0, 10)}`
  })
  const text = `Hello from ${slug}`
  await step('write an entry', () => running.write(text))
  await step('read it back', async () => {
    const entries = await running.read()
    if (!entries.some((entry) => entry.text === text)) throw new Error('The entry that was written is not in the list.')
  })
  return `From the code to a site that answers: ${milliseconds} ms.`
}
