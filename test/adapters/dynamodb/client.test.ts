import { expect, test } from 'vitest'
import { patientRetries } from '../../../adapters/dynamodb/client.ts'

/** The retries of one call, as the SDK asks for them, on a clock that its pauses move. */
const retriesOf = async (errorType: 'TRANSIENT' | 'CLIENT_ERROR', callMilliseconds: number) => {
  let now = 0
  const strategy = patientRetries(() => now)
  const pauses: number[] = []
  let token = await strategy.acquireInitialRetryToken('')
  for (;;) {
    now += callMilliseconds
    const next = await strategy.refreshRetryTokenForRetry(token, { errorType }).catch(() => undefined)
    if (next === undefined) return { pauses, now }
    pauses.push(next.getRetryDelay())
    now += next.getRetryDelay()
    expect(next.getRetryCount()).toBe(pauses.length)
    token = next
  }
}

test('a passing fault is waited out for 20 seconds, with pauses that grow to less than half a second', async () => {
  const { pauses, now } = await retriesOf('TRANSIENT', 0)
  expect(now).toBeGreaterThanOrEqual(20_000)
  expect(now).toBeLessThan(20_500)
  expect(pauses[0]).toBeLessThanOrEqual(25)
  expect(Math.max(...pauses)).toBeGreaterThan(200)
  expect(Math.max(...pauses)).toBeLessThanOrEqual(400)
})

test('calls that time out are few', async () => {
  expect((await retriesOf('TRANSIENT', 5000)).pauses).toHaveLength(3)
})

test("a caller's own mistake is not repeated", async () => {
  expect((await retriesOf('CLIENT_ERROR', 0)).pauses).toEqual([])
})

test('one call that has lost its patience takes none from another', async () => {
  const strategy = patientRetries(() => 0)
  const tokens = await Promise.all(Array.from({ length: 100 }, () => strategy.acquireInitialRetryToken('')))
  const refreshed = tokens.map((token) => strategy.refreshRetryTokenForRetry(token, { errorType: 'TRANSIENT' }))
  expect(await Promise.all(refreshed)).toHaveLength(100)
})
