import { setTimeout as sleep } from 'node:timers/promises'
import { type DemoSite, demoApi, demoSite, UnexpectedAnswer } from '../acceptance/api.ts'
import { codeFromMailbox } from '../acceptance/find-code.ts'
import { machineCalls } from '../acceptance/story-api.ts'

export interface Owner {
  readonly email: string
  readonly name: string
  readonly token: string
  readonly site: DemoSite
  readonly acknowledged: Set<string>
  state: 'building' | 'open' | 'failed'
}

const gone = 410

/** Signs in. If the reply to a successful attempt was lost, the code is used up: it requests another. */
const signIn = async (origin: string, email: string, failures: Failures): Promise<string> => {
  const visitor = demoApi(origin)
  for (;;) {
    const signup = await patiently(failures, () => visitor.signUp(email))
    const code = await patiently(failures, () => codeFromMailbox(origin, email))
    try {
      return (await patiently(failures, () => visitor.verify(signup.id, code))).token
    } catch (error) {
      if (!(error instanceof UnexpectedAnswer) || error.status !== gone) throw error
    }
  }
}

export const becomeOwner = async (origin: string, slug: string, failures: Failures): Promise<Owner> => {
  const email = `${slug}@example.com`
  const name = `Owner of ${slug}`
  const token = await signIn(origin, email, failures)
  const { site } = await patiently(failures, () => demoApi(origin, token).createSite(slug, name))
  return { email, name, token, site, acknowledged: new Set(), state: 'building' }
}

const wasToldOfFailure = async (origin: string, { email, name }: Owner): Promise<boolean> =>
  (await machineCalls(origin).subjectsTo(email)).some(
    (subject) => subject.includes(name) && subject.includes('could not be built'),
  )

const buildPatienceMilliseconds = 240_000

/**
 * Waits until an owner's site is open or has failed.
 * @throws {Error} if it failed without telling its owner, or is still being built after four minutes.
 */
export const untilSettled = async (origin: string, owner: Owner, failures: Failures): Promise<void> => {
  const { getSite } = demoApi(origin, owner.token)
  const deadline = performance.now() + buildPatienceMilliseconds
  while (performance.now() < deadline) {
    const { status } = await patiently(failures, () => getSite(owner.site.id))
    if (status === 'active') {
      owner.state = 'open'
      return
    }
    if (status === 'failed' && (await patiently(failures, () => wasToldOfFailure(origin, owner)))) {
      owner.state = 'failed'
      return
    }
    if (!['building', 'failed'].includes(status)) throw new Error(`${owner.site.slug} is ${status}`)
    await sleep(250)
  }
  throw new Error(`${owner.site.slug} is neither open nor failed with its owner told after four minutes`)
}

export const writeEntry = async (owner: Owner, text: string, failures: Failures): Promise<void> => {
  if (await once(failures, () => demoSite(owner.site.url).write(text))) owner.acknowledged.add(text)
}

/** The broken promises to the owner of an open site. Throws if its calls fail. */
export const brokenPromises = async (origin: string, owner: Owner): Promise<readonly string[]> => {
  const { slug, id, url } = owner.site
  const promised = [...owner.acknowledged]
  const entries = (await demoSite(url).read()).map(({ text }) => text)
  const times = new Map([...Map.groupBy(entries, (text) => text)].map(([text, same]) => [text, same.length]))
  const lost = promised.filter((text) => !times.has(text))
  const duplicate = promised.filter((text) => (times.get(text) ?? 0) > 1)
  const entitlement = await demoSite(url).entitlement()
  const api = demoApi(origin, owner.token)
  const { account } = await api.getSession()
  const sites = await api.listSites()
  return [
    ...lost.map((text) => `${slug} lost the entry '${text}', which it had acknowledged`),
    ...duplicate.map((text) => `${slug} has the entry '${text}', which it had acknowledged, more than once`),
    ...(entitlement.name === owner.name ? [] : [`${slug} says that it is '${entitlement.name}', not '${owner.name}'`]),
    ...(account.email === owner.email ? [] : [`the session of ${owner.email} is one of ${account.email}`]),
    ...(sites.length === 1 && sites[0]?.id === id && sites[0].status === 'active'
      ? []
      : [`${slug}: its account lists ${sites.map((site) => `${site.id} (${site.status})`).join(', ') || 'nothing'}`]),
  ]
}

/** The number of temporary failures, by reason. */
export type Failures = Map<string, number>

const pauseMilliseconds = 200

/** The failures that a client retries: no answer, and 5xx. */
const passes = (error: unknown): boolean => !(error instanceof UnexpectedAnswer) || error.status >= 500

const count = (failures: Failures, error: unknown): void => {
  const kind = error instanceof UnexpectedAnswer ? String(error.status) : 'no answer'
  failures.set(kind, (failures.get(kind) ?? 0) + 1)
}

/**
 * Makes a call and retries it until it is answered.
 * @throws the last failure after two minutes, and at once a failure that no retry corrects.
 */
export const patiently = async <Result>(failures: Failures, run: () => Promise<Result>): Promise<Result> => {
  const deadline = performance.now() + 120_000
  for (;;) {
    try {
      return await run()
    } catch (error) {
      if (!passes(error)) throw error
      count(failures, error)
      if (performance.now() > deadline) throw error
    }
    await sleep(pauseMilliseconds)
  }
}

/** Makes a call once. @returns whether the answer was as expected. @throws failures that no retry corrects. */
const once = async (failures: Failures, run: () => Promise<unknown>): Promise<boolean> => {
  try {
    await run()
    return true
  } catch (error) {
    if (!passes(error)) throw error
    count(failures, error)
    return false
  }
}
