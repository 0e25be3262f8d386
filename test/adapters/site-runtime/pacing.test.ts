import { expect, test } from 'vitest'
import { nextPause, oneAtATime } from '../../../adapters/site-runtime/pacing.ts'

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

test('a key that ran well for a while starts again', () => {
  expect(nextPause(backOff, { restarts: 9, ranFor: 10_000 })).toEqual({ pause: 100, restarts: 1 })
})

test('after any number of restarts the pause is a number that a timer can hold', () => {
  expect(nextPause(backOff, { restarts: 5000, ranFor: 0 }).pause).toBe(30_000)
})

const recorder = () => {
  const seen: string[] = []
  const work = (name: string) => async () => {
    seen.push(`${name} begins`)
    await new Promise(setImmediate)
    seen.push(`${name} ends`)
    return name
  }
  return { seen, work }
}

test('work under one key runs in turn, and every caller gets its own result', async () => {
  const { seen, work } = recorder()
  const run = oneAtATime()
  expect(await Promise.all([run('key', work('first')), run('key', work('second'))])).toEqual(['first', 'second'])
  expect(seen).toEqual(['first begins', 'first ends', 'second begins', 'second ends'])
})

test('work under different keys runs at once', async () => {
  const { seen, work } = recorder()
  const run = oneAtATime()
  await Promise.all([run('a', work('first')), run('b', work('second'))])
  expect(seen.slice(0, 2)).toEqual(['first begins', 'second begins'])
})

test('a failure reaches its caller and nobody who waits behind it', async () => {
  const run = oneAtATime()
  const failing = run('key', () => Promise.reject(new Error('no')))
  const next = run('key', async () => 'ran')
  await expect(failing).rejects.toThrow('no')
  expect(await next).toBe('ran')
})
