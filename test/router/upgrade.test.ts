import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { type AddressInfo, createServer as createNetServer, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { parseBlueprint } from '../../core/blueprint/blueprint.ts'
import type { Viewer } from '../../core/entitlement/viewer.ts'
import type { Endpoint } from '../../core/site/site.ts'
import { forwardUpgrade, type UpgradeAttempt } from '../../router/forward-upgrade.ts'
import { createTurns } from '../../router/turns.ts'
import config from '../../sitewright.config.ts'
import { waitFor } from '../support/wait-for.ts'
import { activeSite, plansWith, silentSites } from './sites.ts'
import { deadEndpoint, exchange, openSocket, readAll, startRawSite, startRouter, startSite } from './stage.ts'

const handshake = (fields = '') =>
  `GET /ws HTTP/1.1\r\nHost: acme.localhost\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n${fields}\r\n`

const switching = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'

/** A site whose side of an upgraded connection a test plays by hand. */
const rawSite = async (
  onUpgrade: (socket: Socket, request: IncomingMessage, head: Buffer) => void,
  options: Parameters<typeof startRouter>[1] = {},
) => {
  const site = await startSite((_, response) => response.end('no upgrade here'))
  site.server.on('upgrade', (request, socket: Socket, head) => {
    socket.on('error', () => {})
    onTestFinished(() => void socket.destroy())
    onUpgrade(socket, request, head)
  })
  return startRouter({ 'acme.localhost': activeSite(site.endpoint) }, options)
}

const fakeTimeouts = (): void => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
}

/** Both ends of a connection that has been upgraded. */
const upgradedPair = async (options: Parameters<typeof startRouter>[1] = {}) => {
  const { promise: atSite, resolve } = Promise.withResolvers<Socket>()
  const { port, router } = await rawSite((socket) => {
    socket.write(`${switching}\r\n`)
    resolve(socket)
  }, options)
  const visitor = await openSocket(port)
  visitor.on('error', () => {})
  visitor.write(handshake())
  await once(visitor, 'data')
  return { visitor, site: await atSite, router }
}

describe('a visit with an end', () => {
  const person = { personId: 'prsn_01jq3v5k8m0000000000000000', email: 'ada@example.com' } as const
  const visit = async (as: 'owner' | 'support', request: string, respond: Parameters<typeof startSite>[0]) => {
    const site = await startSite(respond)
    site.server.on('upgrade', (_request, socket: Socket) => {
      onTestFinished(() => void socket.destroy())
      socket.on('error', () => {}).write(`${switching}\r\n`)
    })
    // Long enough for both to begin on a busy machine.
    const until = new Date(Date.now() + 3000).toISOString()
    const viewer: Viewer = as === 'owner' ? { role: as, ...person, until } : { role: as, operatorId: 'op', until }
    const viewers = {
      signCookie: async () => '',
      recognise: async (cookie: string) => (cookie === 'theirs' ? { viewer, header: 'signed' } : undefined),
    }
    const { port } = await startRouter({ 'acme.localhost': activeSite(site.endpoint) }, { viewers })
    const visitor = await openSocket(port)
    visitor.on('error', () => {}).write(request)
    return { visitor, until }
  }
  const cookie = 'Cookie: sitewright_viewer=theirs\r\n'

  it('ends in the middle of a WebSocket, and of a response', async () => {
    const endsInTime = async (as: 'owner' | 'support', request: string) => {
      const { visitor, until } = await visit(as, request, (_request, response) => void response.write('endless'))
      await once(visitor, 'data')
      visitor.resume()
      await once(visitor, 'end')
      expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(until) - 5)
    }
    const response = `GET / HTTP/1.1\r\nHost: acme.localhost\r\n${cookie}\r\n`
    await Promise.all(
      (['owner', 'support'] as const).flatMap((as) =>
        [handshake(cookie), response].map((request) => endsInTime(as, request)),
      ),
    )
  })
})

