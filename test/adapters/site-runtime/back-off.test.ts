import { expect, test } from 'vitest'
import { nextPause } from '../../../adapters/site-runtime/back-off.ts'

const backOff = { first: 100, longest: 30_000, stableAfter: 10_000 }

test('the pause doubles with each end in a row, up to the longest', () => {
  const pauses: number[] = []
  let restarts = 0
  for (let end = 0; end < 12; end += 1) {
    const next = nextPause(backOff, { restarts, ranFor: 50 })
    pauses.push(next.pause)
    restarts = next.restarts
  }
  expect(pauses).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000, 30_000])
})

test('what ran well for a while begins anew', () => {
  expect(nextPause(backOff, { restarts: 9, ranFor: 10_000 })).toEqual({ pause: 100, restarts: 1 })
})

test('after any number of restarts the pause is a number that a timer can hold', () => {
  expect(nextPause(backOff, { restarts: 5000, ranFor: 0 }).pause).toBe(30_000)
})
