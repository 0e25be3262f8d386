import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createConnectionPool, type PoolRequest, UnsendableRequest } from '../../../router/upstream/connection-pool.ts'

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

/** A server that says what a test wants to each piece that it receives, and a pool for it. */
const setUp = async (
  say: (socket: Socket, received: string) => void,
  { silentMilliseconds = 0, now }: { readonly silentMilliseconds?: number; readonly now?: () => number } = {},
) => {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.on('data', (bytes: Buffer) => say(socket, bytes.toString('latin1')))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  const pool = createConnectionPool({ host: '127.0.0.1', port: address.port }, now)
  onTestFinished(() => {
    pool.destroy()
    for (const socket of sockets) socket.destroy()
    server.close()
  })

  const ask = (request: Partial<PoolRequest> = {}, piece: (bytes: Buffer) => boolean = () => true) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    let body = ''
    const running = pool.request(
      {
        method: 'GET',
        path: '/',
        headers: ['Host', 'a'],
        body: undefined,
        bounds: { silentMilliseconds, fieldsBytes: 16_384 },
        maxIdleMilliseconds: Number.POSITIVE_INFINITY,
        ...request,
      },
      {
        sent: () => {},
        head: ({ status }) => {
          body = `${status} `
        },
        piece: (bytes) => {
          body += bytes.toString('latin1')
          return piece(bytes)
        },
        end: () => resolve(body),
        fail: reject,
      },
    )
    return { ...running, answer: promise }
  }
  return { pool, sockets, ask }
}

const refused = async (_: string, request: Partial<PoolRequest>): Promise<void> => {
  const { ask, pool } = await setUp(() => {})
  expect(() => ask(request)).toThrow(UnsendableRequest)
  expect(pool.openRequests()).toBe(0)
}

