import { once } from 'node:events'
import { request as httpRequest, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { Limits } from '../../core/plan/plan.ts'
import { activeSite, plansWith } from './sites.ts'
import { exchange, openSocket, startRouter, startSite, visit } from './stage.ts'

const mebibyte = 1_048_576
const shop = 'shop.localhost'

/** Two trial sites that answer by hand or at once, and a clock that a test turns. */
const behindLimits = async (
  limits: Partial<Limits>,
  answer: (response: ServerResponse) => void = (response) => void response.end('fine'),
) => {
  const time = { now: 0 }
  const seen: string[] = []
  const site = await startSite((request, response) => {
    seen.push(request.method ?? '')
    request
      .on('error', () => {})
      .on('end', () => answer(response))
      .resume()
  })
  const router = await startRouter(
    {
      'acme.localhost': activeSite(site.endpoint, { number: 1 }),
      [shop]: activeSite(site.endpoint, { number: 2, hostname: shop }),
    },
    { plans: plansWith(limits), now: () => time.now },
  )
  return { ...router, site, seen, time }
}

const problemOf = (body: string): string => JSON.parse(body).type

describe('a site at a limit of its plan', () => {
  it('answers 429 with Retry-After as page and problem, then serves again', async () => {
    const { port, seen, time } = await behindLimits({ requestsPerMinute: 3 })
    for (let count = 0; count < 3; count += 1) expect((await visit(port)).status).toBe(200)
    time.now = 20_000
    const refused = await visit(port)
    expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '41', 'cache-control': 'no-store' } })
    expect(problemOf(refused.body)).toBe('urn:sitewright:problem:rate-limited')
    const page = await visit(port, { headers: { accept: 'text/html' } })
    expect(page).toMatchObject({ status: 429, headers: { 'content-type': 'text/html; charset=utf-8' } })
    expect(page.body).toContain('<h1>This site has too many requests</h1>')
    expect(seen).toHaveLength(3)
    time.now = 61_000
    expect((await visit(port)).status).toBe(200)
  })

  it('does not affect other sites', async () => {
    const { port } = await behindLimits({ requestsPerMinute: 1 })
    await visit(port)
    expect((await visit(port)).status).toBe(429)
    expect((await visit(port, { host: shop })).status).toBe(200)
  })

  it('finishes running transfers at the bandwidth limit, refuses new ones', async () => {
    const body = Buffer.alloc(3 * mebibyte, 'x')
    const { port, time } = await behindLimits({ bandwidthMiBPerMinute: 2 }, (response) => void response.end(body))
    expect((await visit(port)).body).toHaveLength(body.length)
    const refused = await visit(port)
    expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '61' } })
    expect(problemOf(refused.body)).toBe('urn:sitewright:problem:bandwidth-limited')
    time.now = 61_000
    expect((await visit(port)).status).toBe(200)
  })

  it('counts uploads as bandwidth', async () => {
    const { port } = await behindLimits({ bandwidthMiBPerMinute: 1 })
    expect((await visit(port, { method: 'POST', body: 'x'.repeat(mebibyte) })).status).toBe(200)
    expect((await visit(port)).status).toBe(429)
  })

  it('admits a visitor when another has left', async () => {
    const held: ServerResponse[] = []
    const { port, site } = await behindLimits({ connections: 2 }, (response) => void held.push(response))
    const first = visit(port)
    await once(site.server, 'request')
    const second = httpRequest({ port, host: '127.0.0.1', headers: { host: 'acme.localhost' }, agent: false }).end()
    second.on('error', () => {})
    await once(site.server, 'request')
    const refused = await visit(port)
    expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '1' } })
    expect(problemOf(refused.body)).toBe('urn:sitewright:problem:connections-limited')

    held[0]!.end('late')
    expect((await first).body).toBe('late')
    const third = visit(port)
    await once(site.server, 'request')
    expect((await visit(port)).status).toBe(429)

    const gone = once(held[1]!, 'close')
    second.destroy()
    await gone
    const fourth = visit(port)
    await once(site.server, 'request')
    for (const response of held.slice(2)) response.end('later')
    expect((await Promise.all([third, fourth])).map(({ body }) => body)).toEqual(['later', 'later'])
  })

  it('counts upgraded connections and their bytes', async () => {
    const { port, site } = await behindLimits({ connections: 1, bandwidthMiBPerMinute: 1 })
    site.server.on('upgrade', (_request, socket: Socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
      socket.on('error', () => {}).pipe(socket)
    })
    const handshake = 'GET /ws HTTP/1.1\r\nHost: acme.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
    const visitor = await openSocket(port)
    visitor.write(handshake)
    await once(visitor, 'data')
    expect(await exchange(port, handshake)).toMatch(/^HTTP\/1\.1 429 .*\r\nRetry-After: 1\r\n/s)
    expect((await visit(port)).status).toBe(429)
    let received = 0
    const echoed = new Promise<void>((resolve) => {
      visitor.on('data', (chunk) => {
        received += chunk.length
        if (received === mebibyte) resolve()
      })
    })
    visitor.write(Buffer.alloc(mebibyte))
    await echoed
    visitor.end()
    await once(visitor, 'close')
    const refused = await visit(port)
    expect(problemOf(refused.body)).toBe('urn:sitewright:problem:bandwidth-limited')
  })
})