describe('a WebSocket whose visitor has gone before its blueprint is read', () => {
  it('opens no connection to the site', async () => {
    const read = Promise.withResolvers<undefined>()
    const asked = Promise.withResolvers<undefined>()
    let connections = 0
    const { port } = await rawSite(
      () => {
        connections += 1
      },
      {
        blueprints: {
          get: () => {
            asked.resolve(undefined)
            return read.promise
          },
        },
      },
    )
    const visitor = await openSocket(port)
    visitor.on('error', () => {})
    visitor.write(handshake())
    await asked.promise
    visitor.resetAndDestroy()
    await sleep(100)
    read.resolve(undefined)
    await sleep(100)
    expect(connections).toBe(0)
  })
})

describe('a WebSocket of a client with more than its share', () => {
  it('is closed for another client where plan and room are used up', async () => {
    let address = ''
    const { port } = await rawSite((socket) => void socket.write(`${switching}\r\n`), {
      plans: plansWith({ connections: 4 }),
      visitorAddressOf: () => address,
    })
    const open = async (from: string) => {
      address = from
      const visitor = await openSocket(port)
      visitor.on('error', () => {})
      visitor.write(handshake())
      const [data] = (await once(visitor, 'data')) as [Buffer]
      return { visitor, status: String(data).split(' ')[1] }
    }
    const first = await open('198.51.100.1')
    for (const number of [1, 1, 1, 2, 2, 3, 4]) await open(`198.51.100.${number}`)
    const ended = once(first.visitor, 'end')
    expect((await open('198.51.100.5')).status).toBe('101')
    await ended
    expect((await open('198.51.100.1')).status).toBe('429')
  })
})

describe('a silent WebSocket', () => {
  const clients = { webSocketIdleSeconds: 0.2, roomForOthers: 1, turnMilliseconds: 4 }

  it('is closed on both sides', async () => {
    const { visitor, site } = await upgradedPair({ clients })
    await Promise.all([once(visitor.resume(), 'end'), once(site.resume(), 'end')])
  })

  it('stays open while either side sends', async () => {
    const { visitor, site } = await upgradedPair({ clients: { ...clients, webSocketIdleSeconds: 1 } })
    for (let turn = 0; turn < 6; turn += 1) {
      const [from, to] = turn < 3 ? [visitor, site] : [site, visitor]
      from.write('.')
      await once(to, 'data')
      await sleep(250)
    }
    expect([visitor.destroyed, site.destroyed]).toEqual([false, false])
  })

  it('may be silent for longer if its blueprint says so', async () => {
    const asked: unknown[] = []
    const blueprint = parseBlueprint(
      {
        name: 'welcome',
        version: 1,
        title: 'Welcome',
        containers: [{ name: 'web', image: 'welcome' }],
        traffic: { container: 'web', webSocketIdleSeconds: 10 },
        data: { mode: 'shared' },
      },
      'a test',
    )
    const get = async (...reference: unknown[]) => {
      asked.push(reference)
      return blueprint
    }
    const { visitor } = await upgradedPair({ clients, blueprints: { get } })
    await sleep(700)
    expect(visitor.destroyed).toBe(false)
    expect(asked).toEqual([['welcome', 1]])
  })

  it('is closed as configured while blueprints cannot be read', async () => {
    const get = () => Promise.reject(new Error('the store is away'))
    const { visitor } = await upgradedPair({ clients, blueprints: { get } })
    await once(visitor.resume(), 'end')
  })
})

