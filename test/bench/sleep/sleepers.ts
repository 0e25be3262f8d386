import { join } from 'node:path'
import { Client } from 'undici'
import { connectEngine, findEngine } from '../../../adapters/containers/engine.ts'
import { siteContainers } from '../../../adapters/containers/site-containers.ts'
import { isId } from '../../../core/ids.ts'
import { readHomeId } from '../../../local/home/home-identity.ts'
import { type DemoSite, demoApi } from '../../acceptance/api.ts'
import { poll } from '../../acceptance/poll.ts'
import { type BenchHost, openBenchHost, type Person, signUpPeople } from '../host/bench-host.ts'

export interface Sleeper {
  readonly id: string
  readonly url: string
  readonly check: () => Promise<DemoSite>
}

const stopMilliseconds = 120_000

/** Asks the sleepy host for what no visitor can. */
export const tellHost = async (home: string, path: string): Promise<unknown> => {
  const client = new Client('http://localhost', { socketPath: join(home, 'test/bench.sock'), headersTimeout: 0 })
  try {
    const { statusCode, body } = await client.request({ method: 'POST', path })
    const text = await body.text()
    if (statusCode !== 200) throw new Error(`${path}: ${text}`)
    return JSON.parse(text)
  } finally {
    await client.close()
  }
}

const claim = async (host: BenchHost, { slug, token }: Person): Promise<Sleeper> => {
  const api = demoApi(host.url, token)
  const { site } = await api.createSite(slug, slug)
  const check = () => api.getSite(site.id)
  const opened = await poll(check, ({ status }) => status !== 'building', { patience: stopMilliseconds, pause: 200 })
  if (opened.status !== 'active') throw new Error(`${slug} is ${opened.status}`)
  return { id: site.id, url: site.url, check }
}

/** Counts acknowledged texts that a site does not store, and texts that it stores twice. */
export const compareTexts = (stored: readonly { readonly text: string }[], acknowledged: readonly string[]) => {
  const kept = new Set(stored.map(({ text }) => text))
  return { lost: acknowledged.filter((text) => !kept.has(text)).length, duplicate: stored.length - kept.size }
}

/** A host whose sites can be put to sleep at once. They run as containers. */
export const openSleepyHost = async (purpose: string, environment: Readonly<Record<string, string>> = {}) => {
  await using opening = new AsyncDisposableStack()
  const found = await findEngine()
  if (found === undefined) throw new Error('No container engine answers: start Docker or Podman, or set DOCKER_HOST.')
  const host = opening.use(
    await openBenchHost({
      purpose,
      runtime: 'containers',
      pool: 0,
      program: 'test/bench/sleep/sleepy-host.ts',
      environment,
    }),
  )
  const homeId = (await readHomeId(host.home)) ?? ''
  const engine = await connectEngine(process.env['DOCKER_HOST'] ? undefined : found.address, stopMilliseconds)
  const containers = siteContainers(engine, homeId, 0)
  const requestSleep = ({ id }: Sleeper) => tellHost(host.home, `/sleep/${id}`)
  /** Asks again and again: the use that was stored last may be later than a request. */
  const isStopped = async (site: Sleeper): Promise<boolean> => {
    const isAsleep = (await site.check()).status === 'asleep'
    if (!isAsleep) await requestSleep(site)
    return isAsleep && isId('site', site.id) && (await containers.find(site.id)).length === 0
  }
  const putToSleep = async (site: Sleeper): Promise<void> => {
    const options = { patience: stopMilliseconds, pause: 250 }
    if (
      !(await poll(
        () => isStopped(site),
        (is) => is,
        options,
      ))
    )
      throw new Error(`${site.id} does not sleep`)
  }
  const opened = opening.move()
  return {
    host,
    engine,
    homeId,
    claimSites: async (name: string, count: number): Promise<readonly Sleeper[]> =>
      Promise.all((await signUpPeople(host.url, name, count)).map((person) => claim(host, person))),
    /** @returns `begun`, or why the host leaves it alone. */
    requestSleep,
    /** Waits until their containers are gone. */
    putAllToSleep: async (sites: readonly Sleeper[]) => Promise.all(sites.map(putToSleep)),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

export type SleepyHost = Awaited<ReturnType<typeof openSleepyHost>>
