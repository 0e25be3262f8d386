import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRandomness } from '../../adapters/randomness.ts'
import { publicApi } from '../../lambdas/signup/functions.ts'
import { findFreePort } from '../../local/engine/engine-place.ts'
import { createApiGateway } from '../../local/gateway/api-gateway.ts'
import { openWebServer, type WebServer } from '../../local/web-server.ts'
import { createTurns } from '../../router/turns.ts'
import config from '../../sitewright.config.ts'
import { call } from '../e2e/call.ts'
import { consoleWith } from './served.ts'

const log = { info: () => undefined, warn: () => undefined, error: () => undefined }

let server: WebServer
let port: number
/** Every request that a function of the API got. */
let reached: string[]
let sockets: Socket[]

beforeEach(async () => {
  reached = []
  sockets = []
  port = await findFreePort()
  server = await openWebServer({
    port,
    listen: '127.0.0.1',
    consoleHostnames: ['localhost', '127.0.0.1', '[::1]'],
    clients: { ...config.clients, headSeconds: 0.2, checkSeconds: 0.05 },
    isProxy: () => false,
    turns: createTurns(config.clients),
    log,
  })
  const invoke = async (event: unknown) => {
    const { routeKey, body = '' } = event as APIGatewayProxyEventV2
    reached.push(`${routeKey} ${Buffer.from(body, 'base64')}`)
    return { statusCode: 200, headers: {}, body: 'the API' }
  }
  server.serve({
    console: consoleWith({
      api: createApiGateway([{ name: 'public-api', definition: publicApi, invoke }], {
        randomness: createRandomness(),
        log,
      }),
    }),
    router: {
      request: (_request, response) => response.writeHead(404).end('the router'),
      upgrade: (_request, socket) => socket.end('HTTP/1.1 404 Not Found\r\n\r\nthe router'),
      openRequests: () => 0,
      close: async () => undefined,
    },
  })
})

afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  await server.close()
})

