import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { ClientLimits } from '../../core/config/client-limits.ts'
import { createTurns } from '../../router/turns.ts'
import { createVisitorServer } from '../../router/visitor-server.ts'
import config from '../../sitewright.config.ts'
import { recordingLog } from '../support/fixed-ports.ts'
import { listening } from '../support/listening.ts'

const request = 'GET / HTTP/1.1\r\nHost: acme.localhost\r\n\r\n'

const start = async (
  limits: Partial<ClientLimits>,
  answer: (response: ServerResponse) => void = (response) => void response.end('fine'),
) => {
  const log = recordingLog()
  const server = createVisitorServer({
    limits: { ...config.clients, checkSeconds: 0.05, ...limits },
    keepAliveMilliseconds: 5000,
    turns: createTurns(config.clients),
    isProxy: (address) => address === '127.0.0.9',
    log,
  })
  server.on('request', (_request, response) => answer(response))
  server.on('upgrade', (_request, socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'))
  const port = await listening(server)
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const open = async (localAddress: string, text = 'GET / HTTP/1.1\r\nHost: acme.localhost\r\nX-Slow: ') => {
    const socket = connect({ port, host: '127.0.0.1', localAddress })
    onTestFinished(() => void socket.destroy())
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    socket.write(text)
    return socket
  }
  const answerOf = async (socket: Socket): Promise<string> => {
    const { promise, resolve } = Promise.withResolvers<string>()
    socket.once('data', (data) => resolve(String(data).split(' ')[1] ?? '')).once('close', () => resolve('closed'))
    return promise
  }
  const ask = async (localAddress: string) => answerOf(await open(localAddress, request))
  return { port, open, ask, answerOf, log }
}

const eachOf = <Made>(count: number, make: () => Promise<Made>) => Promise.all(Array.from({ length: count }, make))

describe('the server for visitors', () => {
  it('ends a head that takes too long', async () => {
    const { open, answerOf } = await start({ headSeconds: 0.1 })
    expect(await answerOf(await open('127.0.0.1'))).toBe('408')
  })

  it('ends a body that takes too long', async () => {
    const { open, answerOf } = await start({ headSeconds: 0.1, requestSeconds: 0.2 }, () => {})
    const head = 'POST / HTTP/1.1\r\nHost: acme.localhost\r\nContent-Length: 10\r\n\r\n'
    expect(await answerOf(await open('127.0.0.1', head))).toBe('408')
  })

  it('limits the connections of a source, and not those of others', async () => {
    const { open, ask } = await start({ connectionsPerSource: 3 })
    const [first] = await eachOf(3, () => open('127.0.0.2'))
    expect(await ask('127.0.0.2')).toBe('closed')
    expect(await ask('127.0.0.3')).toBe('200')
    const closed = once(first!, 'close')
    first?.destroy()
    await closed
    await expect.poll(() => ask('127.0.0.2')).toBe('200')
  })

  it('warns once an hour of each address whose connections it refuses, and of at most 20 addresses', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const { open, ask, log } = await start({ connectionsPerSource: 1 })
    const warnings = () => log.lines.map(({ level, fields }) => [level, fields['event'], fields['source']])
    const warningOf = (source: string) => ['warn', 'connections-refused', source]
    const sources = Array.from({ length: 21 }, (_, index) => `127.0.1.${index}`)
    for (const source of sources) await open(source)
    for (const source of [...sources, ...sources]) expect(await ask(source)).toBe('closed')
    expect(warnings()).toEqual(sources.slice(0, 20).map(warningOf))
    await vi.advanceTimersByTimeAsync(3_600_000)
    for (const source of ['127.0.1.20', '127.0.1.0', '127.0.1.0']) expect(await ask(source)).toBe('closed')
    expect(warnings().slice(20)).toEqual(['127.0.1.20', '127.0.1.0'].map(warningOf))
  })

  it('does not limit the connections of a trusted proxy', async () => {
    const { open, ask } = await start({ connectionsPerSource: 3 })
    await eachOf(5, () => open('127.0.0.9'))
    expect(await ask('127.0.0.9')).toBe('200')
  })

  it('closes the connection that is idle longest for a new one', async () => {
    const { open, ask } = await start({ connections: 3 })
    const [longest, ...others] = [await open('127.0.0.9'), await open('127.0.0.9'), await open('127.0.0.9')]
    const closed = once(longest, 'close')
    expect(await ask('127.0.0.1')).toBe('200')
    await closed
    expect(others.map(({ destroyed }) => destroyed)).toEqual([false, false])
  })

  it('ignores an upgrade behind a request that is not answered, so that the end of each is told', async () => {
    const left = vi.fn()
    const { open } = await start({}, (response) => void response.once('close', left))
    const upgrade = request.replace('\r\n\r\n', '\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    const visitor = await open('127.0.0.1', `${request}${request}${upgrade}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
    visitor.resetAndDestroy()
    await vi.waitFor(() => expect(left).toHaveBeenCalledTimes(3))
  })

  it('does not count a connection as idle while it waits for an answer or is upgraded', async () => {
    const held: ServerResponse[] = []
    const { open, ask, answerOf } = await start({ connections: 2 }, (response) => void held.push(response))
    const waiting = await open('127.0.0.1', request)
    await expect.poll(() => held.length).toBe(1)
    const upgraded = await open(
      '127.0.0.1',
      request.replace('\r\n\r\n', '\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'),
    )
    expect(await answerOf(upgraded)).toBe('101')
    expect(await ask('127.0.0.1')).toBe('closed')
    const answer = answerOf(waiting)
    held[0]?.end('late')
    expect(await answer).toBe('200')
    const next = ask('127.0.0.1')
    await expect.poll(() => held.length).toBe(2)
    held[1]?.end()
    expect(await next).toBe('200')
  })

  it.each([
    ['a path in raw UTF-8', 'GET /\u00fc HTTP/1.1\r\nHost: a\r\n\r\n', 400, /percent-encoded, such as %C3%BC for ü/],
    ['a field without a colon', 'GET / HTTP/1.1\r\nHost a\r\n\r\n', 400, /not valid HTTP\/1\.1: /],
    ['a control character', 'GET / HTTP/1.1\r\nHost: a\0\r\n\r\n', 400, /not valid HTTP\/1\.1: /],
    ['no HTTP', '\x16\x03\x01\x02\r\n\r\n', 400, /not valid HTTP\/1\.1: /],
    [
      'a chunk without a size',
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      400,
      /not valid HTTP\/1\.1: /,
    ],
    [
      'chunk extensions of 17 KiB',
      `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;${'a'.repeat(17 * 1024)}\r\nx\r\n0\r\n\r\n`,
      400,
      /not valid HTTP\/1\.1: Chunk extensions overflow/,
    ],
    ['an end in its middle', 'GET / HTTP/1.1\r\nHost: a\r\n', 400, /not valid HTTP\/1\.1/],
    ['fields of 70 KiB', `GET / HTTP/1.1\r\nHost: a\r\nCookie: ${'a'.repeat(70_000)}\r\n\r\n`, 431, /more than 64 KiB/],
    ['fields that never end', 'GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ', 408, /did not arrive in time/],
  ])('answers a request with %s with a problem', async (name, text, status, detail) => {
    const { open } = await start({ headSeconds: name.startsWith('fields that') ? 0.1 : 60 }, () => {})
    const socket = await open('127.0.0.1', text)
    if (name.startsWith('an end')) socket.end()
    let answer = ''
    socket.on('data', (piece) => {
      answer += String(piece)
    })
    await once(socket, 'close')
    const [head = '', body = ''] = answer.split('\r\n\r\n')
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} .*\\r\\nContent-Type: application/problem\\+json\\r\\n`))
    expect(JSON.parse(body)).toMatchObject({ status, type: expect.stringContaining('urn:sitewright:problem:') })
    expect(body).toMatch(detail)
  })

  it('adds no answer to one that has begun', async () => {
    const { open } = await start({}, (response) => void response.write('begun'))
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n'
    const socket = await open('127.0.0.1', head)
    let answer = ''
    socket.on('data', (piece) => {
      answer += String(piece)
      if (answer.includes('begun')) socket.write('zz\r\n')
    })
    await once(socket, 'close')
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1)
  })
})

describe('a connection with requests in a row', () => {
  it('is answered in order, though Node pauses it while answers pile up', async () => {
    const { port } = await start({}, (response) => void response.end('x'.repeat(16_384)))
    const socket = connect({ port, host: '127.0.0.1' })
    onTestFinished(() => void socket.destroy())
    const requests = 500
    socket.write(request.repeat(requests))
    let body = 0
    const answered = new Promise<void>((resolve) => {
      socket.on('data', (bytes: Buffer) => {
        body += bytes.toString('latin1').split('x').length - 1
        if (body >= requests * 16_384) resolve()
      })
    })
    await answered
    expect(body).toBe(requests * 16_384)
  })
})
