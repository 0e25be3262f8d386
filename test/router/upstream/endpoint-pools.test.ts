import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createEndpointPools } from '../../../router/upstream/endpoint-pools.ts'

const endpoint = { host: '127.0.0.1', port: 4001 }
const minute = 60_000

describe('the pools of connections', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())
  const setUp = () => createEndpointPools({ responseHeaderMilliseconds: 1000 })

  it('exist per endpoint', () => {
    const { poolFor } = setUp()
    const pool = poolFor(endpoint)
    expect(poolFor({ ...endpoint })).toBe(pool)
    expect(poolFor({ ...endpoint, port: 4002 })).not.toBe(pool)
    expect(poolFor({ ...endpoint, host: '::1' })).not.toBe(pool)
  })

  it('close after they are idle', () => {
    const { poolFor } = setUp()
    const pool = poolFor(endpoint)
    for (let round = 0; round < 3; round++) {
      vi.advanceTimersByTime(minute)
      expect(poolFor(endpoint)).toBe(pool)
    }
    vi.advanceTimersByTime(2 * minute)
    expect(poolFor(endpoint)).not.toBe(pool)
  })

  it('close together without leaving a timer', async () => {
    const { poolFor, close } = setUp()
    poolFor(endpoint)
    await close(1000)
    expect(vi.getTimerCount()).toBe(0)
  })
})
