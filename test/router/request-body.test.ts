import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { requestBody } from '../../router/request-body.ts'
import { openSocket, readAll, startSite } from './stage.ts'

const bounds = { idleMilliseconds: 60_000, atMostBytes: 10_000_000, carry: () => {} }

/** A request in the middle of its body, on a connection that a second request follows on. */
const upload = async (size: number, announced = size) => {
  const { promise, resolve } = Promise.withResolvers<[IncomingMessage, ServerResponse]>()
  const { endpoint } = await startSite((request, response) => {
    if (request.url === '/next') response.end('next')
    else resolve([request, response])
  })
  const visitor = await openSocket(endpoint.port)
  visitor.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${announced}\r\n\r\n`)
  visitor.write(Buffer.alloc(size, 'x'))
  visitor.write('GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  const [request, response] = await promise
  return { visitor, request, response }
}

describe('the body of a request', () => {
  it('arrives whole', async () => {
    const { request } = await upload(300_000)
    expect(await readAll(requestBody(request, bounds).body)).toHaveLength(300_000)
  })

  it('stays unread for another attempt', async () => {
    const { request } = await upload(10)
    const first = requestBody(request, bounds)
    first.body.destroy()
    expect(first.isTouched()).toBe(false)
    const second = requestBody(request, bounds)
    expect(await readAll(second.body)).toBe('xxxxxxxxxx')
    expect(second.isTouched()).toBe(true)
  })

  it('applies back pressure, and is dropped when abandoned', async () => {
    const { visitor, request, response } = await upload(3_000_000)
    const { body } = requestBody(request, bounds)
    body.read(0)
    await once(request, 'pause')
    body.destroy()
    response.end('early')
    expect(await readAll(visitor)).toMatch(/early.*next/s)
  })

  it('fails if the visitor leaves', async () => {
    const { visitor, request } = await upload(10, 1_000_000)
    const { body } = requestBody(request, bounds)
    const closed = new Promise((resolve) => body.once('close', resolve))
    await once(body, 'data')
    visitor.destroy()
    await closed
    expect(body.errored?.message).toBe('the visitor went away')
  })

  it('may have as many bytes as the limit, all counted', async () => {
    const { request } = await upload(1000)
    const carried: number[] = []
    const { body } = requestBody(request, { ...bounds, atMostBytes: 1000, carry: (bytes) => void carried.push(bytes) })
    expect(await readAll(body)).toHaveLength(1000)
    expect(carried.reduce((sum, bytes) => sum + bytes, 0)).toBe(1000)
  })

  it('fails with one byte more and keeps the connection usable', async () => {
    const { visitor, request, response } = await upload(300_000)
    const { body } = requestBody(request, { ...bounds, atMostBytes: 299_999 })
    await expect(readAll(body)).rejects.toMatchObject({ code: 'SITEWRIGHT_BODY_TOO_LARGE' })
    response.end('early')
    expect(await readAll(visitor)).toMatch(/early.*next/s)
  })

  const stopTime = () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
  }

  it('fails if the visitor stalls', async () => {
    stopTime()
    const { request } = await upload(10, 1_000_000)
    const { body } = requestBody(request, bounds)
    const closed = new Promise((resolve) => body.once('close', resolve))
    await once(body, 'data')
    vi.advanceTimersByTime(60_000)
    await closed
    expect(body.errored).toMatchObject({ code: 'SITEWRIGHT_BODY_TIMEOUT' })
  })

  it('may wait for a slow site', async () => {
    stopTime()
    const { request } = await upload(3_000_000)
    const { body } = requestBody(request, bounds)
    body.read(0)
    await once(request, 'pause')
    vi.advanceTimersByTime(600_000)
    expect(await readAll(body)).toHaveLength(3_000_000)
    expect(vi.getTimerCount()).toBe(0)
  })
})