describe('a client that uses up the plan of a site', () => {
  const from = (address: string) => ({ headers: { 'x-test-address': address } })

  const behindClients = async (limits: Partial<Limits>) => {
    const site = await startSite((_, response) => void response.end('fine'))
    site.server.on('upgrade', (_request, socket: Socket) => {
      socket.on('error', () => {})
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    })
    return startRouter(
      { 'acme.localhost': activeSite(site.endpoint) },
      {
        plans: plansWith(limits),
        visitorAddressOf: ({ headers }) => String(headers['x-test-address'] ?? ''),
        isProxy: (address) => address === '192.0.2.99',
      },
    )
  }

  it.each([
    ['192.0.2.1', '192.0.2.2', 200],
    ['192.0.2.1', '192.0.2.1', 429],
    ['2001:db8::1', '2001:db8:0:1::1', 200],
    ['2001:db8::1', '2001:db8::2', 429],
    ['192.0.2.1', '192.0.2.99', 429],
    ['192.0.2.1', '', 429],
  ])('from %s: a request from %s is answered %i', async (greedy, other, status) => {
    const { port } = await behindClients({ requestsPerMinute: 5 })
    for (let count = 0; count < 5; count += 1) expect((await visit(port, from(greedy))).status).toBe(200)
    expect((await visit(port, from(greedy))).status).toBe(429)
    expect((await visit(port, from(other))).status).toBe(status)
  })

  it('with idle WebSockets: others are served', async () => {
    const { port } = await behindClients({ connections: 5 })
    for (let count = 0; count < 5; count += 1) {
      const socket = await openSocket(port)
      socket.write(
        'GET /ws HTTP/1.1\r\nHost: acme.localhost\r\nX-Test-Address: 192.0.2.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      )
      expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 101 /)
    }
    expect((await visit(port, from('192.0.2.1'))).status).toBe(429)
    expect((await visit(port, from('192.0.2.2'))).status).toBe(200)
  })
})

