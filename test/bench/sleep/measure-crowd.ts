import { randomInt, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { type DemoSite, demoSite } from '../../acceptance/api.ts'
import { poll } from '../../acceptance/poll.ts'
import { type Answer, type Call, httpCall } from '../../support/http-call.ts'
import type { Section } from '../measurement.ts'
import { percentile } from '../statistics.ts'
import { countStarts } from './count-starts.ts'
import { compareTexts, openSleepyHost, type Sleeper, type SleepyHost } from './sleepers.ts'

const provisionedAtOnce = 6
const visitMilliseconds = 30_000
const thinkMilliseconds = 2000
const scannedAtOnce = 10
/** What one client may wake in ten minutes by `sitewright.config.ts`. */
const wakesOfClient = 30

const problemSchema = z.looseObject({ type: z.string() })

/** The answers to visitors who came by `curl`, each from an address of their own. */
const openTally = () => {
  const counts = new Map<string, number>()
  const held: number[] = []
  return {
    counts,
    held,
    callFrom:
      (address: string, wakes = false) =>
      async (call: Call): Promise<Answer> => {
        const headers = { ...call.headers, 'user-agent': 'curl/8.5.0', 'x-forwarded-for': address }
        const answer = await httpCall({ ...call, headers, patienceMilliseconds: 60_000 })
        const problem = problemSchema.safeParse(answer.json).data?.type.split(':').at(-1)
        const name = answer.status < 400 ? 'answered' : `${answer.status} ${problem ?? ''}`
        counts.set(name, (counts.get(name) ?? 0) + 1)
        if (wakes && answer.status < 400) held.push(answer.firstByteMilliseconds)
        return answer
      },
  }
}

const provision = async (sleepy: SleepyHost, count: number): Promise<readonly Sleeper[]> => {
  const sites: Sleeper[] = []
  const numbers = Array.from({ length: count }, (_, number) => number).values()
  const work = async (): Promise<void> => {
    for (const number of numbers) {
      const claimed = await sleepy.claimSites(`crowd-${number}`, 1)
      await sleepy.putAllToSleep(claimed)
      sites.push(...claimed)
      if (sites.length % 100 === 0) console.log(`${sites.length} sites provisioned`)
    }
  }
  await Promise.all(Array.from({ length: provisionedAtOnce }, work))
  return sites
}

/** Many sites of which `awake` are awake at a time, and a scanner that asks for all of them at half time. */
export const measureCrowd = async (count: number, awake: number, minutes: number): Promise<Section> => {
  await using sleepy = await openSleepyHost('crowd', { BENCH_SLEEP_MINUTES: '1', BENCH_LIMITS_WAKES: 'yes' })
  const sites = await provision(sleepy, count)
  await using starts = await countStarts(sleepy)
  const visitors = openTally()
  const scanner = openTally()
  const written = new Map<Sleeper, string[]>()
  const used = new Set<Sleeper>()
  const chosen: Sleeper[] = []
  const failures: string[] = []
  const wrong = { lost: 0, duplicate: 0, fell: 0 }
  const endsAt = performance.now() + minutes * 60_000

  /** One in three has been visited before. */
  const choose = (): Sleeper | undefined => {
    const among = randomInt(3) === 0 && chosen.length > 0 ? chosen : sites
    return among[randomInt(among.length)]
  }
  /** One visit: it wakes the site, reads what earlier ones wrote, and writes. */
  const visit = async (site: Sleeper): Promise<void> => {
    const before = starts.of(site.id)
    const address = `198.18.${randomInt(256)}.${randomInt(1, 255)}`
    await demoSite(site.url, visitors.callFrom(address, true)).open()
    const pages = demoSite(site.url, visitors.callFrom(address))
    const texts = written.get(site) ?? []
    const { lost, duplicate } = compareTexts(await pages.read(), texts)
    wrong.lost += lost
    wrong.duplicate += duplicate
    written.set(site, texts)
    const leavesAt = performance.now() + Math.random() * visitMilliseconds
    while (performance.now() < leavesAt) {
      const text = randomUUID()
      await pages.write(text)
      texts.push(text)
      await sleep(Math.random() * thinkMilliseconds)
    }
    // The first request woke it.
    wrong.fell += Math.max(0, starts.of(site.id) - before - 1)
  }
  const visitInTurn = async (): Promise<void> => {
    while (performance.now() < endsAt) {
      await sleep(Math.random() * thinkMilliseconds)
      const site = choose()
      if (site === undefined || used.has(site)) continue
      used.add(site)
      chosen.push(site)
      await visit(site).catch((error: unknown) => failures.push(String(error)))
      const isOver = ({ status }: DemoSite): boolean => status === 'asleep' || performance.now() > endsAt
      await poll(site.check, isOver, { patience: 300_000, pause: 5000 })
      used.delete(site)
    }
  }

  /** @returns how many sites it woke. */
  const scan = async (): Promise<number> => {
    await sleep((minutes * 60_000) / 2)
    const before = new Map(sites.map((site) => [site, starts.of(site.id)]))
    const first = chosen.length
    const inUse = [...used]
    const queue = sites.values()
    const call = scanner.callFrom('203.0.113.9')
    const ask = async (): Promise<void> => {
      for (const { url } of queue) await call({ url }).catch((error: unknown) => failures.push(String(error)))
    }
    await Promise.all(Array.from({ length: scannedAtOnce }, ask))
    const visited = new Set([...inUse, ...chosen.slice(first)])
    return sites.filter((site) => !visited.has(site) && starts.of(site.id) > (before.get(site) ?? 0)).length
  }

  const [scannerWakes] = await Promise.all([scan(), ...Array.from({ length: awake }, visitInTurn)])
  const none = { atMost: 0 }
  const isHonest = (name: string): boolean => !name.startsWith('5') || name === '503 memory-short'
  const dishonest = [...visitors.counts, ...scanner.counts].filter(([name]) => !isHonest(name))
  const text = (counts: ReadonlyMap<string, number>): string =>
    [...counts].map(([name, times]) => `${times} × ${name}`).join(', ')
  return {
    title: `${count} sites, ${awake} awake at a time, ${minutes} minutes (containers)`,
    measurements: [
      { name: 'visits', value: chosen.length, unit: '' },
      { name: 'wakes', value: starts.total(), unit: '' },
      { name: 'held requests, p95', value: percentile(visitors.held, 0.95), unit: 'ms' },
      { name: 'kinds of 5xx besides capacity pages', value: dishonest.length, unit: '', bar: none },
      { name: 'visits that failed', value: failures.length, unit: '', bar: none },
      { name: 'lost writes', value: wrong.lost, unit: '', bar: none },
      { name: 'duplicate writes', value: wrong.duplicate, unit: '', bar: none },
      { name: 'wakes by the scanner', value: scannerWakes, unit: '', bar: { atMost: wakesOfClient } },
      { name: 'sites that fell asleep while somebody used them', value: wrong.fell, unit: '', bar: none },
    ],
    notes: [`Visitors: ${text(visitors.counts)}.`, `The scanner: ${text(scanner.counts)}.`, ...failures.slice(0, 5)],
  }
}
