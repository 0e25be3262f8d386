import { once } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { activeSite } from './sites.ts'
import { exchange, openSocket, readAll, startRouter, startSite } from './stage.ts'

/** A router before a site that notes whatever reaches it. */
const watched = async () => {
  const reached = vi.fn<(request: string) => void>()
  const site = await startSite(async (request, response) => {
    reached(`${request.method} ${request.url} ${await readAll(request)}`)
    response.end('answered')
  })
  const { port } = await startRouter({ 'acme.localhost': activeSite(site.endpoint) })
  return { port, reached, site }
}

const host = 'Host: acme.localhost\r\n'

describe('a request that two servers could read differently', () => {
  it.each([
    [
      'a length and chunks',
      `POST / HTTP/1.1\r\n${host}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    [
      'chunks and a length',
      `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n`,
    ],
    ['two lengths', `POST / HTTP/1.1\r\n${host}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd`],
    ['twice the same length', `POST / HTTP/1.1\r\n${host}Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc`],
    ['a list of lengths', `POST / HTTP/1.1\r\n${host}Content-Length: 3, 3\r\n\r\nabc`],
    ['a length with a sign', `POST / HTTP/1.1\r\n${host}Content-Length: +3\r\n\r\nabc`],
    ['a coding below chunked', `POST / HTTP/1.1\r\n${host}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
    ['an unknown coding', `POST / HTTP/1.1\r\n${host}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
    [
      'chunked twice',
      `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['chunks in HTTP/1.0', `POST / HTTP/1.0\r\n${host}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['a space before the colon', `POST / HTTP/1.1\r\n${host}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`],
    ['a folded field', `GET / HTTP/1.1\r\n${host}X-A: 1\r\n Transfer-Encoding: chunked\r\n\r\n`],
    ['bare line feeds', `GET / HTTP/1.1\nHost: acme.localhost\n\n`],
    ['a NUL in a field', `GET / HTTP/1.1\r\n${host}X-A: a\0b\r\n\r\n`],
    [
      'a line feed in a chunk extension',
      `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n3;a=\nb\r\nabc\r\n0\r\n\r\n`,
    ],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n'],
    ['a Host that is no name', `GET / HTTP/1.1\r\nHost: ${'a.'.repeat(128)}\r\n\r\n`],
    ['a Host that is no address', `GET / HTTP/1.1\r\nHost: [${'a'.repeat(46)}]\r\n\r\n`],
    ['two Hosts', `GET / HTTP/1.1\r\n${host}Host: other.localhost\r\n\r\n`],
    ['twice the same Host', `GET / HTTP/1.1\r\n${host}${host}\r\n`],
    ['a Host with a path', 'GET / HTTP/1.1\r\nHost: acme.localhost/x\r\n\r\n'],
    ['a Host with a user', 'GET / HTTP/1.1\r\nHost: acme.localhost@evil.example\r\n\r\n'],
    ['a Host with a space', 'GET / HTTP/1.1\r\nHost: acme.localhost evil.example\r\n\r\n'],
    ['a target for another host', `GET http://other.localhost/ HTTP/1.1\r\n${host}\r\n`],
    ['a target with a user', `GET http://acme.localhost@other.localhost/ HTTP/1.1\r\n${host}\r\n`],
    ['a target of another scheme', `GET ftp://acme.localhost/ HTTP/1.1\r\n${host}\r\n`],
    ['an asterisk for a target', `OPTIONS * HTTP/1.1\r\n${host}\r\n`],
  ])('is refused and never reaches the site: %s', async (_, bytes) => {
    const { port, reached } = await watched()
    const socket = await openSocket(port)
    socket.write(Buffer.from(bytes, 'latin1'))
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/)
    expect(reached).not.toHaveBeenCalled()
  })

  it('is refused as an upgrade too', async () => {
    const { port, reached, site } = await watched()
    site.server.on('upgrade', (request) => reached(`upgrade ${request.url}`))
    const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n'
    for (const rest of [`${host}Host: other.localhost\r\n\r\n`, `${host}Content-Length: 4\r\n\r\nGET `]) {
      expect(await exchange(port, `GET / HTTP/1.1\r\n${upgrade}${rest}`)).toMatch(/^HTTP\/1.1 400 /)
    }
    expect(reached).not.toHaveBeenCalled()
  })

  it('reaches the site with an absolute target as a path', async () => {
    const { port, reached } = await watched()
    const targets = [
      'http://acme.localhost/a?b=1',
      'http://ACME.localhost',
      'HTTP://acme.localhost?c',
      '//acme.localhost/d',
    ]
    for (const target of targets) await exchange(port, `GET ${target} HTTP/1.1\r\n${host}Connection: close\r\n\r\n`)
    expect(reached.mock.calls.flat()).toEqual(['GET /a?b=1 ', 'GET / ', 'GET /?c ', 'GET //acme.localhost/d '])
  })

  it('does not turn a body into a second request', async () => {
    const { port, reached } = await watched()
    const hidden = `GET /admin HTTP/1.1\r\n${host}\r\n`
    await exchange(
      port,
      `GET / HTTP/1.1\r\n${host}Content-Length: ${hidden.length}\r\nConnection: close\r\n\r\n${hidden}`,
    )
    expect(reached.mock.calls.flat()).toEqual([`GET / ${hidden}`])
  })

  it('is refused as TRACE', async () => {
    const { port, reached } = await watched()
    const answer = await exchange(port, `TRACE / HTTP/1.1\r\n${host}Connection: close\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1.1 405 .*\r\nAllow: GET, /s)
    expect(reached).not.toHaveBeenCalled()
  })
})

describe('an answer that two clients could read differently', () => {
  it.each([
    ['a length and chunks', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc'],
    [
      'an upgrade that nobody asked for',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n',
    ],
    ['no HTTP at all', 'SSH-2.0-OpenSSH\r\n'],
  ])('is not forwarded: %s', async (_, bytes) => {
    const site = await startSite(() => {})
    site.server
      .removeAllListeners('connection')
      .on('connection', (socket) => socket.once('data', () => socket.write(bytes)))
    const { port } = await startRouter({ 'acme.localhost': activeSite(site.endpoint) })
    const answer = await exchange(port, `POST / HTTP/1.1\r\n${host}Connection: close\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1.1 502 Bad Gateway\r\n/)
  })
})