describe('an upload', () => {
  it('declared too large is refused without reaching the site', async () => {
    const { port, seen } = await behindLimits({ uploadMiB: 1 })
    const head = `POST / HTTP/1.1\r\nHost: acme.localhost\r\nContent-Length: ${mebibyte + 1}\r\n\r\n`
    const visitor = await openSocket(port)
    visitor.write(head)
    const [answer] = await once(visitor, 'data')
    expect(String(answer)).toMatch(/^HTTP\/1\.1 413 .*payload-too-large.*up to 1 MB/s)
    expect(seen).toEqual([])
  })

  it('that proves too large is cut off with the same answer', async () => {
    const { port, site } = await behindLimits({ uploadMiB: 1 }, () => {})
    const aborted = once(site.server, 'request').then(([request]) => once(request, 'aborted'))
    const { status, body } = await visit(port, {
      method: 'POST',
      headers: { 'transfer-encoding': 'chunked' },
      body: 'x'.repeat(mebibyte + 1),
    })
    expect([status, problemOf(body)]).toEqual([413, 'urn:sitewright:problem:payload-too-large'])
    await aborted
  })

  it('of exactly the limit passes', async () => {
    const { port } = await behindLimits({ uploadMiB: 1 })
    const body = 'x'.repeat(mebibyte)
    for (const headers of [{}, { 'transfer-encoding': 'chunked' }]) {
      expect((await visit(port, { method: 'PUT', headers, body })).status).toBe(200)
    }
  })
})

describe('a site whose storage is full', () => {
  const full = async () => {
    const site = await startSite((request, response) => void request.resume().on('end', () => response.end('fine')))
    return startRouter({ 'acme.localhost': { ...activeSite(site.endpoint), storage: 'full' } })
  }

  it.each(['POST', 'PUT', 'PATCH', 'MKCOL', 'COPY', 'PROPPATCH'])(
    'answers %s with 507 and what to do',
    async (method) => {
      const { port } = await full()
      const refused = await visit(port, { method, headers: { accept: 'text/html' } })
      expect(refused.status).toBe(507)
      expect(refused.body).toContain('delete data that is no longer needed')
      expect(problemOf((await visit(port, { method })).body)).toBe('urn:sitewright:problem:storage-full')
    },
  )

  it.each(['GET', 'HEAD', 'OPTIONS', 'DELETE', 'PROPFIND'])('forwards %s', async (method) => {
    const { port } = await full()
    expect((await visit(port, { method })).status).toBe(200)
  })

  it('forwards everything while nearly full', async () => {
    const site = await startSite((request, response) => void request.resume().on('end', () => response.end('fine')))
    const { port } = await startRouter({ 'acme.localhost': { ...activeSite(site.endpoint), storage: 'near' } })
    expect((await visit(port, { method: 'POST', body: 'more' })).status).toBe(200)
  })
})

describe('a trial', () => {
  it('adds its end and noindex to every answer', async () => {
    const { port } = await behindLimits({})
    const { headers } = await visit(port)
    expect(headers).toMatchObject({ 'x-sitewright-trial': 'ends=2026-03-15T12:00:00.000Z', 'x-robots-tag': 'noindex' })
  })

  it('adds nothing on a plan', async () => {
    const site = await startSite((_, response) => void response.end('fine'))
    const { port } = await startRouter({ 'acme.localhost': activeSite(site.endpoint, { plan: 'team' }) })
    const { headers } = await visit(port)
    expect(headers).not.toHaveProperty('x-sitewright-trial')
    expect(headers).not.toHaveProperty('x-robots-tag')
  })
})

describe('a host whose disk is almost full', () => {
  const short = async () => {
    const site = await startSite((request, response) => void request.resume().on('end', () => response.end('fine')))
    const disk = { isShort: true }
    return {
      disk,
      ...(await startRouter({ 'acme.localhost': activeSite(site.endpoint) }, { isDiskShort: () => disk.isShort })),
    }
  }

  it.each(['POST', 'PUT', 'PATCH', 'MKCOL'])('answers %s with 507 until the disk has room', async (method) => {
    const { port, disk } = await short()
    const refused = await visit(port, { method })
    expect(refused).toMatchObject({ status: 507, headers: { 'retry-after': '300' } })
    expect(problemOf(refused.body)).toBe('urn:sitewright:problem:disk-short')
    expect((await visit(port, { method, headers: { accept: 'text/html' } })).body).toContain('disk of its host')
    disk.isShort = false
    expect((await visit(port, { method })).status).toBe(200)
  })

  it.each(['GET', 'HEAD', 'DELETE'])('forwards %s', async (method) => {
    const { port } = await short()
    expect((await visit(port, { method })).status).toBe(200)
  })
})
