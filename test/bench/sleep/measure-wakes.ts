import { setTimeout as sleep } from 'node:timers/promises'
import { httpCall } from '../../support/http-call.ts'
import { openRawStarts } from '../claim/raw-start.ts'
import type { Section } from '../measurement.ts'
import { median, percentile, ratioOfMedians } from '../statistics.ts'
import type { Sleeper, SleepyHost } from './sleepers.ts'

export const crowd = 20
/** Milliseconds between two checks of a raw start; a wake takes one request, which is held. */
const poll = { alone: 20, crowd: 150 }
const settleMilliseconds = 1500

const wakeTime = async ({ url }: Sleeper, path: string): Promise<number> => {
  const startedAt = performance.now()
  const { status, text } = await httpCall({ url: new URL(path, url).href })
  if (status !== 200) throw new Error(`a visitor who woke a site got ${status}: ${text.slice(0, 200)}`)
  return performance.now() - startedAt
}

/** Compares wakes with starts of the same container by hand, alternating. */
export const measureWakes = async (
  sleepy: SleepyHost,
  sites: readonly Sleeper[],
  rounds: { readonly alone: number; readonly crowd: number },
): Promise<Section> => {
  const raw = await openRawStarts('containers', sleepy.host.home)
  const wake = async (count: number): Promise<readonly number[]> => {
    const times = await Promise.all(sites.slice(0, count).map((site) => wakeTime(site, raw.healthPath)))
    await sleep(settleMilliseconds)
    await sleepy.putAllToSleep(sites.slice(0, count))
    return times
  }

  const sample = async (count: number, times: number, pollMilliseconds: number, at: string) => {
    const samples: { readonly raw: number[]; readonly wake: number[] } = { raw: [], wake: [] }
    for (let round = 0; round < times; round += 1) {
      const turns = [
        async () => samples.raw.push(...(await raw.run(count, pollMilliseconds))),
        async () => samples.wake.push(...(await wake(count))),
      ]
      for (const turn of round % 2 === 0 ? turns : turns.toReversed()) {
        await turn()
        await sleep(settleMilliseconds)
      }
    }
    return [
      { name: `raw container, ${at}, median`, value: median(samples.raw), unit: 'ms' },
      { name: `wake, ${at}, median`, value: median(samples.wake), unit: 'ms' },
      { name: `wake, ${at}, p95`, value: percentile(samples.wake, 0.95), unit: 'ms' },
      { name: `wake / raw, ${at}`, value: ratioOfMedians(samples.wake, samples.raw), unit: '×', bar: { atMost: 1.5 } },
    ]
  }

  await sleepy.putAllToSleep(sites)
  const alone = await sample(1, rounds.alone, poll.alone, 'alone')
  const together = await sample(sites.length, rounds.crowd, poll.crowd, `${sites.length} at once`)
  return {
    title: 'From a visit to a site that sleeps to its 200 (containers)',
    measurements: [...alone, ...together],
    notes: [`${rounds.alone} of each alone, ${rounds.crowd} rounds at once, alternating.`],
  }
}