const open = async (): Promise<Socket> => {
  const socket = connect(port, '127.0.0.1')
  sockets.push(socket)
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

/** Everything that comes back until the other side closes. */
const exchange = async (bytes: string): Promise<string> => {
  const socket = await open()
  let answer = ''
  socket.on('data', (data) => {
    answer += data.toString('latin1')
  })
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.write(Buffer.from(bytes, 'latin1'))
  await closed
  return answer
}

const answers = (text: string): number => text.match(/HTTP\/1\.1 \d{3} /g)?.length ?? 0

const host = 'Host: localhost\r\n'
const start = `POST /v1/signups HTTP/1.1\r\n${host}Content-Type: application/json\r\n`
const hidden = `GET /v1/plans HTTP/1.1\r\n${host}\r\n`

describe('the API behind the gateway is never reached by', () => {
  it.each([
    ['a length before chunks', `${start}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`],
    [
      'chunks before a length',
      `${start}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5\r\n{}\r\n0\r\n\r\n${hidden}`,
    ],
    ['two lengths', `${start}Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}${hidden}`],
    ['a list of lengths', `${start}Content-Length: 2, 2\r\n\r\n{}${hidden}`],
    ['a length with a sign', `${start}Content-Length: +2\r\n\r\n{}${hidden}`],
    ['a length in hexadecimal', `${start}Content-Length: 0x2\r\n\r\n{}${hidden}`],
    ['a coding that only looks like chunked', `${start}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${hidden}`],
    ['a coding behind a vertical tab', `${start}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n${hidden}`],
    [
      'a coding below chunked',
      `${start}Transfer-Encoding: gzip, chunked\r\nConnection: close\r\n\r\n0\r\n\r\n${hidden}`,
    ],
    ['chunks with a space before the colon', `${start}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${hidden}`],
    ['chunks in HTTP/1.0', `${start.replace('1.1', '1.0')}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`],
    ['a chunk whose size is no number', `${start}Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n${hidden}`],
    ['a folded field', `${start}X-A: 1\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`],
    ['bare line feeds', `POST /v1/signups HTTP/1.1\nHost: localhost\nContent-Length: 0\n\n${hidden}`],
    ['a bare carriage return', `${start}X-A: 1\rTransfer-Encoding: chunked\r\n\r\n${hidden}`],
    ['a NUL in a field', `${start}X-A: a\0b\r\nContent-Length: 0\r\n\r\n${hidden}`],
    ['a NUL in the target', `GET /v1/pl\0ans HTTP/1.1\r\n${host}\r\n`],
    ['no Host', 'GET /v1/plans HTTP/1.1\r\n\r\n'],
    ['two Hosts', `GET /v1/plans HTTP/1.1\r\n${host}Host: evil.example\r\nConnection: close\r\n\r\n`],
    ['a target of another host', `GET http://evil.example/v1/plans HTTP/1.1\r\n${host}Connection: close\r\n\r\n`],
    ['a target with an authority alone', `CONNECT localhost:80 HTTP/1.1\r\n${host}\r\n`],
    ['no HTTP at all', 'SSH-2.0-OpenSSH\r\n'],
    ['HTTP/2 with prior knowledge', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ])('%s, nor by what is hidden in it', async (_what, bytes) => {
    const answer = await exchange(bytes)
    expect(answer).toMatch(/^(HTTP\/1\.1 4\d\d |$)/)
    expect(answers(answer)).toBeLessThanOrEqual(1)
    expect(reached).toEqual([])
  })

  it('a head that is too large: it is told so', async () => {
    const answer = await exchange(
      `GET /v1/plans HTTP/1.1\r\n${host}Connection: close\r\nX-A: ${'a'.repeat(20 * 1024)}\r\n\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 431 /)
    expect(reached).toEqual([])
  })
})

describe('a body', () => {
  it('is one body, whatever it looks like', async () => {
    await exchange(`${start}Content-Length: ${hidden.length}\r\nConnection: close\r\n\r\n${hidden}`)
    expect(reached).toEqual([`POST /v1/signups ${hidden}`])
  })

  it('in chunks ends where its last chunk says, and the next request begins there', async () => {
    const chunked = `${start}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`
    const answer = await exchange(`${chunked}GET /v1/plans HTTP/1.1\r\n${host}Connection: close\r\n\r\n`)
    expect(answers(answer)).toBe(2)
    expect(reached).toEqual(['POST /v1/signups {}', 'GET /v1/plans '])
  })
})

describe('a request to upgrade', () => {
  it.each(['h2c', 'HTTP/2.0', 'TLS/1.0, HTTP/1.1', 'websocket, h2c', 'h2c, websocket', 'websocket/13'])(
    'to %j is an ordinary request',
    async (token) => {
      const fields = `Connection: Upgrade, HTTP2-Settings, close\r\nUpgrade: ${token}\r\nHTTP2-Settings: AAMAAABk\r\n`
      const answer = await exchange(`GET /v1/plans HTTP/1.1\r\n${host}${fields}\r\n${hidden}`)
      expect(answer).toMatch(/^HTTP\/1\.1 200 /)
      expect(answers(answer)).toBe(1)
      expect(reached).toEqual(['GET /v1/plans '])
    },
  )

  it.each(['websocket', 'WebSocket', 'WEBSOCKET'])('to %s is nothing the console does', async (token) => {
    const fields = `Connection: Upgrade\r\nUpgrade: ${token}\r\n`
    expect(await exchange(`GET /v1/plans HTTP/1.1\r\n${host}${fields}\r\n${hidden}`)).toBe('')
    expect(reached).toEqual([])
  })
})

describe('the console answers for', () => {
  it.each(['localhost', 'LocalHost', `localhost:1`, 'localhost.', '127.0.0.1', '[::1]'])('%s', async (name) => {
    await exchange(`GET /v1/plans HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`)
    expect(reached).toEqual(['GET /v1/plans '])
  })
})

describe('the console does not answer for', () => {
  it.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.nip.io',
    'evil.example:localhost',
    'localhost@evil.example',
    'evil.example#localhost',
    'localhost/evil.example',
    'localhost,evil.example',
    'localhost evil.example',
    'localhost..',
    'xlocalhost',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0.0.0.0',
    '127.0.0.2',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::1',
    '',
  ])('%j, as a rebound name would ask', async (name) => {
    const answer = await exchange(`GET /v1/plans HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /)
    expect(reached).toEqual([])
  })

  it('a name that only X-Forwarded-Host, Forwarded or an absolute target has', async () => {
    const fields = 'Host: evil.example\r\nX-Forwarded-Host: localhost\r\nForwarded: host=localhost\r\n'
    await exchange(`GET http://localhost/v1/plans HTTP/1.1\r\n${fields}Connection: close\r\n\r\n`)
    expect(reached).toEqual([])
  })
})

describe('connections that do nothing', () => {
  it('do not block other clients, and are ended', async () => {
    const idle = await Promise.all(Array.from({ length: 200 }, open))
    const closed = idle.map((socket) => new Promise((resolve) => socket.resume().once('close', resolve)))
    expect((await call({ port }, { path: '/v1/plans' })).text).toBe('the API')
    await Promise.all(closed)
  })

  it('but send a head byte by byte are ended, however steadily they do', async () => {
    const socket = await open()
    const closed = new Promise((resolve) => socket.resume().once('close', resolve))
    socket.write(`GET /v1/plans HTTP/1.1\r\n${host}X-Slow: `)
    const dripping = setInterval(() => socket.write('a'), 10)
    await closed
    clearInterval(dripping)
    expect(reached).toEqual([])
  })
})
