import { type DemoSite, demoApi, demoSite, UnexpectedAnswer } from '../acceptance/api.ts'
import { codeFromMailbox } from '../acceptance/find-code.ts'
import { waitUntilBuilt } from '../acceptance/walk.ts'
import type { Answer, Call } from '../support/http-call.ts'

const duplicates = (values: readonly string[]): readonly string[] =>
  [...Map.groupBy(values, (value) => value)].flatMap(([value, same]) => (same.length > 1 ? [value] : []))

/** Requests one person's site again. @returns what is wrong; empty if all is well. */
const verifyPerson = async (
  { token, site, slug, name, text }: Person,
  origin: string,
  call: (call: Call) => Promise<Answer>,
): Promise<readonly string[]> => {
  if (token === undefined || site === undefined) return [`${slug} has no site`]
  const wrong: string[] = []
  const owner = demoApi(origin, token, call)
  const again = await owner.createSite(slug, name)
  if (again.site.id !== site.id)
    wrong.push(`${slug}: the same Idempotency-Key gave ${again.site.id} besides ${site.id}`)
  const listed = await owner.listSites()
  if (listed.length !== 1 || listed[0]?.id !== site.id) {
    wrong.push(
      `${slug}: the account lists ${listed.map(({ id }) => id).join(', ') || 'no site'}, and not ${site.id} alone`,
    )
  }
  const running = demoSite(site.url, call)
  const entitlement = await running.entitlement()
  if (entitlement.name !== name)
    wrong.push(`${slug}: the site says that its name is '${entitlement.name}', not '${name}'`)
  const texts = (await running.read()).map((entry) => entry.text)
  if (texts.length !== 1 || texts[0] !== text) wrong.push(`${slug}: the site holds ${JSON.stringify(texts)}`)
  return wrong
}

/** Returns every failed check after the storm: no two people share anything, and everybody finds their own site. */
export const verifyCrowd = async (
  people: readonly Person[],
  origin: string,
  call: (call: Call) => Promise<Answer>,
): Promise<readonly string[]> => {
  const wrong = people.flatMap(({ slug, failure }) => (failure === undefined ? [] : [`${slug}: ${failure}`]))
  const sites = people.flatMap(({ site }) => site ?? [])
  for (const id of duplicates(sites.map((site) => site.id))) wrong.push(`${id} was given to more than one person`)
  for (const url of duplicates(sites.map((site) => site.url))) wrong.push(`${url} was given to more than one person`)
  for (const { slug, site } of people) {
    if (site !== undefined && site.slug !== slug) wrong.push(`${slug} was given ${site.slug}`)
  }
  // A few at a time: this checks the result and is no second storm.
  const queue = people.filter(({ failure }) => failure === undefined).values()
  const worker = async (): Promise<void> => {
    for (const person of queue) {
      const found = await verifyPerson(person, origin, call).catch((error: unknown) => [`${person.slug}: ${error}`])
      wrong.push(...found)
    }
  }
  await Promise.all(Array.from({ length: 4 }, worker))
  return wrong
}

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

export interface Person {
  readonly email: string
  readonly slug: string
  readonly name: string
  readonly text: string
  readonly milliseconds: Map<Step, number>
  token?: string
  site?: DemoSite
  wasReady?: boolean
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

/** Milliseconds until the next check, the same as on the console's page. */
const pauseAfter = (waited: number): number => Math.min(3000, Math.max(500, waited / 10))

const gone = 410

/** Goes from an address to data in a site. It notes failures and never throws. */
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
    const askForCode = async (tried?: string) => {
      const { id } = await timed('sign up', () => visitor.signUp(email))
      return { id, code: await timed('read mail', () => codeFromMailbox(origin, email, call, tried)) }
    }
    const verify = async ({ id, code }: { readonly id: string; readonly code: string }): Promise<string> => {
      try {
        return (await visitor.verify(id, code)).token
      } catch (error) {
        // An answer that came too late has used the code up.
        if (!(error instanceof UnexpectedAnswer) || error.status !== gone) throw error
        return verify(await askForCode(code))
      }
    }
    const asked = await askForCode()
    await timed('code to site', async () => {
      const token = await timed('verify', () => verify(asked))
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
