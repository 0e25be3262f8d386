import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { poll } from '../../acceptance/poll.ts'
import { type SpawnedHost, spawnHost } from '../../acceptance/start-host.ts'
import { httpCall } from '../../support/http-call.ts'
import { temporaryHome } from '../../support/temporary-home/temporary-home.ts'
import { childrenOf } from '../host/processor-time.ts'
import type { Section } from '../measurement.ts'
import { median } from '../statistics.ts'
import { tellHost } from './sleepers.ts'
import { slugOf, writeSleepers } from './write-sleepers.ts'

const askedAtOnce = 20
const startRounds = 7
const stopMilliseconds = 60_000

const start = (home: string): Promise<SpawnedHost> =>
  spawnHost({
    home,
    stopMilliseconds,
    program: 'test/bench/sleep/sleepy-host.ts',
    environment: {
      SITEWRIGHT_RUNTIME: 'containers',
      SITEWRIGHT_POOL_SIZE: '0',
      SITEWRIGHT_LOG: 'warn',
      // Routers get what begins with NODE_.
      NODE_BENCH_HEAPS: home,
      NODE_OPTIONS: `--import ${new URL('heap-report.ts', import.meta.url).href}`,
    },
  })

/** The heaps of a host and of all its routers after a collection, in KiB. */
const heapsOf = async (home: string, host: SpawnedHost): Promise<number> => {
  let total = 0
  for (const pid of [host.pid, ...(await childrenOf(host.pid))]) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8')
    if (!/sleepy-host|router-process/.test(command)) continue
    const file = join(home, String(pid))
    await rm(file, { force: true })
    process.kill(pid, 'SIGUSR2')
    const check = () => readFile(file, 'utf8').then(Number, () => 0)
    const bytes = await poll(check, (heap) => heap > 0, { patience: 30_000, pause: 50 })
    if (bytes === 0) throw new Error(`${command} does not say how much its heap holds`)
    total += bytes / 1024
  }
  return total
}

/** A crawler asks for each site: nothing wakes, and routers learn of every one. */
const crawl = async (url: string, count: number): Promise<void> => {
  const numbers = Array.from({ length: count }, (_, number) => number).values()
  const ask = async (): Promise<void> => {
    for (const number of numbers) {
      const site = url.replace('//', `//${slugOf(number)}.`)
      const { status } = await httpCall({ url: site, headers: { 'user-agent': 'Googlebot/2.1' } })
      if (status !== 503) throw new Error(`a crawler got ${status} from ${site}`)
    }
  }
  await Promise.all(Array.from({ length: askedAtOnce }, ask))
}

/** What sites that sleep cost a host: compares hosts with and without them. */
export const measureIdle = async (counts: { readonly heap: number; readonly start: number }): Promise<Section> => {
  await using opened = new AsyncDisposableStack()
  const openHomeWith = async (sites: number): Promise<string> => {
    const { directory } = opened.use(await temporaryHome('bench-idle', 'containers'))
    // The first start creates tables and keys.
    await (await start(directory)).stop()
    await writeSleepers(directory, sites)
    return directory
  }
  const none = await openHomeWith(0)
  const some = await openHomeWith(counts.start)
  const many = await openHomeWith(counts.heap)
  const withHost = async <Result>(home: string, act: (host: SpawnedHost) => Promise<Result>): Promise<Result> => {
    const host = await start(home)
    try {
      return await act(host)
    } finally {
      await host.stop()
    }
  }
  const starts: { readonly none: number[]; readonly some: number[] } = { none: [], some: [] }
  const timeStart = async (home: string, times: number[]): Promise<void> => {
    const startedAt = performance.now()
    await withHost(home, async () => times.push(performance.now() - startedAt))
  }
  for (let round = 0; round < startRounds; round += 1) {
    const turns = [() => timeStart(none, starts.none), () => timeStart(some, starts.some)]
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn()
  }
  const spend = (home: string, sites: number) =>
    withHost(home, async (host) => {
      const writes = Number(await tellHost(home, '/hour'))
      await crawl(host.url, sites)
      return { writes, heap: await heapsOf(home, host) }
    })
  const without = await spend(none, 0)
  const having = await spend(many, counts.heap)
  const writesEach = (having.writes - without.writes) / counts.heap
  const heapEach = (having.heap - without.heap) / counts.heap
  const ratio = median(starts.some) / median(starts.none)
  return {
    title: `A host with sites that sleep (containers)`,
    measurements: [
      { name: 'start, none asleep, median', value: median(starts.none), unit: 'ms' },
      { name: `start, ${counts.start} asleep, median`, value: median(starts.some), unit: 'ms' },
      { name: 'start with them / without', value: ratio, unit: '×', bar: { atMost: 1.3 } },
      { name: 'writes of all scheduled work of an hour, none asleep', value: without.writes, unit: '' },
      { name: `the same, ${counts.heap} asleep`, value: having.writes, unit: '' },
      { name: 'writes by a site that sleeps, in an hour', value: writesEach, unit: '', bar: { atMost: 0 } },
      { name: 'heaps of host and routers, none asleep', value: without.heap, unit: 'KiB' },
      { name: `the same, ${counts.heap} asleep`, value: having.heap, unit: 'KiB' },
      { name: 'heap for each site that sleeps', value: heapEach, unit: 'KiB', bar: { atMost: 20 } },
    ],
    notes: [
      `${startRounds} starts of each, alternating. Heaps after that hour, a crawler at each site, and a collection.`,
    ],
  }
}
