import { join } from 'node:path'
import { Client } from 'undici'
import { connectEngine, findEngine } from '../../adapters/containers/engine.ts'
import { siteContainers } from '../../adapters/containers/site-containers.ts'
import { demoApi } from '../../bin/demo/api.ts'
import { poll } from '../../bin/demo/poll.ts'
import { readHomeId } from '../../bin/temporary-home/temporary-home.ts'
import { isId } from '../../core/ids.ts'
import type { BenchHost, Person } from '../host/bench-host.ts'
import { openBenchHost, signUpPeople } from '../host/bench-host.ts'

export interface Sleeper {
  readonly id: string
  readonly url: string
  readonly status: () => Promise<string>
  /** Whether it runs and no operation works on it. */
  readonly isSettled: () => Promise<boolean>
}

const stopMilliseconds = 120_000

/** Asks the sleepy host for what no visitor can. */
export const tellHost = async (home: string, path: string): Promise<unknown> => {
  const client = new Client('http://localhost', { socketPath: join(home, 'bench.sock'), headersTimeout: 0 })
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
  const status = async (): Promise<string> => (await api.getSite(site.id)).status
  const opened = await poll(status, (now) => now !== 'building', { patience: stopMilliseconds, pause: 200 })
  if (opened !== 'active') throw new Error(`${slug} is ${opened}`)
  const isSettled = async (): Promise<boolean> => {
    const { status, operation } = await api.getSite(site.id)
    return status === 'active' && operation === null
  }
  return { id: site.id, url: site.url, status, isSettled }
}

/** What is wrong with the texts that a site stores, given those that it acknowledged. */
export const compareTexts = (stored: readonly { readonly text: string }[], acknowledged: readonly string[]) => {
  const kept = new Set(stored.map(({ text }) => text))
  return { lost: acknowledged.filter((text) => !kept.has(text)).length, doubled: stored.length - kept.size }
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
      program: 'bench/sleep/sleepy-host.ts',
      environment,
    }),
  )
  const homeId = (await readHomeId(host.home)) ?? ''
  const engine = connectEngine(process.env['DOCKER_HOST'] ? undefined : found.address, stopMilliseconds)
  const containers = siteContainers(engine.calls, homeId, 0)
  /** Whether a site sleeps and nothing is left of its containers. */
  const isStopped = async ({ id, status }: Sleeper): Promise<boolean> =>
    (await status()) === 'asleep' && isId('site', id) && (await containers.find(id)).length === 0
  const opened = opening.move()
  return {
    host,
    engine,
    homeId,
    containers,
    claimSites: async (name: string, count: number): Promise<readonly Sleeper[]> =>
      Promise.all((await signUpPeople(host.url, name, count)).map((person) => claim(host, person))),
    /** @returns `begun`, or why the host leaves it alone. */
    sleep: (site: Sleeper) => tellHost(host.home, `/sleep/${site.id}`),
    /** Puts them to sleep, and waits until their containers are gone. */
    putAllToSleep: async (sites: readonly Sleeper[]): Promise<void> => {
      await Promise.all(
        sites.map(async (site) => {
          // The use that was stored last may be later than the request.
          const look = async () => {
            if (await isStopped(site)) return true
            await tellHost(host.home, `/sleep/${site.id}`)
            return false
          }
          const patience = stopMilliseconds
          if (!(await poll(look, (is) => is, { patience, pause: 250 }))) throw new Error(`${site.id} does not sleep`)
        }),
      )
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

export type SleepyHost = Awaited<ReturnType<typeof openSleepyHost>>
