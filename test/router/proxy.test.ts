import { once } from 'node:events'
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { decodeJwt, decodeProtectedHeader, importJWK, type JWK, jwtVerify } from 'jose'
import { request as fetchRaw } from 'undici'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { plusDays } from '../../core/instant.ts'
import { sourceIpOf } from '../../local/gateway/http-event.ts'
import { billing } from '../lambdas/billing/subscriptions.ts'
import { waitFor } from '../support/wait-for.ts'
import { activeSite, siteId } from './sites.ts'
import { exchange, openSocket, readAll, startRawSite, startRouter, startSite, visit } from './stage.ts'

/** Answers with what it was asked, as JSON. */
const mirror = () =>
  startSite(async (request, response) => {
    const { method, url, rawHeaders, headers } = request
    const body = await readAll(request)
    response.end(JSON.stringify({ method, url, rawHeaders, headers, body }))
  })

const behindRouter = async (site: Awaited<ReturnType<typeof startSite>>, plan = 'trial') => {
  const router = await startRouter({ 'acme.localhost': activeSite(site.endpoint, { plan }) })
  return { ...site, ...router }
}

describe('a request for a site', () => {
  it('arrives with method, path, host, fields and body unchanged', async () => {
    const { port } = await behindRouter(await mirror())
    const { status, body } = await visit(port, {
      method: 'PATCH',
      path: '/a%20b//c?x=1&x=2',
      headers: { 'X-Odd-Case': 'ä', accept: '*/*', 'x-list': ['1', '2'] },
      body: 'hello',
    })
    const seen = JSON.parse(body)
    expect(status).toBe(200)
    expect(seen).toMatchObject({ method: 'PATCH', url: '/a%20b//c?x=1&x=2', body: 'hello' })
    expect(seen.headers).toMatchObject({ host: 'acme.localhost:4000', 'content-length': '5', 'x-list': '1, 2' })
    expect(seen.rawHeaders).toContain('X-Odd-Case')
    expect(seen.headers['x-odd-case']).toBe('ä')
  })

  it.each([
    ['Čas vypršel', 'Čas vypršel'],
    ['tab\there', 'tab\there'],
    ['', 'OK'],
    ['Quite Fine', 'Quite Fine'],
  ])('is answered where the reason phrase is %j', async (phrase, expected) => {
    const site = await startSite(() => undefined)
    site.server.removeAllListeners('request')
    site.server.removeAllListeners('connection')
    site.server.on('connection', (socket: Socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => socket.end(`HTTP/1.1 200 ${phrase}\r\ncontent-length: 2\r\n\r\nok`))
    })
    const { port } = await startRouter({ 'acme.localhost': activeSite(site.endpoint) })
    const answer = await exchange(port, 'GET / HTTP/1.1\r\nhost: acme.localhost\r\nconnection: close\r\n\r\n')
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 200 ${expected}\r\n[^]*\r\n\r\nok$`))
  })

  it('carries an entitlement for this site instead of a forged one', async () => {
    const [one, other] = [await mirror(), await mirror()]
    const { port, rootPublicKey } = await startRouter({
      'acme.localhost': activeSite(one.endpoint, { number: 1 }),
      'shop.localhost': activeSite(other.endpoint, { number: 2, hostname: 'shop.localhost', plan: 'team' }),
    })
    const audiences = ['acme.localhost', 'shop.localhost'].map(async (host) => {
      const headers = { 'X-Sitewright-Entitlement': 'forged', 'x-sitewright-viewer': 'forged' }
      const seen = JSON.parse((await visit(port, { host, headers })).body)
      const token = seen.headers['x-sitewright-entitlement']
      const { cert } = decodeProtectedHeader(token)
      const root = await importJWK({ kty: 'OKP', crv: 'Ed25519', x: rootPublicKey }, 'EdDSA')
      const { payload: certified } = await jwtVerify<{ key: JWK }>(String(cert), root)
      const { payload } = await jwtVerify(token, await importJWK(certified.key, 'EdDSA'))
      expect(seen.headers).not.toHaveProperty('x-sitewright-viewer')
      return [payload.aud, payload['plan'], payload['facts']]
    })
    expect(await Promise.all(audiences)).toEqual([
      [siteId(1), 'trial', expect.objectContaining({ unlocks: { export: ['team'] } })],
      [siteId(2), 'team', expect.objectContaining({ unlocks: {} })],
    ])
  })

  it('tells only the site about an overdue payment', async () => {
    const site = await mirror()
    const pastDueSince = '2026-03-20T12:00:00.000Z'
    const { port } = await startRouter({
      'acme.localhost': {
        ...activeSite(site.endpoint, { plan: 'team' }),
        billing: billing({ plan: 'team', state: 'past-due', pastDueSince, paidThrough: pastDueSince }),
      },
    })
    const { body, headers } = await visit(port, {})
    const { facts } = decodeJwt(JSON.parse(body).headers['x-sitewright-entitlement'])
    expect(facts).toMatchObject({ trialEndsAt: null, paymentDueBy: plusDays(pastDueSince, 7), endsAt: null })
    expect(facts).toHaveProperty('consoleUrl')
    expect(Object.keys(headers).filter((name) => name.startsWith('x-'))).toEqual([])
  })

  it('takes the address of the visitor from the connection', async () => {
    const { port } = await behindRouter(await mirror())
    const forged = { 'x-forwarded-for': '10.9.8.7', forwarded: 'for=10.9.8.7', 'x-forwarded-proto': 'https' }
    const { headers } = JSON.parse((await visit(port, { headers: forged })).body)
    expect(headers).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'acme.localhost:4000',
      forwarded: 'for=127.0.0.1;host="acme.localhost:4000";proto=http',
    })
  })

  it('takes the address of the visitor from a trusted proxy', async () => {
    const site = await mirror()
    const { port } = await startRouter(
      { 'acme.localhost': activeSite(site.endpoint) },
      { visitorAddressOf: (request) => sourceIpOf(request) },
    )
    const { headers } = JSON.parse(
      (await visit(port, { headers: { 'x-forwarded-for': '10.9.8.7, 203.0.113.9' } })).body,
    )
    expect(headers).toMatchObject({
      'x-forwarded-for': '203.0.113.9',
      'x-real-ip': '203.0.113.9',
      forwarded: 'for=203.0.113.9;host="acme.localhost:4000";proto=http',
    })
  })

  it('is marked as TLS behind a TLS proxy', async () => {
    const site = await mirror()
    const { port } = await startRouter({ 'acme.localhost': activeSite(site.endpoint) }, { visitorProtocol: 'https' })
    const { headers } = JSON.parse((await visit(port, { headers: { 'x-forwarded-proto': 'http' } })).body)
    expect(headers).toMatchObject({
      'x-forwarded-proto': 'https',
      forwarded: 'for=127.0.0.1;host="acme.localhost:4000";proto=https',
    })
  })

  it('without a body arrives without one', async () => {
    const { port } = await behindRouter(await mirror())
    const { headers } = JSON.parse((await visit(port)).body)
    expect(headers).not.toHaveProperty('content-length')
    expect(headers).not.toHaveProperty('transfer-encoding')
    const posted = JSON.parse((await visit(port, { method: 'POST', headers: { 'content-length': '0' } })).body)
    expect(posted.headers['content-length']).toBe('0')
  })

  it('with a chunked body arrives chunked and whole', async () => {
    const { port } = await behindRouter(await mirror())
    const answer = await exchange(
      port,
      'POST / HTTP/1.1\r\nHost: acme.localhost\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n',
    )
    expect(answer).toContain('"body":"abcde"')
    expect(answer).toContain('"transfer-encoding":"chunked"')
  })

  it('gets 100-continue from the router, not the site', async () => {
    const { port } = await behindRouter(await mirror())
    const socket = await openSocket(port)
    socket.write(
      'POST / HTTP/1.1\r\nHost: acme.localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n',
    )
    const [first] = await once(socket, 'data')
    expect(String(first)).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    socket.write('hi')
    const rest = await readAll(socket)
    expect(rest).toContain('"body":"hi"')
    expect(rest).not.toContain('expect')
  })

  it('reuses the connection to the site', async () => {
    const site = await mirror()
    const connections = vi.fn()
    site.server.on('connection', connections)
    const { port } = await behindRouter(site)
    for (const path of ['/1', '/2', '/3']) expect((await visit(port, { path })).status).toBe(200)
    expect(connections).toHaveBeenCalledTimes(1)
  })

  it('is answered in order when pipelined', async () => {
    const site = await startSite(async (request, response) => {
      if (request.url === '/slow') await sleep(20)
      response.end(request.url)
    })
    const { port } = await behindRouter(site)
    const ask = (path: string, last = '') => `GET ${path} HTTP/1.1\r\nHost: acme.localhost\r\n${last}\r\n`
    const answers = await exchange(port, ask('/slow') + ask('/fast', 'Connection: close\r\n'))
    expect(answers.match(/\/(slow|fast)/g)).toEqual(['/slow', '/fast'])
  })
})

describe('the answer of a site', () => {
  it('arrives with status, message, fields and body', async () => {
    const site = await startSite((_, response) => {
      response.writeHead(418, 'Short and stout', ['X-Odd-Case', '1', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2'])
      response.end('tea')
    })
    const { port } = await behindRouter(site, 'team')
    const answer = await exchange(port, 'GET / HTTP/1.1\r\nHost: acme.localhost\r\nConnection: close\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1.1 418 Short and stout\r\n/)
    expect(answer).toContain('X-Odd-Case: 1\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n')
    expect(answer).toMatch(/\r\n\r\n3\r\ntea\r\n0\r\n\r\n$/)
    expect(answer).not.toMatch(/x-robots-tag/i)
  })

  it.each([256, 65_536])('arrives byte for byte: %i bytes', async (length) => {
    const bytes = Buffer.from(Array.from({ length }, (_, index) => index % 256))
    const site = await startSite((_, response) => {
      response.writeHead(200, { 'Content-Length': length })
      response.end(bytes)
    })
    const { port } = await behindRouter(site)
    const { body } = await fetchRaw(`http://127.0.0.1:${port}/`, { headers: { host: 'acme.localhost:4000' } })
    expect(bytes.equals(Buffer.from(await body.arrayBuffer()))).toBe(true)
  })

  it('loses parent domain cookies and reserved fields; a trial gets noindex', async () => {
    const site = await startSite((_, response) => {
      response.setHeader('Set-Cookie', ['own=1', 'wide=1; Domain=localhost'])
      response.setHeader('X-Sitewright-Entitlement', 'echo')
      response.end()
    })
    const { port } = await behindRouter(site)
    const { headers } = await visit(port)
    expect(headers['set-cookie']).toEqual(['own=1'])
    expect(headers).not.toHaveProperty('x-sitewright-entitlement')
    expect(headers['x-robots-tag']).toBe('noindex')
  })

  it.each([
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ])('to %s with %i has no body and leaves the connection usable', async (method, status) => {
    const site = await startSite((request, response) => {
      if (request.url === '/next') return response.end('next')
      return response.writeHead(status, { ETag: '"1"', ...(status === 204 ? {} : { 'Content-Length': '5' }) }).end()
    })
    const { port } = await behindRouter(site)
    const answers = await exchange(
      port,
      `${method} / HTTP/1.1\r\nHost: acme.localhost\r\n\r\nGET /next HTTP/1.1\r\nHost: acme.localhost\r\nConnection: close\r\n\r\n`,
    )
    const [head, next] = answers.split(/\r\n\r\n(?=HTTP)/)
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(head).not.toMatch(/transfer-encoding/i)
    expect(next).toMatch(/^HTTP\/1.1 200 OK.*next/s)
  })

  it('streams event by event, headers first', async () => {
    let say: (event: string) => void = () => {}
    const site = await startSite((_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders()
      say = (event) => response.write(`data: ${event}\n\n`)
    })
    const { port } = await behindRouter(site)
    const outgoing = httpRequest({ port, host: '127.0.0.1', headers: { host: 'acme.localhost' }, agent: false }).end()
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
    expect(response.headers['content-type']).toBe('text/event-stream')
    for (const event of ['one', 'two']) {
      say(event)
      const [chunk] = await once(response, 'data')
      expect(String(chunk)).toBe(`data: ${event}\n\n`)
    }
    outgoing.destroy()
  })

  it('that breaks off does so for the visitor too', async () => {
    const site = await startSite((_, response) => {
      response.writeHead(200, { 'Content-Length': '100' })
      response.write('half', () => response.destroy())
    })
    const { port } = await behindRouter(site)
    await expect(visit(port)).rejects.toThrow('aborted')
  })

  it.each([
    ['to HTTP/1.0', 'GET / HTTP/1.0\r\n'],
    ['that declines an upgrade', 'GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'],
  ])(
    '%s that breaks off ends with a reset: without a length, an end would look like that of a whole answer',
    async (_, line) => {
      const endpoint = await startRawSite((socket) =>
        socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf'),
      )
      const { port } = await startRouter({ 'acme.localhost': activeSite(endpoint) })
      await expect(exchange(port, `${line}Host: acme.localhost\r\n\r\n`)).rejects.toThrow('ECONNRESET')
    },
  )

  it('reaches a visitor who is still sending, and keeps the connection', async () => {
    const site = await startSite((request, response) => {
      response.writeHead(request.method === 'POST' ? 413 : 200).end('answered early')
    })
    const { port } = await behindRouter(site)
    const socket = await openSocket(port)
    const rest = Buffer.alloc(400_000)
    socket.write(`POST / HTTP/1.1\r\nHost: acme.localhost\r\nContent-Length: ${rest.length + 4}\r\n\r\npart`)
    const [first] = await once(socket, 'data')
    expect(String(first)).toMatch(/^HTTP\/1.1 413 /)
    socket.write(rest)
    socket.write('GET / HTTP/1.1\r\nHost: acme.localhost\r\nConnection: close\r\n\r\n')
    expect(await readAll(socket)).toMatch(/HTTP\/1.1 200 OK\r\n.*answered early/s)
  })
})

