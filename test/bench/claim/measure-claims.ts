import { setTimeout as sleep } from 'node:timers/promises'
import { demoApi } from '../../acceptance/api.ts'
import type { RuntimeName } from '../../support/temporary-home/temporary-home.ts'
import { type BenchHost, openBenchHost, type Person, signUpPeople } from '../host/bench-host.ts'
import type { Measurement, Section } from '../measurement.ts'
import { measureMemory } from '../memory.ts'
import { median, percentile, ratioOfMedians } from '../statistics.ts'
import { openRawStarts, type Start, timeToFirstAnswer } from './raw-start.ts'

const crowd = 20
const pool = crowd
/** Five rounds of twenty make a hundred claims, so that one of them is the 99th percentile. */
const rounds: Readonly<Record<Kind, number>> = { raw: 3, warm: 5, empty: 3 }
const aloneRounds = 10

/**
 * Milliseconds between two checks, for Sitewright and for raw starts alike. A host answers each with a page, while a closed port
 * costs nothing: more frequent checks would measure themselves.
 */
const poll = { alone: 20, crowd: 150 }

/** A welcome site loads more code after a second, which would disturb the next measurement. */
const settleMilliseconds = 1500

type Samples = Readonly<Record<Kind, number[]>>

const noSamples = (): Samples => ({ raw: [], warm: [], empty: [] })

/** Each round begins with another kind, because the first finds the machine at rest. */
const inTurn = (round: number): readonly Kind[] =>
  kinds.map((_, index) => kinds[(index + round) % kinds.length] ?? 'raw')

const sampleAlone = async ({ run, warmHost }: Claims): Promise<Samples> => {
  const samples = noSamples()
  for (let round = 0; round < aloneRounds; round += 1) {
    for (const kind of inTurn(round)) {
      samples[kind].push(...(await run(kind, 1, poll.alone)))
      await warmHost.refilled()
    }
  }
  return samples
}

const sampleCrowd = async ({ run, warmHost }: Claims, samples: Samples, round: number): Promise<void> => {
  for (const kind of inTurn(round)) {
    if (round >= rounds[kind]) continue
    samples[kind].push(...(await run(kind, crowd, poll.crowd)))
    await warmHost.refilled()
    await sleep(settleMilliseconds)
  }
}

const title = (kind: Kind, runtime: RuntimeName): string =>
  ({
    raw: `raw ${runtime === 'processes' ? 'process' : 'container'}`,
    warm: 'claim, pool warm',
    empty: 'claim, pool empty',
  })[kind]

const figures = (samples: Samples, at: string, runtime: RuntimeName): readonly Measurement[] =>
  kinds.flatMap((kind): Measurement[] => [
    { name: `${title(kind, runtime)}, ${at}, median`, value: median(samples[kind]), unit: 'ms' },
    {
      name: `${title(kind, runtime)}, ${at}, p99`,
      value: percentile(samples[kind], 0.99),
      unit: 'ms',
      ...(kind === 'warm' ? { bar: { atMost: 300 } } : {}),
    },
  ])

const ratios = ({ raw, warm, empty }: Samples, at: string, runtime: RuntimeName): readonly Measurement[] => [
  {
    name: `pool warm / raw, ${at}`,
    value: ratioOfMedians(warm, raw),
    unit: '×',
    ...(runtime === 'containers' ? { bar: { atMost: 0.1 } } : {}),
  },
  { name: `pool empty / raw, ${at}`, value: ratioOfMedians(empty, raw), unit: '×', bar: { atMost: 1.3 } },
]

/**
 * Measures from the request for a site to its first answer, compared with the same process or container started by hand, one and
 * twenty at a time, alternating; also the memory of a host with a hundred sites.
 */
export const measureClaims = async (runtime: RuntimeName): Promise<readonly Section[]> => {
  await using claims = await openClaims(runtime, pool, {
    warm: crowd * rounds.warm + aloneRounds,
    empty: crowd * rounds.empty + aloneRounds,
  })
  const together = noSamples()
  for (let round = 0; round < rounds.warm - 1; round += 1) await sampleCrowd(claims, together, round)
  const memory = await measureMemory(claims.warmHost)
  await sampleCrowd(claims, together, rounds.warm - 1)
  const alone = await sampleAlone(claims)
  return [
    {
      title: `From the request for a site to its first 200 (${runtime})`,
      measurements: [
        ...figures(alone, 'alone', runtime),
        ...ratios(alone, 'alone', runtime),
        ...figures(together, `${crowd} at once`, runtime),
        ...ratios(together, `${crowd} at once`, runtime),
      ],
      notes: [
        `Alone: ${aloneRounds} of each, asked every ${poll.alone} ms. At once: ${together.warm.length} warm, ${together.raw.length} raw, ${together.empty.length} empty, asked every ${poll.crowd} ms.`,
      ],
    },
    memory,
  ]
}

/** `raw`: without Sitewright; `warm`: a claim of a ready site; `empty`: a site that is built during the request. */
const kinds = ['raw', 'warm', 'empty'] as const
type Kind = (typeof kinds)[number]

interface Claims extends AsyncDisposable {
  readonly warmHost: BenchHost
  /** Starts this many at the same moment. @returns the milliseconds of each to its first 200. */
  readonly run: (kind: Kind, count: number, pollMilliseconds: number) => Promise<readonly number[]>
}

/** @param people the number of claims of each kind. */
const openClaims = async (
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
  const raw = await openRawStarts(runtime, hosts.empty.home)

  const runClaims = async (kind: 'warm' | 'empty', count: number, pollMilliseconds: number) => {
    const claims = waiting[kind]
      .splice(0, count)
      .map((person) => claim(hosts[kind], person, raw.healthPath, kind === 'warm'))
    if (claims.length < count) throw new Error('everybody has a site already')
    return Promise.all(claims.map((start) => timeToFirstAnswer(start, pollMilliseconds)))
  }

  const opened = opening.move()
  return {
    warmHost: hosts.warm,
    run: (kind, count, pollMilliseconds) =>
      kind === 'raw' ? raw.run(count, pollMilliseconds) : runClaims(kind, count, pollMilliseconds),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

/**
 * Claims a site, and waits until its own health path answers through the router.
 * @param isReady whether a ready site is expected; otherwise it throws, because something else was measured.
 */
const claim = (host: BenchHost, { slug, token }: Person, path: string, isReady: boolean): Start => ({
  begin: async () => {
    const { isBuilt } = await demoApi(host.url, token).createSite(slug, slug)
    if (isBuilt !== isReady) throw new Error(`a site ${isBuilt ? 'was ready' : 'had to be built'} unexpectedly`)
  },
  url: `http://${slug}.localhost:${host.port}${path}`,
})
