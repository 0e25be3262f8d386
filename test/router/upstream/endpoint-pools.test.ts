import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createEndpointPools } from '../../../router/upstream/endpoint-pools.ts'

const siteId = 'site_01m88rmkxz2p9vcwqbqa29119j'
const endpoint = { host: '127.0.0.1', port: 4001 }
const minute = 60_000

describe('the pools of connections', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())
  const setUp = () => createEndpointPools()

  it('exist per endpoint and site', () => {
    const { poolFor } = setUp()
    const pool = poolFor(siteId, endpoint)
    expect(poolFor(siteId, { ...endpoint })).toBe(pool)
    expect(poolFor(siteId, { ...endpoint, port: 4002 })).not.toBe(pool)
    expect(poolFor(siteId, { ...endpoint, host: '::1' })).not.toBe(pool)
    expect(poolFor('site_01m88rnncpsxxhnsmgfh7r9agw', endpoint)).not.toBe(pool)
  })

  it('close after they are idle', () => {
    const { poolFor } = setUp()
    const pool = poolFor(siteId, endpoint)
    for (let round = 0; round < 3; round++) {
      vi.advanceTimersByTime(minute)
      expect(poolFor(siteId, endpoint)).toBe(pool)
    }
    vi.advanceTimersByTime(2 * minute)
    expect(poolFor(siteId, endpoint)).not.toBe(pool)
  })

  it('close together without leaving a timer', async () => {
    const { poolFor, close } = setUp()
    poolFor(siteId, endpoint)
    await close(1000)
    expect(vi.getTimerCount()).toBe(0)
  })
})

it('remember a pool for as long as it answers a request', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\nthe beginning'))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const pools = createEndpointPools()
  const piece = vi.fn(() => true)
  const exchange = { sent: vi.fn(), head: vi.fn(), piece, end: vi.fn(), fail: vi.fn() }
  const at = { host: '127.0.0.1', port }
  pools
    .poolFor(siteId, at)
    .request(
      {
        method: 'GET',
        path: '/',
        headers: [],
        body: undefined,
        bounds: { silentMilliseconds: 1000, fieldsBytes: 16_384 },
        maxIdleMilliseconds: Number.POSITIVE_INFINITY,
      },
      exchange,
    )
  await vi.waitFor(() => expect(piece).toHaveBeenCalled())
  vi.advanceTimersByTime(3 * minute)
  expect(pools.openAt(at)).toBe(1)
  await pools.close(0)
  expect(exchange.fail).toHaveBeenCalledOnce()
})
