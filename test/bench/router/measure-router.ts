import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { processorSeconds } from '../host/processor-time.ts'
import type { Measurement, Section } from '../measurement.ts'
import { median, ratioOfMedians } from '../statistics.ts'
import { findProgram } from './find-program.ts'
import { openProxies, type Way } from './open-proxies.ts'

const title = 'HTTP through the router, compared with other reverse proxies'
/** Whether a busy loop takes one of the cores. Each run has processes of its own: two of the same program compile it differently. */
const runs = [false, false, true, false, true]
const rounds = 3
const load = { connections: 32, seconds: 2 }
/** Node compiles what runs often; a router runs for days. Beside other work, a time would not be enough. */
const warmUpRequests = 150_000
const warmUpSeconds = 5

interface Samples {
  readonly rates: number[]
  /** 99th percentiles of the answer times, in milliseconds. */
  readonly p99s: number[]
  /** Processor time of the proxy for one request, in microseconds. */
  readonly costs: number[]
  /** The same of what works beside it. */
  readonly besideCosts: number[]
}

const secondsOf = async (pids: readonly number[] = []): Promise<number> =>
  (await Promise.all(pids.map(processorSeconds))).reduce((sum, seconds) => sum + seconds, 0)

const sample = async (
  wrk: string,
  way: Way,
  host: string,
  { rates, p99s, costs, besideCosts }: Samples,
): Promise<void> => {
  const [before, besideBefore] = [await secondsOf(way.pids), await secondsOf(way.besidePids)]
  const { requests, requestsPerSecond, p99 } = await loadWithWrk(wrk, { port: way.port, host }, load)
  rates.push(requestsPerSecond)
  p99s.push(p99)
  costs.push((1e6 * ((await secondsOf(way.pids)) - before)) / requests)
  besideCosts.push((1e6 * ((await secondsOf(way.besidePids)) - besideBefore)) / requests)
}

const figures = (name: string, runsOf: readonly Samples[]): readonly Measurement[] => {
  const all = (values: (samples: Samples) => readonly number[]): number => median(runsOf.flatMap(values))
  const beside = all(({ besideCosts }) => besideCosts)
  return [
    { name: `${name}, throughput`, value: all(({ rates }) => rates), unit: 'requests/s' },
    { name: `${name}, p99`, value: all(({ p99s }) => p99s), unit: 'ms' },
    { name: `${name}, processor time of a request`, value: all(({ costs }) => costs), unit: 'µs' },
    ...(name === 'router'
      ? [{ name: `host beside the ${name}, processor time of a request`, value: beside, unit: 'µs' }]
      : []),
  ]
}

const runName = (index: number): string => `run ${index + 1}${runs[index] === true ? ' beside a busy loop' : ''}`

/** The ratio of each run, and their median. */
const ratios = (name: string, values: readonly number[], bar: Pick<Measurement, 'bar'>): readonly Measurement[] => [
  ...values.map((value, index) => ({ name: `${name}, ${runName(index)}`, value, unit: '×' })),
  { name, value: median(values), unit: '×', ...bar },
]

const comparison = (name: string, router: readonly Samples[], other: readonly Samples[]): readonly Measurement[] => {
  const ratio = (of: (samples: Samples) => readonly number[]): readonly number[] =>
    router.flatMap((samples, index) => {
      const beside = other[index]
      return beside === undefined ? [] : [ratioOfMedians(of(samples), of(beside))]
    })
  const isCaddy = name === 'caddy'
  return [
    ...ratios(
      `router / ${name}, throughput`,
      ratio(({ rates }) => rates),
      isCaddy ? { bar: { atLeast: 1 } } : {},
    ),
    ...ratios(
      `router / ${name}, processor time of a request`,
      ratio(({ costs }) => costs),
      isCaddy ? { bar: { atMost: 0.9 } } : {},
    ),
  ]
}

/** A thread ends with this process, however that ends. */
const startBusyLoop = (): AsyncDisposable => {
  const worker = new Worker('for (;;) {}', { eval: true })
  return {
    [Symbol.asyncDispose]: async () => {
      await worker.terminate()
    },
  }
}

