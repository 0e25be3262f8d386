import type { DemoSite } from '../demo/api.ts'
import { demoApi, demoSite } from '../demo/api.ts'
import { codeFromMailbox } from '../demo/find-code.ts'
import type { Answer, Call } from '../demo/http-call.ts'
import { waitUntilBuilt } from '../demo/walk.ts'

export const steps = [
  'sign up',
  'read mail',
  'verify',
  'ask for site',
  'until built',
  'first answer',
  'write',
  'read',
] as const
export type Step = (typeof steps)[number] | 'code to site'

/** One of the crowd, and what became of them. */
export interface Person {
  readonly email: string
  readonly slug: string
  readonly name: string
  readonly text: string
  readonly milliseconds: Map<Step, number>
  token?: string
  site?: DemoSite
  /** Whether a finished site stood ready. */
  wasReady?: boolean
  /** Why they did not get to the end. */
  failure?: string
}

export const personOf = (number: number, run: string): Person => {
  const slug = `crowd-${run}-${number}`
  return {
    email: `${slug}@example.com`,
    slug,
    name: `Person ${number} of ${run}`,
    text: `Written by person ${number}`,
    milliseconds: new Map(),
  }
}

/** Milliseconds until the next look, as the console's page looks. */
const pauseAfter = (waited: number): number => Math.min(3000, Math.max(500, waited / 10))

/** From an address to data in a site of one's own. What goes wrong is noted, and nothing is thrown. */
export const goThrough = async (
  person: Person,
  origin: string,
  call: (call: Call) => Promise<Answer>,
): Promise<void> => {
  const { email, slug, name, text, milliseconds } = person
  const timed = async <Result>(step: Step, run: () => Promise<Result>): Promise<Result> => {
    const startedAt = performance.now()
    const result = await run()
    milliseconds.set(step, performance.now() - startedAt)
    return result
  }
  try {
    const visitor = demoApi(origin, undefined, call)
    const signup = await timed('sign up', () => visitor.signUp(email))
    const code = await timed('read mail', () => codeFromMailbox(origin, email, call))
    await timed('code to site', async () => {
      const { token } = await timed('verify', () => visitor.verify(signup.id, code))
      person.token = token
      const owner = demoApi(origin, token, call)
      const created = await timed('ask for site', () => owner.createSite(slug, name))
      person.site = created.site
      person.wasReady = created.isBuilt
      if (!created.isBuilt)
        await timed('until built', () => waitUntilBuilt(() => owner.getSite(created.site.id), 600_000, pauseAfter))
      await timed('first answer', demoSite(created.site.url, call).open)
    })
    const site = demoSite(person.site?.url ?? origin, call)
    await timed('write', () => site.write(text))
    const entries = await timed('read', site.read)
    if (!entries.some((entry) => entry.text === text)) throw new Error('the entry that was written is not in the list')
  } catch (error) {
    person.failure = error instanceof Error ? error.message : String(error)
  }
}
