import { setTimeout as sleep } from 'node:timers/promises'
import { type DemoSite, demoSite } from '../../acceptance/api.ts'
import { openLoad } from '../../acceptance/open-load.ts'
import type { Section } from '../measurement.ts'
import { countStarts } from './count-starts.ts'
import { compareTexts, type Sleeper, type SleepyHost } from './sleepers.ts'

const connections = 2
const maxThinkMilliseconds = 3000
const maxAwakeMilliseconds = 4000
const pollMilliseconds = 100

const isSettled = ({ status, operation }: DemoSite): boolean => status === 'active' && operation === null

/** Puts sites to sleep again and again while visitors read and write at random moments, and looks for lost and duplicate writes. */
export const measureCycles = async (
  sleepy: SleepyHost,
  sites: readonly Sleeper[],
  cycles: number,
): Promise<Section> => {
  await Promise.all(sites.map(({ url }) => demoSite(url).open()))
  await using starts = await countStarts(sleepy)
  const loads = sites.map(({ url }) =>
    openLoad({
      port: sleepy.host.port,
      host: new URL(url).host,
      connections,
      thinkMilliseconds: () => Math.random() * maxThinkMilliseconds,
    }),
  )
  let requested = 0
  /** Each site goes its own way: awake for a while, then asleep until somebody comes. */
  const cycle = async (site: Sleeper): Promise<void> => {
    while (starts.total() < cycles) {
      await sleep(Math.random() * maxAwakeMilliseconds)
      const before = starts.of(site.id)
      if ((await sleepy.requestSleep(site)) !== 'begun') continue
      requested += 1
      while (starts.of(site.id) === before && !isSettled(await site.check())) await sleep(pollMilliseconds)
    }
  }
  const startedAt = performance.now()
  await Promise.all(sites.map(cycle))
  const seconds = (performance.now() - startedAt) / 1000
  const ended = await Promise.all(loads.map((load) => load.stop()))
  const failures = ended.flatMap((load) => load.failures)
  const wrong = await Promise.all(
    sites.map(async ({ url }, index) => compareTexts(await demoSite(url).read(), ended[index]?.acknowledged ?? [])),
  )
  const none = { atMost: 0 }
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0)
  return {
    title: `Sleeping and waking under random load, ${sites.length} sites, ${connections} visitors each (containers)`,
    measurements: [
      { name: 'cycles', value: starts.total(), unit: '', bar: { atLeast: cycles } },
      { name: 'sleeps that a use cancelled', value: requested - starts.total(), unit: '' },
      { name: 'requests', value: sum(ended.map(({ requests }) => requests)), unit: '' },
      {
        name: 'acknowledged writes',
        value: sum(ended.map(({ acknowledged }) => acknowledged.length)),
        unit: '',
        bar: { atLeast: 1 },
      },
      { name: 'failed requests', value: failures.length, unit: '', bar: none },
      { name: 'lost writes', value: sum(wrong.map(({ lost }) => lost)), unit: '', bar: none },
      { name: 'duplicate writes', value: sum(wrong.map(({ duplicate }) => duplicate)), unit: '', bar: none },
      { name: 'longest request', value: Math.max(...loads.map((load) => load.takeLongest())), unit: 'ms' },
    ],
    notes: [`${requested} sleeps in ${Math.round(seconds)} s.`, ...failures.slice(0, 5)],
  }
}