const measureRun = async (wrk: string, isBusy: boolean) => {
  const blueprints = fileURLToPath(new URL('blueprints', import.meta.url))
  await using proxies = await openProxies({ SITEWRIGHT_BLUEPRINTS: blueprints })
  const { hostname, notes } = proxies
  const ways = proxies.ways
    .filter(({ name }) => name !== 'direct')
    .map((way) => ({ way, samples: { rates: [], p99s: [], costs: [], besideCosts: [] } satisfies Samples }))
  await using _busy = isBusy ? startBusyLoop() : undefined
  for (const { way } of ways) {
    for (let requests = 0; requests < (way.name === 'router' ? warmUpRequests : 1); ) {
      const target = { port: way.port, host: hostname }
      requests += (await loadWithWrk(wrk, target, { ...load, seconds: warmUpSeconds })).requests
    }
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const { way, samples } of ways) await sample(wrk, way, hostname, samples)
  }
  return { notes, ofWays: new Map<string, Samples>(ways.map(({ way, samples }) => [way.name, samples])) }
}

/**
 * Loads a small page through each proxy in turn, several times: disturbances of the machine then affect all alike. The router
 * is that of a whole host: it looks the hostname up, signs entitlements and cleans headers.
 */
export const measureRouter = async (): Promise<Section> => {
  const wrk = await findProgram('wrk')
  const hasUpstream = (await findProgram('nginx')) !== undefined || (await findProgram('caddy')) !== undefined
  if (wrk === undefined || !hasUpstream) {
    const missing = wrk === undefined ? 'wrk is not' : 'neither nginx nor caddy is'
    return { title, measurements: [], notes: [`${missing} installed, so this is left out.`] }
  }
  const measured: Awaited<ReturnType<typeof measureRun>>[] = []
  for (const isBusy of runs) measured.push(await measureRun(wrk, isBusy))
  const runsOf = (name: string): readonly Samples[] => measured.flatMap(({ ofWays }) => ofWays.get(name) ?? [])
  const names = [...(measured[0]?.ofWays.keys() ?? [])]
  return {
    title,
    measurements: [
      ...names.flatMap((name) => figures(name, runsOf(name))),
      ...names.flatMap((name) => (name === 'router' ? [] : comparison(name, runsOf('router'), runsOf(name)))),
    ],
    notes: [
      ...(measured[0]?.notes ?? []),
      `Medians of ${runs.length} runs of ${rounds} rounds; ${load.connections} connections, a page of 1 KiB, ${warmUpRequests} requests to the router before the first round, nginx with one worker, Caddy as it comes.`,
    ],
  }
}

interface Load {
  readonly requests: number
  readonly requestsPerSecond: number
  /** 99th percentile of the answer times, in milliseconds. */
  readonly p99: number
}

const milliseconds: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000 }

/** @throws {Error} if a request failed, because a fast error page is no throughput. */
const read = (output: string): Load => {
  if (/Non-2xx|Socket errors/.test(output)) throw new Error(`wrk met errors:\n${output}`)
  const [, rate] = /Requests\/sec:\s+([\d.]+)/.exec(output) ?? []
  const [, time, unit = ''] = /99%\s+([\d.]+)(us|ms|s|m)\b/.exec(output) ?? []
  const [, requests] = /(\d+) requests in/.exec(output) ?? []
  const factor = milliseconds[unit]
  if (rate === undefined || time === undefined || requests === undefined || factor === undefined) {
    throw new Error(`wrk said:\n${output}`)
  }
  return { requests: Number(requests), requestsPerSecond: Number(rate), p99: Number(time) * factor }
}

/** @throws {Error} if a request failed. */
export const loadWithWrk = async (
  program: string,
  target: { readonly port: number; readonly host: string },
  { connections, seconds }: { readonly connections: number; readonly seconds: number },
  signal?: AbortSignal,
): Promise<Load> => {
  const url = `http://127.0.0.1:${target.port}/`
  const { stdout } = await promisify(execFile)(
    program,
    [
      ...['--threads', '1', '--connections', String(connections), '--duration', `${seconds}s`, '--latency'],
      ...['--header', `Host: ${target.host}`, url],
    ],
    signal === undefined ? {} : { signal },
  )
  return read(stdout)
}
