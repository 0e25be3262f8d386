import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { measureOnGrowth } from '../../local/disk-space.ts'

const mebibyte = 1_048_576

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const stage = (measure: () => Promise<unknown> = async () => undefined) => {
  let used = 1000 * mebibyte
  const measured = vi.fn(measure)
  const close = measureOnGrowth('/data', measured, async () => used)
  return {
    close,
    times: () => measured.mock.calls.length,
    grow: async (mebibytes: number, milliseconds = 1000) => {
      used += mebibytes * mebibyte
      await vi.advanceTimersByTimeAsync(milliseconds)
    },
  }
}

it('measures within a second of fast growth and once more, and not for slow growth or none', async () => {
  const { grow, times } = stage()
  await grow(0)
  await grow(31, 60_000)
  expect(times()).toBe(0)
  await grow(1)
  expect(times()).toBe(1)
  await grow(0, 60_000)
  expect(times()).toBe(2)
})

it('adds up slow growth, and starts again from what is freed', async () => {
  const { grow, times } = stage()
  await grow(0)
  await grow(20)
  await grow(-100)
  await grow(20)
  expect(times()).toBe(0)
  await grow(12)
  expect(times()).toBe(1)
})

it('rests between two measurements, and measures again after a failed one', async () => {
  const { grow, times } = stage(() => Promise.reject(new Error('cannot be read')))
  await grow(0)
  await grow(40)
  await grow(40)
  expect(times()).toBe(1)
  await grow(40, 5000)
  expect(times()).toBe(2)
  await grow(0, 6000)
  await grow(40, 2000)
  expect(times()).toBe(3)
})

it('measures nothing after it is closed', async () => {
  const { close, grow, times } = stage()
  await grow(0)
  close()
  await grow(100, 60_000)
  expect(times()).toBe(0)
})