describe('a WebSocket', () => {
  it('echoes text and binary both ways', async () => {
    const site = await startSite((_, response) => response.end())
    const sockets = new WebSocketServer({ server: site.server })
    sockets.on('connection', (socket) =>
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })),
    )
    const { port } = await startRouter({ 'acme.localhost': activeSite(site.endpoint) })
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, { headers: { host: 'acme.localhost' } })
    await once(socket, 'open')
    for (const message of [Buffer.from('hello'), Buffer.alloc(1_000_000, 7)]) {
      socket.send(message)
      const [answer] = (await once(socket, 'message')) as [Buffer]
      expect(answer.equals(message)).toBe(true)
    }
    socket.close(4001, 'enough')
    expect((await once(socket, 'close'))[0]).toBe(4001)
  })

  it('gets an answer where the reason phrase of the site is not ASCII', async () => {
    const { port } = await rawSite((socket) => socket.end('HTTP/1.1 403 Ne\u010d\r\ncontent-length: 0\r\n\r\n'))
    const visitor = await openSocket(port)
    visitor.write(handshake())
    expect(await readAll(visitor)).toMatch(/^HTTP\/1.1 403 Ne\u010d\r\n/)
  })

  it('reaches the site with the entitlement and clean fields', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<IncomingMessage>()
    const { port } = await rawSite((socket, request) => {
      resolve(request)
      socket.end(`${switching}Set-Cookie: wide=1; Domain=localhost\r\nX-Sitewright-Viewer: echo\r\nX-Kept: 1\r\n\r\n`)
    })
    const forged = 'X-Sitewright-Entitlement: forged\r\nX-Forwarded-For: 10.0.0.1\r\nSec-WebSocket-Key: k\r\n'
    const visitor = await openSocket(port)
    visitor.write(handshake(forged))
    const [answer] = await once(visitor, 'data')
    const { headers, rawHeaders } = await asked
    expect(headers).toMatchObject({ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-key': 'k' })
    expect(headers['x-forwarded-for']).toBe('127.0.0.1')
    expect(headers['x-sitewright-entitlement']).toMatch(/^eyJ/)
    expect(rawHeaders).not.toContain('forged')
    expect(String(answer)).toMatch(/^HTTP\/1.1 101 Switching Protocols\r\nX-Kept: 1\r\n/)
    expect(String(answer)).not.toMatch(/wide=1|x-sitewright-viewer/i)
  })

  it('keeps bytes sent together with the handshake', async () => {
    const { port } = await rawSite((socket, _, head) => {
      socket.write(`${switching}\r\nfrom the site|`)
      socket.write(head)
      socket.pipe(socket)
    })
    const visitor = await openSocket(port)
    visitor.end(`${handshake()}from the visitor`)
    expect(await readAll(visitor)).toMatch(/\r\n\r\nfrom the site\|from the visitor$/)
  })

  it.each([
    ['visitor', 'site'],
    ['site', 'visitor'],
  ] as const)('half-closed by the %s continues from the %s', async (one, other) => {
    const pair = await upgradedPair()
    pair[one].end('last words')
    expect(await readAll(pair[other])).toBe('last words')
    pair[other].end('and the answer')
    expect(await readAll(pair[one])).toBe('and the answer')
  })

  it.each([
    ['visitor', 'site'],
    ['site', 'visitor'],
  ] as const)('ends for both when the %s breaks off', async (one, other) => {
    const pair = await upgradedPair()
    const closed = new Promise((resolve) => pair[other].once('close', resolve))
    pair[other].resume()
    pair[one].resetAndDestroy()
    await closed
  })

  it('is read in turns, by both sides', async () => {
    const turns = createTurns(config.clients)
    const peers: string[] = []
    const noting =
      (how: 'take' | 'wait') =>
      (work: Parameters<typeof turns.take>[0]): void => {
        peers.push(work.peer.split(' ')[0] ?? '')
        turns[how](work)
      }
    const { visitor, site } = await upgradedPair({ turns: { ...turns, take: noting('take'), wait: noting('wait') } })
    peers.length = 0
    site.write('from the site')
    expect(String(await once(visitor, 'data'))).toBe('from the site')
    expect(new Set(peers)).toEqual(new Set(['site']))
    peers.length = 0
    visitor.write('from the visitor')
    expect(String(await once(site, 'data'))).toBe('from the visitor')
    expect(new Set(peers)).toEqual(new Set(['connection']))
  })

  it('is cut off when the router closes', async () => {
    const { visitor, site, router } = await upgradedPair()
    const closed = Promise.all([once(visitor.resume(), 'end'), once(site.resume(), 'end')])
    await router.close(0)
    await closed
  })

  it('is not retried after the visitor has left', async () => {
    const { promise: atSite, resolve } = Promise.withResolvers<Socket>()
    const { port } = await rawSite(resolve)
    const visitor = await openSocket(port)
    visitor.write(handshake())
    const site = await atSite
    const ended = once(site.resume(), 'end')
    visitor.resetAndDestroy()
    await ended
  })
})

