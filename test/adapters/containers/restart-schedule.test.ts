import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createRestartSchedule } from '../../../adapters/containers/upkeep.ts'
import { newSiteId } from '../../support/probe-launch.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const backOff = { first: 100, longest: 400, stableAfter: 10_000 }
const site = newSiteId()

/** A schedule whose restarts are noted, in milliseconds from now, and end as they are told to. */
const stage = (outcome: () => Promise<'restarted' | 'runs'>) => {
  const begin = performance.now()
  const at: number[] = []
  const schedule = createRestartSchedule(backOff, () => {
    at.push(performance.now() - begin)
    return outcome()
  })
  return { at, schedule }
}

test('several reports of one end are one restart, after a pause', async () => {
  const { at, schedule } = stage(async () => 'restarted')
  schedule.keep(site)
  schedule.see(site)
  schedule.see(site)
  await vi.advanceTimersByTimeAsync(1000)
  expect(at).toEqual([100])
})

test('the pause grows while the site keeps ending', async () => {
  const { at, schedule } = stage(async () => 'restarted')
  schedule.keep(site)
  for (let end = 0; end < 4; end += 1) {
    schedule.see(site)
    await vi.advanceTimersToNextTimerAsync()
  }
  expect(at).toEqual([100, 300, 700, 1100])
})

test.each([
  ['short again', backOff.stableAfter + 1, 100],
  ['still long', backOff.stableAfter - 1, 200],
])('the pause is %s after a site has run for %d ms', async (_what, stable, pause) => {
  const { at, schedule } = stage(async () => 'restarted')
  schedule.keep(site)
  schedule.see(site)
  await vi.advanceTimersByTimeAsync(100 + stable)
  schedule.see(site)
  await vi.advanceTimersByTimeAsync(1000)
  expect(at).toEqual([100, 100 + stable + pause])
})

test('a report that turns out to be nothing does not count', async () => {
  const { at, schedule } = stage(async () => 'runs')
  schedule.keep(site)
  for (let report = 0; report < 3; report += 1) {
    schedule.see(site)
    await vi.advanceTimersToNextTimerAsync()
  }
  expect(at).toEqual([100, 200, 300])
})

test('a restart that fails is repeated without another report', async () => {
  const { at, schedule } = stage(async () => {
    if (at.length === 1) throw new Error('no engine')
    return 'restarted'
  })
  schedule.keep(site)
  schedule.see(site)
  await vi.advanceTimersByTimeAsync(5000)
  expect(at).toEqual([100, 300])
})

test('a site that is not kept, or no longer, is left alone', async () => {
  const { at, schedule } = stage(async () => 'restarted')
  schedule.see(site)
  schedule.keep(site)
  schedule.see(site)
  schedule.forget(site)
  await vi.advanceTimersByTimeAsync(5000)
  expect(at).toEqual([])
  expect(schedule.isKept(site)).toBe(false)
})

test('a site that is forgotten while its restart fails stays forgotten', async () => {
  const { at, schedule } = stage(async () => {
    schedule.forgetAll()
    throw new Error('no engine')
  })
  schedule.keep(site)
  schedule.see(site)
  await vi.advanceTimersByTimeAsync(5000)
  expect(at).toEqual([100])
})
