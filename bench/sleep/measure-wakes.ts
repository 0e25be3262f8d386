import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { httpCall } from '../../bin/demo/http-call.ts'
import { rawStarter } from '../claim/measure-claims.ts'
import { prepareRawSite, timeToFirstAnswer } from '../claim/raw-start.ts'
import type { Measurement, Section } from '../measurement.ts'
import { median, percentile, ratioOfMedians } from '../statistics.ts'
import type { Sleeper, SleepyHost } from './sleepers.ts'

export const crowd = 20
/** Milliseconds between two checks of a raw start; a wake is asked for once, and held. */
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
  const directory = join(sleepy.host.home, 'raw')
  await mkdir(directory, { mode: 0o711, recursive: true })
  const makeRaw = await rawStarter('containers', sleepy.host.home)
  const { healthPath } = (await prepareRawSite(directory)).launch.blueprint.traffic

  const raw = async (count: number, pollMilliseconds: number): Promise<readonly number[]> => {
    const places = await Promise.all(Array.from({ length: count }, () => prepareRawSite(directory)))
    const starts = places.map(makeRaw)
    try {
      return await Promise.all(starts.map((start) => timeToFirstAnswer(start, pollMilliseconds)))
    } finally {
      await Promise.all(starts.map(({ end }) => end()))
    }
  }
  const wake = async (count: number): Promise<readonly number[]> => {
    const times = await Promise.all(sites.slice(0, count).map((site) => wakeTime(site, healthPath)))
    await sleep(settleMilliseconds)
    await sleepy.putAllToSleep(sites.slice(0, count))
    return times
  }

  const sample = async (count: number, times: number, pollMilliseconds: number, at: string) => {
    const samples: { readonly raw: number[]; readonly wake: number[] } = { raw: [], wake: [] }
    for (let round = 0; round < times; round += 1) {
      const turns = [
        async () => samples.raw.push(...(await raw(count, pollMilliseconds))),
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
    ] satisfies readonly Measurement[]
  }

  await sleepy.putAllToSleep(sites)
  const alone = await sample(1, rounds.alone, poll.alone, 'alone')
  const together =
    rounds.crowd === 0 ? [] : await sample(sites.length, rounds.crowd, poll.crowd, `${sites.length} at once`)
  return {
    title: 'From a visit to a site that sleeps to its 200 (containers)',
    measurements: [...alone, ...together],
    notes: [`${rounds.alone} of each alone, ${rounds.crowd} rounds at once, alternating.`],
  }
}
