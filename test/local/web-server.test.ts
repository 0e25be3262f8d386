import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { findFreePort } from '../../local/engine/engine-place.ts'
import { caddyfile } from '../../local/gateway/certificate-names.ts'
import { StartUpError } from '../../local/home/start-up-error.ts'
import { openWebServer, type WebServer } from '../../local/web-server.ts'
import type { Router } from '../../router/create-router.ts'
import { createTurns } from '../../router/turns.ts'
import config from '../../sitewright.config.ts'
import { call } from '../e2e/call.ts'

const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
const open: WebServer[] = []

afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
})

const openForTest = async (more: { port?: number } = {}) => {
  const port = more.port ?? (await findFreePort())
  const server = await openWebServer({
    listen: '127.0.0.1',
    consoleHostnames: ['localhost', '127.0.0.1'],
    clients: config.clients,
    isProxy: () => false,
    turns: createTurns(config.clients),
    log,
    port,
  })
  open.push(server)
  return { port, server }
}

const router: Router = {
  request: (_request, response, hostname) => response.end(`the router, for ${hostname}`),
  upgrade: (_request, socket) => {
    socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  },
  openRequests: () => 0,
  close: async () => undefined,
}
const parts: Parameters<WebServer['serve']>[0] = {
  console: async (_request, response, hostname) => {
    response.end(`the console, as ${hostname}`)
  },
  router,
}

/** Everything that comes back over a connection until its end. */
const exchange = async (port: number, text: string): Promise<string> => {
  const socket = connect(port, '127.0.0.1')
  socket.write(text)
  let answer = ''
  socket.on('data', (data) => {
    answer += String(data)
  })
  socket.on('error', () => undefined)
  await once(socket, 'close')
  return answer
}

it('keeps a connection for longer than the TLS proxy does, which could otherwise use it while it is closed', async () => {
  const { port, server } = await openForTest()
  server.serve(parts)
  const { headers } = await fetch(`http://127.0.0.1:${port}/`)
  const kept = Number(/timeout=(\d+)/.exec(headers.get('keep-alive') ?? '')?.[1])
  const text = caddyfile({ port, sitesDomain: 'a.example', consoleUrl: 'https://b.example', isPublic: true })
  const [proxies, ...others] = text.split('reverse_proxy').slice(1)
  expect(others).toEqual([])
  expect(Number(/keepalive (\d+)s/.exec(proxies ?? '')?.[1])).toBeLessThan(kept)
})

describe('the web server', () => {
  it('asks to come again until there is something to serve', async () => {
    const { port, server } = await openForTest()
    const early = await call({ port }, { path: '/v1/health' })
    expect(early).toMatchObject({ status: 503, json: { status: 503 } })
    expect(early.headers).toMatchObject({ 'content-type': 'application/problem+json', 'retry-after': '1' })
    server.serve(parts)
    expect((await call({ port }, { path: '/v1/health' })).text).toBe('the console, as localhost')
  })

  it.each([
    ['localhost', 'the console, as localhost'],
    ['LOCALHOST', 'the console, as localhost'],
    ['127.0.0.1', 'the console, as 127.0.0.1'],
    ['ada.localhost', 'the router, for ada.localhost'],
    ['evil.example', 'the router, for evil.example'],
    ['localhost.evil.example', 'the router, for localhost.evil.example'],
  ])('gives a request for %s to %s', async (at, text) => {
    const { port, server } = await openForTest()
    server.serve(parts)
    expect((await call({ port }, { path: '/', at })).text).toBe(text)
  })

  it('gives a request with two hosts to the router, under no name', async () => {
    const { port, server } = await openForTest()
    server.serve(parts)
    const answer = await exchange(
      port,
      'GET / HTTP/1.1\r\nHost: localhost\r\nHost: ada.localhost\r\nConnection: close\r\n\r\n',
    )
    expect(answer).not.toContain('the console')
  })

  it('upgrades connections to sites, and none to the console', async () => {
    const { port, server } = await openForTest()
    server.serve(parts)
    const upgrade = (host: string) =>
      exchange(port, `GET /ws HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`)
    expect(await upgrade('ada.localhost')).toMatch(/^HTTP\/1\.1 101 /)
    expect(await upgrade('localhost')).not.toContain('101')
  })

  it('takes the port from nobody, and says so in a sentence', async () => {
    const { port } = await openForTest()
    const second = openForTest({ port })
    await expect(second).rejects.toThrow(StartUpError)
    await expect(second).rejects.toThrow(
      `port ${port} is taken; stop the program that listens there, or set PORT to another one`,
    )
  })

  it('lets a running request end before it closes', async () => {
    const { port, server } = await openForTest()
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>()
    const { promise: closing, resolve: close } = Promise.withResolvers<void>()
    server.serve({
      ...parts,
      console: async (_request, response) => {
        ask()
        await closing
        response.end('all of it')
      },
    })
    const answer = call({ port }, { path: '/' })
    await asked
    const closed = server.close()
    close()
    expect((await answer).text).toBe('all of it')
    await closed
    await expect(call({ port }, { path: '/' })).rejects.toThrow('ECONNREFUSED')
  })

  it('breaks off a request that cannot be answered, and continues', async () => {
    const { port, server } = await openForTest()
    server.serve({ ...parts, console: () => Promise.reject(new Error('broken')) })
    await expect(call({ port }, { path: '/' })).rejects.toThrow()
    expect((await call({ port }, { path: '/', at: 'ada.localhost' })).text).toBe('the router, for ada.localhost')
  })
})