describe('a pool of connections', () => {
  it('uses a connection again', async () => {
    const { ask, sockets, pool } = await setUp((socket) => socket.write(ok))
    for (let request = 0; request < 3; request += 1) expect(await ask().answer).toBe('200 ok')
    expect(sockets).toHaveLength(1)
    expect(pool.openRequests()).toBe(0)
  })

  it('opens one for each of several requests at once', async () => {
    const { ask, sockets, pool } = await setUp((socket) => void setTimeout(() => socket.write(ok), 20))
    const asked = [ask(), ask(), ask()]
    expect(pool.openRequests()).toBe(3)
    expect(await Promise.all(asked.map(({ answer }) => answer))).toEqual(['200 ok', '200 ok', '200 ok'])
    expect(sockets).toHaveLength(3)
  })

  it.each([
    ['an end', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok'],
    ['a short patience', 'HTTP/1.1 200 OK\r\nKeep-Alive: timeout=2\r\nContent-Length: 2\r\n\r\nok'],
    ['more than one answer', `${ok}${ok}`],
  ])('uses no connection again after %s', async (_, text) => {
    const { ask, sockets } = await setUp((socket) => socket.write(text))
    expect(await ask().answer).toBe('200 ok')
    expect(await ask().answer).toBe('200 ok')
    expect(sockets).toHaveLength(2)
  })

  it.each([
    ['GET', 2],
    ['DELETE', 2],
    ['POST', 1],
  ])(
    'after a %s with a body there are %i connections: the site may take the body for a request',
    async (method, count) => {
      const { ask, sockets } = await setUp((socket, text) => void (text.endsWith('ab') && socket.write(ok)))
      for (let request = 0; request < 2; request += 1) {
        const body = Readable.from([Buffer.from('ab')])
        expect(await ask({ method, headers: ['Content-Length', '2'], body }).answer).toBe('200 ok')
      }
      expect(sockets).toHaveLength(count)
    },
  )

  it('gives nobody the body of an answer that must have none', async () => {
    const { ask } = await setUp((socket, text) => {
      if (!text.startsWith('HEAD')) return void setTimeout(() => socket.write(ok), 50)
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n')
      setTimeout(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil'), 10)
    })
    expect(await ask({ method: 'HEAD' }).answer).toBe('200 ')
    expect(await ask().answer).toBe('200 ok')
  })

  it('uses no connection again on which a site said something without a request', async () => {
    const { ask, sockets, pool } = await setUp((socket) => socket.write(ok))
    await ask().answer
    sockets[0]?.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nfor me')
    await once(sockets[0] ?? expect.fail(), 'close')
    expect(await ask().answer).toBe('200 ok')
    expect(pool.openRequests()).toBe(0)
  })

  it('closes connections that are idle for long', async () => {
    const { ask, sockets } = await setUp((socket) => socket.write(ok))
    await ask().answer
    const now = performance.now()
    const clock = vi.spyOn(performance, 'now').mockReturnValue(now + 5000)
    onTestFinished(() => clock.mockRestore())
    await once(sockets[0] ?? expect.fail(), 'close')
  })

  it('uses a connection again whose site names a number of requests, but no time', async () => {
    const text = 'HTTP/1.1 200 OK\r\nKeep-Alive: max=100\r\nContent-Length: 2\r\n\r\nok'
    const { ask, sockets } = await setUp((socket) => socket.write(text))
    await ask().answer
    await ask().answer
    expect(sockets).toHaveLength(1)
  })

  it('gives a request that usually has a body the length 0', async () => {
    const received: string[] = []
    const { ask } = await setUp((socket, text) => {
      received.push(text)
      socket.write(ok)
    })
    await ask({ method: 'POST' }).answer
    await ask({ method: 'PUT', headers: ['Content-Length', '0'] }).answer
    await ask({ method: 'DELETE' }).answer
    expect(received).toEqual([
      'POST / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n',
      'PUT / HTTP/1.1\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n',
      'DELETE / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n',
    ])
  })

  it('fails if a site closes while it does not read a body', async () => {
    const { ask, sockets } = await setUp((socket) => void socket.pause().end())
    const body = Readable.from(Array.from({ length: 400 }, () => Buffer.alloc(65_536)))
    const { answer } = ask({ method: 'POST', body })
    await expect(answer).rejects.toMatchObject({ code: expect.stringMatching(/ECONNRESET|EPIPE/) })
    expect(sockets).toHaveLength(1)
  })

  it('gets an answer that came before the site reset the connection without reading the body', async () => {
    const body = new Readable({ read: () => {} })
    const { ask } = await setUp((socket) => {
      socket.write('HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno')
      socket.resetAndDestroy()
      // Before the answer is read.
      body.push('b')
    })
    body.push('a')
    expect(await ask({ method: 'POST', body }).answer).toBe('413 no')
  })

  it('gets the rest of such an answer for a slow reader, and no other request on that connection', async () => {
    const rest = 30_000
    const body = new Readable({ read: () => {} })
    const { ask, sockets } = await setUp((socket, text) => {
      if (text.startsWith('GET')) socket.write(ok)
      if (text.startsWith('POST')) socket.write(`HTTP/1.1 413 Too Large\r\nContent-Length: ${1 + rest}\r\n\r\nx`)
    })
    body.push('a')
    const { answer, resume } = ask({ method: 'POST', headers: ['Content-Length', '2'], body }, (bytes) => {
      if (bytes.length > 1) return true
      sockets[0]?.write('x'.repeat(rest))
      sockets[0]?.resetAndDestroy()
      body.push('b')
      body.push(null)
      setTimeout(resume, 200)
      return false
    })
    expect(await answer).toHaveLength('413 x'.length + rest)
    expect(await ask().answer).toBe('200 ok')
    expect(sockets).toHaveLength(2)
  })

  it('watches the time of an answer again after a slow visitor, and after a slow answer', async () => {
    const { ask } = await setUp(
      (socket, received) => {
        if (!received.startsWith('GET')) return
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no')
        setTimeout(() => socket.write('k'), 300)
        socket.removeAllListeners('data')
      },
      { silentMilliseconds: 100 },
    )
    const body = new Readable({ read: () => {} })
    const { answer } = ask({ method: 'POST', headers: ['Content-Length', '2'], body })
    body.push('a')
    setTimeout(() => {
      body.push('b')
      body.push(null)
    }, 300)
    await expect(answer).rejects.toMatchObject({ code: 'SITEWRIGHT_ANSWER_TIMEOUT' })
    expect(await ask().answer).toBe('200 ok')
    await expect(ask().answer).rejects.toMatchObject({ code: 'SITEWRIGHT_ANSWER_TIMEOUT' })
  })

  it('sends a body without a length in chunks, and others as they are', async () => {
    const received: string[] = []
    const { ask } = await setUp((socket, text) => {
      received.push(text)
      if (/(?:0\r\n\r\n|abc)$/.test(received.join(''))) socket.write(ok)
    })
    const body = () => Readable.from([Buffer.from('ab'), Buffer.from('c')])
    await ask({ method: 'POST', body: body() }).answer
    expect(received.splice(0).join('')).toBe(
      'POST / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n',
    )
    await ask({ method: 'POST', headers: ['content-length', '3'], body: body() }).answer
    expect(received.join('')).toBe('POST / HTTP/1.1\r\ncontent-length: 3\r\nConnection: keep-alive\r\n\r\nabc')
  })

  it('gives a connection up when the answer comes before the whole body has been sent', async () => {
    const { ask, sockets } = await setUp((socket) => socket.write(ok))
    const body = new Readable({ read: () => {} })
    body.push('a')
    expect(await ask({ method: 'POST', body }).answer).toBe('200 ok')
    expect(body.destroyed).toBe(true)
    await once(sockets[0] ?? expect.fail(), 'close')
  })

  it('fails with the body', async () => {
    const { ask, sockets } = await setUp(() => {})
    const body = new Readable({ read: () => {} })
    const { answer } = ask({ method: 'POST', body })
    await vi.waitFor(() => expect(sockets).toHaveLength(1))
    body.destroy(new Error('the visitor went away'))
    await expect(answer).rejects.toThrow('the visitor went away')
  })

  it('stops reading until the reader can take more', async () => {
    const size = 4_000_000
    const { ask } = await setUp((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`)
      socket.write('x'.repeat(size))
    })
    const pieces: number[] = []
    const { resume, answer } = ask({}, (bytes) => {
      pieces.push(bytes.length)
      return false
    })
    await vi.waitFor(() => expect(pieces).toHaveLength(1))
    await pause(50)
    expect(pieces).toHaveLength(1)
    const resuming = setInterval(resume, 1)
    onTestFinished(() => clearInterval(resuming))
    expect(await answer).toHaveLength('200 '.length + size)
  })

  it.each([
    ['a path', { path: '/a\r\nX-A: b' }],
    ['a name', { headers: ['X-A: b\r\nX-B', 'c'] }],
    ['a value', { headers: ['X-A', 'b\nX-B: c'] }],
  ])('refuses %s with the end of a line', refused)

  it.each([['80'], [''], ['x']])('refuses the length %j without a body', async (length) =>
    refused('', { headers: ['Content-Length', length] }),
  )

  it('fails if a site does not answer in time, but waits for the body of a visitor', async () => {
    const { ask } = await setUp((socket, text) => void (text.endsWith('b') && socket.write(ok)), {
      silentMilliseconds: 100,
    })
    await expect(ask().answer).rejects.toMatchObject({ code: 'SITEWRIGHT_ANSWER_TIMEOUT' })
    const body = new Readable({ read: () => {} })
    const { answer } = ask({ method: 'POST', headers: ['Content-Length', '2'], body })
    body.push('a')
    setTimeout(() => {
      body.push('b')
      body.push(null)
    }, 300)
    expect(await answer).toBe('200 ok')
  })

  it('fails if a site sends its head byte by byte for too long, or reads no more of a body after its answer began', async () => {
    const { ask } = await setUp(
      (socket, text) => {
        if (text.startsWith('POST')) return void socket.pause().write('HTTP/1.1 200 OK\r\n\r\na')
        const drip = setInterval(() => socket.write('HTTP/1.1 103 A\r\n\r\n'), 20)
        socket.on('close', () => clearInterval(drip))
      },
      { silentMilliseconds: 200 },
    )
    await expect(ask().answer).rejects.toMatchObject({ code: 'SITEWRIGHT_ANSWER_TIMEOUT' })
    const body = new Readable({ read: () => void body.push(Buffer.alloc(65_536)) })
    await expect(ask({ method: 'POST', body }).answer).rejects.toMatchObject({ code: 'SITEWRIGHT_ANSWER_TIMEOUT' })
  })

  it('does not take a site for late whose answer the visitor is slow to read', async () => {
    const { ask } = await setUp(
      (socket) => socket.removeAllListeners('data').pause().write('HTTP/1.1 200 OK\r\n\r\na'),
      { silentMilliseconds: 100 },
    )
    const body = new Readable({ read: () => void body.push(Buffer.alloc(65_536)) })
    const { answer, abort } = ask({ method: 'POST', body }, () => false)
    const failed = vi.fn()
    answer.catch(failed)
    await pause(400)
    expect(failed).not.toHaveBeenCalled()
    abort()
  })

  it('makes no further call after an abort', async () => {
    const { ask, sockets, pool } = await setUp(() => {})
    const { abort, answer } = ask()
    answer.catch(() => expect.fail('it failed'))
    await vi.waitFor(() => expect(sockets).toHaveLength(1))
    abort()
    await once(sockets[0] ?? expect.fail(), 'close')
    await vi.waitFor(() => expect(pool.openRequests()).toBe(0))
  })

  it('lets requests end when it closes', async () => {
    const { ask, sockets, pool } = await setUp(() => {})
    const { answer } = ask()
    await vi.waitFor(() => expect(sockets).toHaveLength(1))
    let isClosed = false
    const closed = pool.close().then(() => {
      isClosed = true
    })
    sockets[0]?.write(ok)
    expect(await answer).toBe('200 ok')
    await closed
    expect(isClosed).toBe(true)
  })

  it('fails requests when it is destroyed', async () => {
    const { ask, sockets, pool } = await setUp(() => {})
    const { answer } = ask()
    await vi.waitFor(() => expect(sockets).toHaveLength(1))
    pool.destroy()
    await expect(answer).rejects.toMatchObject({ code: 'SITEWRIGHT_ROUTER_CLOSES' })
  })
})
