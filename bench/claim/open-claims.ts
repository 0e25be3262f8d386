import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { findEngine } from '../../adapters/containers/engine.ts'
import { traitsOf } from '../../adapters/containers/site-network.ts'
import { siteUser } from '../../adapters/files/site-storage.ts'
import { demoApi } from '../../bin/demo/api.ts'
import type { RuntimeName } from '../../bin/temporary-home/temporary-home.ts'
import { readHomeId } from '../../bin/temporary-home/temporary-home.ts'
import type { BenchHost, Person } from '../host/bench-host.ts'
import { openBenchHost, signUpPeople } from '../host/bench-host.ts'
import type { RawPlace, RawStart, Start } from './raw-start.ts'
import { rawContainer, rawPlace, rawProcess, timeToFirstAnswer } from './raw-start.ts'

/** `raw`: without Sitewright; `warm`: a claim of a site that stands ready; `empty`: a site that is built while one waits. */
export const kinds = ['raw', 'warm', 'empty'] as const
export type Kind = (typeof kinds)[number]

export interface Claims extends AsyncDisposable {
  /** The host whose pool is warm. */
  readonly warmHost: BenchHost
  /** So many starts at the same moment. @returns the milliseconds of each to its first 200. */
  readonly run: (kind: Kind, count: number, pollMilliseconds: number) => Promise<readonly number[]>
}

/** What runs raw starts: labelled like those of the home, so that they go with it if something goes wrong. */
const rawStarter = async (runtime: RuntimeName, home: string): Promise<(place: RawPlace) => RawStart> => {
  const homeId = (await readHomeId(home)) ?? ''
  if (runtime === 'processes') return (place) => rawProcess(homeId, place)
  const engine = await findEngine()
  if (engine === undefined) throw new Error('The container engine has gone away.')
  const surroundings = { homeId, user: siteUser(), ...(await traitsOf(engine)) }
  return (place) => rawContainer(engine.calls, surroundings, place)
}

/** @param people how many claims of each kind there will be. */
export const openClaims = async (
  runtime: RuntimeName,
  pool: number,
  people: Readonly<Record<'warm' | 'empty', number>>,
): Promise<Claims> => {
  await using opening = new AsyncDisposableStack()
  const hosts = {
    warm: opening.use(await openBenchHost({ purpose: 'warm', runtime, pool })),
    empty: opening.use(await openBenchHost({ purpose: 'empty', runtime, pool: 0 })),
  }
  const waiting = {
    warm: [...(await signUpPeople(hosts.warm.url, 'warm', people.warm))],
    empty: [...(await signUpPeople(hosts.empty.url, 'empty', people.empty))],
  }
  const rawData = join(hosts.empty.home, 'raw')
  await mkdir(rawData, { mode: 0o711 })
  const makeRaw = await rawStarter(runtime, hosts.empty.home)

  const runRaw = async (count: number, pollMilliseconds: number): Promise<readonly number[]> => {
    const starts = await Promise.all(Array.from({ length: count }, async () => makeRaw(await rawPlace(rawData))))
    try {
      return await Promise.all(starts.map((start) => timeToFirstAnswer(start, pollMilliseconds)))
    } finally {
      await Promise.all(starts.map(({ end }) => end()))
    }
  }

  const runClaims = async (kind: 'warm' | 'empty', count: number, pollMilliseconds: number) => {
    const healthPath = (await rawPlace(rawData)).launch.blueprint.traffic.healthPath
    const claims = waiting[kind]
      .splice(0, count)
      .map((person) => claim(hosts[kind], person, healthPath, kind === 'warm'))
    if (claims.length < count) throw new Error('everybody has a site already')
    return Promise.all(claims.map((start) => timeToFirstAnswer(start, pollMilliseconds)))
  }

  const opened = opening.move()
  return {
    warmHost: hosts.warm,
    run: (kind, count, pollMilliseconds) =>
      kind === 'raw' ? runRaw(count, pollMilliseconds) : runClaims(kind, count, pollMilliseconds),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

/**
 * Somebody's way to a site: the request for it, until the site's own health path answers through the router.
 * @param isReady whether a site is expected to stand ready; another answer is an error, as another thing was measured.
 */
export const claim = (host: BenchHost, { slug, token }: Person, path: string, isReady: boolean): Start => ({
  begin: async () => {
    const { isBuilt } = await demoApi(host.url, token).createSite(slug, slug)
    if (isBuilt !== isReady) throw new Error(`a site ${isBuilt ? 'stood ready' : 'had to be built'} unexpectedly`)
  },
  url: `http://${slug}.localhost:${host.port}${path}`,
})