describe('a stream of 50 MB', () => {
  const size = 50 * 1024 * 1024
  const chunk = Buffer.alloc(64 * 1024, 'x')
  /** Kernel buffers on both ways and the streams' own: what may be underway although nobody reads. */
  const allowance = 20 * 1024 * 1024

  /** Writes as fast as the other side takes it; `written` says how much that was so far. */
  const pour = (write: (chunk: Buffer) => boolean, drained: () => Promise<unknown>) => {
    const state = { written: 0 }
    const done = (async () => {
      while (state.written < size) {
        state.written += chunk.length
        if (!write(chunk)) await drained()
      }
    })()
    return { state, done }
  }

  /** Waits until a number has stopped growing. */
  const settled = async (read: () => number) => {
    for (let last = -1; last !== read(); await sleep(100)) last = read()
    return read()
  }

  it('slows the site down for a slow visitor and arrives complete', async () => {
    const { promise: pouring, resolve } = Promise.withResolvers<ReturnType<typeof pour>>()
    const site = await startSite((_, response) => {
      response.writeHead(200, { 'Content-Length': size })
      const flow = pour(
        (piece) => response.write(piece),
        () => once(response, 'drain'),
      )
      void flow.done.then(() => response.end())
      resolve(flow)
    })
    const { port } = await behindRouter(site)
    const outgoing = httpRequest({ port, host: '127.0.0.1', headers: { host: 'acme.localhost' }, agent: false }).end()
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
    response.pause()
    const { state } = await pouring
    expect(await settled(() => state.written)).toBeLessThan(allowance)
    let received = 0
    for await (const piece of response) received += piece.length
    expect(received).toBe(size)
  })

  it('slows the visitor down for a slow site and arrives complete', async () => {
    const { promise: arrived, resolve } = Promise.withResolvers<IncomingMessage>()
    const site = await startSite(async (request, response) => {
      request.pause()
      resolve(request)
      const { promise: go, resolve: start } = Promise.withResolvers<void>()
      request.once('go', start)
      await go
      let received = 0
      for await (const piece of request) received += piece.length
      response.end(String(received))
    })
    const { port } = await behindRouter(site)
    const outgoing = httpRequest({
      port,
      host: '127.0.0.1',
      method: 'PUT',
      headers: { host: 'acme.localhost' },
      agent: false,
    })
    const { state, done } = pour(
      (piece) => outgoing.write(piece),
      () => once(outgoing, 'drain'),
    )
    const atSite = await arrived
    expect(await settled(() => state.written)).toBeLessThan(allowance)
    atSite.emit('go')
    await done
    outgoing.end()
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
    expect(await readAll(response)).toBe(String(size))
  })
})

