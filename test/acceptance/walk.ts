import { solveChallenge } from 'altcha-lib'
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2'
import type { Challenge, Proof } from '../../core/challenge.ts'
import { type DemoSite, demoApi, demoSite, UnexpectedAnswer } from './api.ts'
import { poll } from './poll.ts'
import type { Timeline } from './timeline.ts'

export interface Walk {
  readonly origin: string
  readonly email: string
  readonly slug: string
  readonly findCode: (email: string) => Promise<string>
  /** Whether to prompt again after a wrong code: people mistype. */
  readonly mayMistype: boolean
  /** What the page says of the visitor, besides the address. */
  readonly said?: object
}

/**
 * Waits for a site that is being built.
 * @param pause milliseconds between checks. On one machine a build takes a tenth of a second.
 * @throws {Error} if its build fails, or takes longer than `patience`, five minutes by default.
 */
export const waitUntilBuilt = async (
  getSite: () => Promise<DemoSite>,
  patience = 300_000,
  pause = (waited: number): number => Math.min(1000, 50 + waited * 0.2),
): Promise<DemoSite> => {
  const site = await poll(getSite, ({ status }) => status !== 'building', { patience, pause })
  if (site.status === 'active') return site
  if (site.status !== 'building') {
    throw new Error(`The site could not be built: ${site.failure?.reason ?? `it is ${site.status}`}`)
  }
  throw new Error(
    `The site is still being built after ${patience / 60_000} minutes; look at the logs of the deployment.`,
  )
}

export const claimSite = async (
  owner: ReturnType<typeof demoApi>,
  { step }: Timeline,
  slug: string,
  note?: (created: { readonly isBuilt: boolean }) => string,
) => {
  const created = await step('ask for a site', () => owner.createSite(slug, 'Demo'), note)
  if (!created.isBuilt) {
    await step('wait until it is built', () => waitUntilBuilt(() => owner.getSite(created.site.id)))
  }
  return created
}

const isCodeWrong = (error: unknown): error is UnexpectedAnswer =>
  error instanceof UnexpectedAnswer && error.type === 'urn:sitewright:problem:code-wrong'

/** @returns the session's token, and when the code was submitted. */
export const signIn = async ({ origin, email, findCode, mayMistype, said }: Walk, { step, now, print }: Timeline) => {
  const visitor = demoApi(origin)
  const signup = await step(
    'sign up',
    () => signUp(visitor, email, said),
    ({ workMilliseconds }) => (workMilliseconds === undefined ? email : `${email}, ${workMilliseconds} ms of it work`),
  )
  for (;;) {
    const code = await step('get the code from the mail', () => findCode(email))
    const startedAt = now()
    try {
      const { token } = await step('hand in the code', () => visitor.verify(signup.id, code))
      return { token, startedAt }
    } catch (error) {
      // The API says how often.
      if (!mayMistype || !isCodeWrong(error)) throw error
      print(`    ${error.message}`)
    }
  }
}

/**
 * A visitor's way from an e-mail address to data in a site of their own.
 * @throws {Error} at the first step with an unexpected result.
 */
export const walk = async (options: Walk, timeline: Timeline): Promise<string> => {
  const { origin, slug } = options
  const { step } = timeline
  const { token, startedAt } = await signIn(options, timeline)
  const owner = demoApi(origin, token)
  const { site } = await claimSite(owner, timeline, slug, ({ isBuilt }) =>
    isBuilt ? '201, one was ready' : '202, it is being built',
  )
  const running = demoSite(site.url)
  const askedAfter = timeline.since(startedAt)
  const { firstByteMilliseconds } = await step('open the site', running.open, () => site.url)
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
  return (
    `From the code to a site that answers: ${milliseconds} ms. ` +
    `Its first byte came after ${Math.round(askedAfter + firstByteMilliseconds)} ms.`
  )
}

/** @throws {Error} if it takes longer than a minute and a half. */
const prove = async (challenge: Challenge): Promise<Proof> => {
  const solution = await solveChallenge({ challenge, deriveKey })
  if (solution === null) throw new Error('The proof of work that the deployment asks for took too long.')
  return { challenge, solution: { counter: solution.counter, derivedKey: solution.derivedKey } }
}

/**
 * Signs up. If the API asks for proof of work, repeats the request with it.
 * @returns also the time of that work in milliseconds, if any.
 */
export const signUp = async (
  api: Pick<ReturnType<typeof demoApi>, 'signUp'>,
  email: string,
  said?: object,
): Promise<{ readonly id: string; readonly workMilliseconds?: number }> => {
  try {
    return { id: (await api.signUp(email, undefined, said)).id }
  } catch (error) {
    if (!(error instanceof UnexpectedAnswer) || error.challenge === undefined) throw error
    const startedAt = performance.now()
    const proof = await prove(error.challenge)
    const workMilliseconds = Math.round(performance.now() - startedAt)
    return { id: (await api.signUp(email, proof, said)).id, workMilliseconds }
  }
}
