import { expect, test } from 'vitest'
import { createRateLimit, limitServiceChanges } from '../../../adapters/cells/rate-limit.ts'
import { SitewrightError } from '../../../core/errors.ts'
import { createVirtualTime } from '../../support/simulation/virtual-time.ts'

const throttling = (): SitewrightError =>
  new SitewrightError('RuntimeUnavailable', 'AWS could not.', {
    cause: Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' }),
  })

const opened = (perSecond = 5, burst = 10) => {
  const time = createVirtualTime()
  return { time, limit: createRateLimit({ perSecond, burst, now: time.now, pause: time.pause }) }
}

test('a burst passes at once, and then so many a second', async () => {
  const { time, limit } = opened()
  const passed: number[] = []
  const call = () => limit.run(async () => passed.push(time.now()))
  await time.until(Promise.all(Array.from({ length: 30 }, call)))
  expect(passed.filter((at) => at === 0)).toHaveLength(10)
  expect(passed.at(-1)).toBe(4000)
  await time.until(time.pause(60_000))
  const before = time.now()
  await time.until(Promise.all(Array.from({ length: 10 }, call)))
  expect(time.now()).toBe(before)
})

test('a throttled call is repeated later, and the calls after it wait too', async () => {
  const { time, limit } = opened()
  let tries = 0
  const first = limit.run(async () => {
    tries += 1
    if (tries === 1) throw throttling()
    return time.now()
  })
  expect(await time.until(first)).toBeGreaterThanOrEqual(2000)
  expect(tries).toBe(2)
})

test('a call that is always throttled fails in the end, and another failure at once', async () => {
  const { time, limit } = opened()
  let tries = 0
  const fail = (error: Error) => () => {
    tries += 1
    return Promise.reject(error)
  }
  await expect(time.until(limit.run(fail(throttling())))).rejects.toThrow('AWS could not')
  expect(tries).toBe(6)
  await expect(time.until(limit.run(fail(new Error('wrong'))))).rejects.toThrow('wrong')
  expect(tries).toBe(7)
})

test('the limit of service changes stays below the quota', async () => {
  const time = createVirtualTime()
  const limit = limitServiceChanges(5, { now: time.now, pause: time.pause })
  let calls = 0
  const max = () => 50 + (time.now() / 1000) * 5
  await time.until(
    Promise.all(
      Array.from({ length: 500 }, () =>
        limit.run(async () => {
          calls += 1
          expect(calls).toBeLessThanOrEqual(max())
        }),
      ),
    ),
  )
  expect(time.now()).toBeLessThan(105_000)
})