describe('an upgrade that does not happen', () => {
  const attemptFor = (endpoint: Endpoint, visitor: Duplex, responseHeaderMilliseconds: number): UpgradeAttempt => ({
    endpoint,
    accepted: { accepted: true, method: 'GET', path: '/', host: 'acme.localhost', hasBody: false, fieldsBytes: 0 },
    socket: visitor as Socket,
    inTurns: undefined,
    head: Buffer.alloc(0),
    headers: [],
    answerHeaders: (raw) => [...raw],
    responseHeaderMilliseconds,
    fieldsBytes: 16_384,
    idleMilliseconds: 1000,
    carry: () => undefined,
  })

  it('forwards the answer of the site with its body', async () => {
    const { port } = await rawSite((socket) => {
      socket.end('HTTP/1.1 403 Not You\r\nX-Why: because\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nsorry\r\n0\r\n\r\n')
    })
    const answer = await exchange(port, handshake())
    expect(answer).toMatch(/^HTTP\/1.1 403 Not You\r\nX-Why: because\r\n/)
    expect(answer).toMatch(/\r\nConnection: close\r\n\r\nsorry$/)
    expect(answer).not.toMatch(/transfer-encoding/i)
  })

  it('forwards a long answer to a slow visitor', async () => {
    const { port } = await rawSite((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n')
      socket.end(Buffer.alloc(5_000_000, 'x'))
    })
    const answer = await exchange(port, handshake())
    expect(answer.split('\r\n\r\n')[1]).toHaveLength(5_000_000)
  })

  it('reads remaining bytes, so that no reset overtakes the answer', async () => {
    const { port, server } = await startRouter({ 'acme.localhost': silentSites.suspended })
    const connected = once(server, 'connection')
    const visitor = await openSocket(port)
    visitor.write(handshake())
    const [atRouter] = (await connected) as [Socket]
    const closed = new Promise((resolve) => atRouter.once('close', resolve))
    expect(await readAll(visitor)).toMatch(/^HTTP\/1.1 503 /)
    visitor.end(Buffer.alloc(500_000))
    await closed
    expect(atRouter.bytesRead).toBeGreaterThan(500_000)
  })

  it('closes the connection of a visitor who sends without end', async () => {
    const { port, server } = await startRouter({ 'acme.localhost': silentSites.suspended })
    const connected = once(server, 'connection')
    const visitor = await openSocket(port)
    const [atRouter] = (await connected) as [Socket]
    fakeTimeouts()
    const finished = once(atRouter, 'finish')
    visitor.resume().write(handshake())
    await finished
    for (let second = 1; second < 5; second += 1) {
      const arrived = once(atRouter, 'data')
      visitor.write('.')
      await arrived
      vi.advanceTimersByTime(1000)
    }
    expect(atRouter.destroyed).toBe(false)
    vi.advanceTimersByTime(1000)
    expect(atRouter.destroyed).toBe(true)
  })

  it('ends at the site too when the visitor ends during an answer without end', async () => {
    const gone = Promise.withResolvers<void>()
    const { port } = await rawSite((socket) => {
      socket.on('end', gone.resolve).resume().write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n')
    })
    const visitor = await openSocket(port)
    visitor.write(handshake())
    await once(visitor, 'data')
    visitor.end()
    await gone.promise
  })

  it('counts that time from the end of the answer of the site, however slowly it is read', async () => {
    const endpoint = await startRawSite((socket) =>
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\nsorry'),
    )
    const { promise: isRead, resolve: read } = Promise.withResolvers<void>()
    const visitor = new Duplex({
      read: () => undefined,
      write: (_chunk, _encoding, done) => void isRead.then(() => done()),
    })
    fakeTimeouts()
    await forwardUpgrade(attemptFor(endpoint, visitor, 1000))
    await waitFor(() => visitor.writableEnded)
    vi.advanceTimersByTime(60_000)
    expect(visitor.destroyed).toBe(false)
    const finished = once(visitor, 'finish')
    read()
    await finished
    vi.advanceTimersByTime(4999)
    expect(visitor.destroyed).toBe(false)
    vi.advanceTimersByTime(1)
    expect(visitor.destroyed).toBe(true)
  })

  it('shows a page for an unknown site, and closes', async () => {
    const { port } = await startRouter({ 'acme.localhost': silentSites.suspended })
    const answer = await exchange(port, handshake())
    expect(answer).toMatch(/^HTTP\/1.1 503 Service Unavailable\r\n/)
    expect(answer).toMatch(/\r\nConnection: close\r\n\r\n{"type":"urn:sitewright:problem:site-suspended"/)
  })

  it('is retried once at the new address of the site', async () => {
    const site = await startSite(() => {})
    site.server.on('upgrade', (_, socket) => socket.end(`${switching}\r\nhere`))
    const before = activeSite(await deadEndpoint())
    const { port } = await startRouter(async (_, options) => (options?.fresh ? activeSite(site.endpoint) : before))
    const visitor = await openSocket(port)
    visitor.write(handshake())
    expect(await readAll(visitor)).toMatch(/^HTTP\/1.1 101 .*here$/s)
  })

  it('fails before it is sent where its site takes no connection for five seconds', async () => {
    const { endpoint } = await startSite(() => {})
    fakeTimeouts()
    const failed = forwardUpgrade(attemptFor(endpoint, new Duplex({ read: () => {} }), 60_000))
    // In this turn it cannot be taken.
    vi.advanceTimersByTime(5000)
    expect(await failed).toMatchObject({ error: { code: 'ETIMEDOUT' }, neverSent: true })
  })

  it('is a 502 on a closed port, and a 504 without an answer', async () => {
    const dead = await startRouter({ 'acme.localhost': activeSite(await deadEndpoint()) })
    expect(await exchange(dead.port, handshake())).toMatch(/^HTTP\/1.1 502 /)
    const { endpoint, server } = await startSite(() => {})
    server.on('upgrade', (_, socket) => onTestFinished(() => void socket.destroy()))
    const silent = await startRouter({ 'acme.localhost': activeSite(endpoint) }, { responseHeaderMilliseconds: 50 })
    expect(await exchange(silent.port, handshake())).toMatch(/^HTTP\/1.1 504 /)
  })

  it.each([
    ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'],
    ['no protocol', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
    ['a status that does not exist', 'HTTP/1.1 099 S\r\nContent-Length: 0\r\n\r\n'],
  ])('is a 502 if the site answers with %s', async (_, text) => {
    const { port } = await rawSite((socket) => void socket.write(text))
    expect(await exchange(port, handshake())).toMatch(/^HTTP\/1.1 502 /)
  })

  it('to other protocols is an ordinary request', async () => {
    const { port } = await rawSite((socket) => socket.end(`${switching}\r\n`))
    const answer = await exchange(
      port,
      'GET / HTTP/1.1\r\nHost: acme.localhost\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n',
    )
    expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n.*\r\n\r\nno upgrade here$/s)
  })
})

it('a request to upgrade is refused by the router if the site sends interim answers without end', async () => {
  const server = createNetServer((socket) => {
    socket.on('error', () => {})
    const send = (): void => {
      while (socket.writable && socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100)));
    }
    socket.once('data', send).on('drain', send)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port: sitePort } = server.address() as AddressInfo
  const { port } = await startRouter({ 'acme.localhost': activeSite({ host: '127.0.0.1', port: sitePort }) })
  const answer = await exchange(
    port,
    'GET / HTTP/1.1\r\nHost: acme.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  )
  expect(answer).toMatch(/^HTTP\/1\.1 502 /)
})