describe('a visitor who leaves', () => {
  it.each(['before the answer', 'in the middle of the answer', 'in the middle of the request'])(
    '%s ends the request to the site',
    async (when) => {
      const { promise: atSite, resolve } = Promise.withResolvers<Socket>()
      const site = await startSite((request, response) => {
        if (when === 'in the middle of the answer') response.write('part')
        request.resume().on('error', () => {})
        resolve(request.socket)
      })
      const { port, logged } = await behindRouter(site)
      const socket = await openSocket(port)
      const [length, body] = when === 'in the middle of the request' ? [1000, 'part'] : [4, 'full']
      socket.write(`PUT / HTTP/1.1\r\nHost: acme.localhost\r\nContent-Length: ${length}\r\n\r\n${body}`)
      const upstream = await atSite
      if (when === 'in the middle of the answer') await once(socket, 'data')
      const closed = new Promise((resolve) => upstream.once('close', resolve))
      socket.destroy()
      await closed
      expect(logged).toEqual([])
    },
  )

  it('or stops sending gets a timeout, and the site an abort', async () => {
    const { promise: atSite, resolve } = Promise.withResolvers<Socket>()
    const site = await startSite((request) => {
      request.resume().on('error', () => {})
      resolve(request.socket)
    })
    const { port, logged } = await startRouter(
      { 'acme.localhost': activeSite(site.endpoint) },
      { bodyIdleMilliseconds: 200 },
    )
    const answer = exchange(port, 'PUT / HTTP/1.1\r\nHost: acme.localhost\r\nContent-Length: 1000\r\n\r\npart')
    const upstream = await atSite
    const closed = new Promise((resolve) => upstream.once('close', resolve))
    expect(await answer).toMatch(/^HTTP\/1\.1 408 .*Connection: close.*The body did not arrive in time/s)
    await closed
    expect(logged).toEqual([])
  })

  it.each([
    ['no site', 'nobody.localhost', 404],
    ['a site that answers early', 'acme.localhost', 413],
  ])('or sends endlessly to %s is cut off after the answer', async (_, host, status) => {
    const site = await startSite((_request, response) => void response.writeHead(413).end('too much'))
    const { port } = await startRouter({ 'acme.localhost': activeSite(site.endpoint) }, { drainMilliseconds: 20 })
    const answer = await exchange(port, `POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 1000000\r\n\r\npart`)
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  })

  it.each([
    ['an answer', ''],
    ['an answer that declines an upgrade', 'Connection: Upgrade\r\nUpgrade: websocket\r\n'],
  ])('or takes nothing of %s for five minutes is cut off, and so is the site', async (_, fields) => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const { promise: atSite, resolve } = Promise.withResolvers<Socket>()
    const endpoint = await startRawSite((socket) => {
      const pour = (): void => {
        if (socket.write(Buffer.alloc(65_536))) setImmediate(pour)
      }
      socket.on('drain', pour).write('HTTP/1.1 200 OK\r\n\r\n', pour)
      resolve(socket)
    })
    const { port, server } = await startRouter({ 'acme.localhost': activeSite(endpoint) })
    const connected = once(server, 'connection')
    const visitor = await openSocket(port)
    const [atRouter] = (await connected) as [Socket]
    visitor.on('error', () => undefined).write(`GET / HTTP/1.1\r\nHost: acme.localhost\r\n${fields}\r\n`)
    const upstream = await atSite
    const closed = new Promise((resolve) => upstream.once('close', resolve))
    const taken = () => atRouter.bytesWritten - atRouter.writableLength
    for (let part = 0; part < 3; part += 1) {
      const before = taken()
      visitor.resume()
      await waitFor(() => taken() > before)
      visitor.pause()
      await waitFor(() => atRouter.writableLength > 0)
      vi.advanceTimersByTime(5 * 60_000)
      expect(atRouter.destroyed).toBe(false)
    }
    await waitFor(() => vi.advanceTimersByTime(60_000) && atRouter.destroyed)
    await closed
  })

  it('does not affect the next one', async () => {
    const site = await startSite((request, response) => {
      if (request.url === '/') response.end('well')
    })
    const { port } = await behindRouter(site)
    const agent = new Agent({ keepAlive: true })
    const gone = httpRequest({
      port,
      host: '127.0.0.1',
      path: '/hang',
      headers: { host: 'acme.localhost' },
      agent,
    }).end()
    gone.on('error', () => {})
    await once(site.server, 'request')
    gone.destroy()
    expect((await visit(port)).body).toBe('well')
    agent.destroy()
  })
})

describe('closing the router', () => {
  it('finishes running requests', async () => {
    const { promise: atSite, resolve } = Promise.withResolvers<() => void>()
    const site = await startSite((_, response) => resolve(() => response.end('whole')))
    const { port, router } = await behindRouter(site)
    const visiting = visit(port)
    const answer = await atSite
    const closed = router.close(20_000)
    answer()
    expect((await visiting).body).toBe('whole')
    await closed
  })

  it('cuts off an endless answer after the grace period', async () => {
    const site = await startSite((_, response) => response.write('and on'))
    const { port, router } = await behindRouter(site)
    const socket = await openSocket(port)
    socket.write('GET / HTTP/1.1\r\nHost: acme.localhost\r\n\r\n')
    await once(socket, 'data')
    await router.close(0)
    await readAll(socket)
  })
})
