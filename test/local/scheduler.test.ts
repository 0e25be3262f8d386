import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { EventPattern } from '../../core/events/event-pattern.ts'
import type { ClockTrigger } from '../../lambdas/_runtime/define-function.ts'
import type { LoadedFunction } from '../../local/loaded-function.ts'
import { startExpiry, startScheduler } from '../../local/scheduler.ts'
import { recordingLog } from '../support/fixed-ports.ts'
import { nothing, sampleFunction } from '../support/sample-function.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
})

afterEach(() => {
  vi.useRealTimers()
})

const loaded = (
  name: string,
  trigger: Omit<ClockTrigger<never>, 'run'> | { readonly events: EventPattern } | { readonly stream: true },
  invoke = vi.fn<LoadedFunction['invoke']>(async () => undefined),
) => ({ name, definition: sampleFunction(name, [{ ...trigger, run: nothing }]), invoke })

let ids = 0
const newId = () => {
  ids += 1
  return `evt_${ids}`
}

it('what has a schedule is called at once and then by it, each time under an id of its own', async () => {
  const minutely = loaded('minutely', { everyMinutes: 1 })
  const rarely = loaded('rarely', { everyMinutes: 5, wokenBy: { source: ['sitewright'] } })
  const scheduler = await startScheduler([minutely, rarely], newId)
  expect([minutely.invoke.mock.calls.length, rarely.invoke.mock.calls.length]).toEqual([1, 1])
  vi.advanceTimersByTime(5 * 60_000)
  expect([minutely.invoke.mock.calls.length, rarely.invoke.mock.calls.length]).toEqual([6, 2])
  const events = minutely.invoke.mock.calls.map(([event]) => event as { id: string })
  expect(new Set(events.map(({ id }) => id)).size).toBe(6)
  await scheduler.close()
})

it('what starts later is called by its schedule alone', async () => {
  const later = loaded('later', { everyMinutes: 5, startsLater: true })
  const scheduler = await startScheduler([later], newId)
  expect(later.invoke).not.toHaveBeenCalled()
  vi.advanceTimersByTime(5 * 60_000)
  expect(later.invoke).toHaveBeenCalledTimes(1)
  await scheduler.close()
})

it('what starts later and comes seldom is called some minutes after the start, however often a host is started again', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] })
  const seldom = loaded('seldom', { everyMinutes: 720, startsLater: true })
  for (let starts = 1; starts <= 2; starts += 1) {
    const scheduler = await startScheduler([seldom], newId)
    vi.advanceTimersByTime(9 * 60_000)
    expect(seldom.invoke).toHaveBeenCalledTimes(starts - 1)
    vi.advanceTimersByTime(60_000)
    expect(seldom.invoke).toHaveBeenCalledTimes(starts)
    await scheduler.close()
    vi.advanceTimersByTime(800 * 60_000)
    expect(seldom.invoke).toHaveBeenCalledTimes(starts)
  }
})

it('what has none is not called', async () => {
  const subscriber = loaded('subscriber', { events: { source: ['sitewright'] } })
  const stream = loaded('stream', { stream: true })
  const scheduler = await startScheduler([subscriber, stream], newId)
  vi.advanceTimersByTime(3_600_000)
  expect(subscriber.invoke).not.toHaveBeenCalled()
  expect(stream.invoke).not.toHaveBeenCalled()
  await scheduler.close()
})

it('a failed call comes again at its next time, and blocks no other', async () => {
  const broken = loaded(
    'broken',
    { everyMinutes: 1 },
    vi.fn<LoadedFunction['invoke']>(async () => {
      throw new Error('broken')
    }),
  )
  const steady = loaded('steady', { everyMinutes: 1 })
  const scheduler = await startScheduler([broken, steady], newId)
  vi.advanceTimersByTime(2 * 60_000)
  expect([broken.invoke.mock.calls.length, steady.invoke.mock.calls.length]).toEqual([3, 3])
  await scheduler.close()
})

it('a first call that fails is made again before it counts as started', async () => {
  const invoke = vi.fn<LoadedFunction['invoke']>(async () => undefined).mockRejectedValueOnce(new Error('not yet'))
  const scheduler = await startScheduler([loaded('minutely', { everyMinutes: 1 }, invoke)], newId, {
    firstPauses: [1, 1],
  })
  expect(invoke).toHaveBeenCalledTimes(2)
  await scheduler.close()
})

it('is started once the first calls have ended', async () => {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const slow = loaded(
    'slow',
    { everyMinutes: 1 },
    vi.fn(() => promise),
  )
  let isStarted = false
  const starting = startScheduler([slow], newId).then((scheduler) => {
    isStarted = true
    return scheduler
  })
  await new Promise((settled) => setImmediate(settled))
  expect(isStarted).toBe(false)
  resolve(undefined)
  await (await starting).close()
})

/** A call that is not going to end by itself. */
const unending = () => {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const invoke = vi.fn<LoadedFunction['invoke']>(() => promise)
  return { end: () => resolve(undefined), minutely: loaded('slow', { everyMinutes: 1 }, invoke) }
}

it('is started all the same when the first calls take longer than is waited for', async () => {
  const { minutely } = unending()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
  const starting = startScheduler([minutely], newId, { firstPatience: 30_000 })
  await vi.advanceTimersByTimeAsync(30_000)
  const closing = (await starting).close()
  await vi.advanceTimersByTimeAsync(10_000)
  await closing
  expect(minutely.invoke).toHaveBeenCalledTimes(1)
})

it('that is closed ends when the running calls have ended', async () => {
  const { minutely, end } = unending()
  const scheduler = await startScheduler([minutely], newId, { firstPatience: 1 })
  let isClosed = false
  const closing = scheduler.close().then(() => {
    isClosed = true
  })
  await new Promise((settled) => setImmediate(settled))
  expect(isClosed).toBe(false)
  end()
  await closing
})

it('that is closed calls nothing more', async () => {
  const minutely = loaded('minutely', { everyMinutes: 1 })
  const scheduler = await startScheduler([minutely], newId)
  await scheduler.close()
  vi.advanceTimersByTime(3_600_000)
  expect(minutely.invoke).toHaveBeenCalledTimes(1)
})

it('removes expired items now and then, but none while the clock is in doubt', async () => {
  const [right, wrong] = ['2026-02-01T00:00:00.000Z', '2036-02-01T00:00:00.000Z']
  let because: 'clock' | 'operator' | undefined
  let now = wrong
  const read = async () => ({
    ...{ schemaVersion: 1 as const, version: 1, seenAt: right, begun: 0, spent: [] },
    ...(because && { tripped: { at: right, because, detail: 'a test' } }),
  })
  const removeExpired = vi.fn(async () => 0)
  const clocks = { domain: () => now, wall: () => now }
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
  const stop = startExpiry({ removeExpired, brakes: { read }, clocks, log: recordingLog() })
  const [minutes, day] = [10 * 60_000, 24 * 60 * 60_000]
  const calls: number[] = []
  for (const [time, tripped, milliseconds] of [
    // It began after a jump, which ended nothing.
    [wrong, undefined, minutes],
    [right, undefined, minutes],
    [right, undefined, day],
    [right, 'clock', minutes],
    [right, 'operator', minutes],
    [wrong, undefined, minutes],
  ] as const) {
    because = tripped
    now = time
    removeExpired.mockClear()
    await vi.advanceTimersByTimeAsync(milliseconds)
    calls.push(removeExpired.mock.calls.length)
  }
  stop()
  expect(calls).toEqual([0, 0, 1, 0, 1, 0])
})
