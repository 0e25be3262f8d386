import { once } from 'node:events'
import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { activeSite, silentSites } from './sites.ts'
import { openSocket, readAll, startRawSite, startRouter } from './stage.ts'

/** Counts as limits do: the bytes of bodies and of upgraded connections, as docs/limits.md says. */
const start = async (say: (socket: Socket, received: string) => void) => {
  let counted = 0
  const addToHour = async ({ usage }: { readonly usage: { readonly bytes: number } }) => {
    counted += usage.bytes
  }
  const endpoint = await startRawSite(say)
  const { port, router } = await startRouter(
    { 'acme.localhost': activeSite(endpoint), 'gone.localhost': silentSites.suspended },
    { usage: { store: { addToHour, addToDay: async () => undefined }, visitorSecret: 'secret', router: 'a' } },
  )
  const countedInAll = async (): Promise<number> => {
    await router.close(0)
    return counted
  }
  return { port, countedInAll }
}

/** The bytes behind the last head, without the frames of chunks. */
const bodyOf = (answer: string): string => {
  const [head = '', ...rest] = answer.replace(/^(?:HTTP\/1\.1 1(?!01)\d\d .*?\r\n\r\n)+/s, '').split('\r\n\r\n')
  const body = rest.join('\r\n\r\n')
  if (!/transfer-encoding: chunked/i.test(head)) return body
  return body.replace(/([0-9a-f]+)\r\n([\s\S]*?)\r\n(?=[0-9a-f]+\r\n|$)/gi, (_, size, piece) =>
    piece.slice(0, Number.parseInt(size, 16)),
  )
}

/** What the site sends beside its last head and the body: frames of chunks, and interim answers. */
const framingOf = (answer: string, body: number): number => {
  if (!/transfer-encoding: chunked|^HTTP\/1\.1 103/i.test(answer)) return 0
  const [lastHead = ''] = /HTTP\/1\.1 [2-5][\s\S]*?\r\n\r\n/.exec(answer) ?? []
  return answer.length - lastHead.length - body
}

const content = 'x'.repeat(70_000)
const zipped = gzipSync(content).toString('latin1')
const ok = 'HTTP/1.1 200 OK\r\n'
const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n'
const switching = `HTTP/1.1 101 Switching Protocols\r\n${upgrade}\r\n`

it.each([
  ['with a length', 'GET', '', `${ok}Content-Length: 70000\r\n\r\n${content}`, 70_000],
  [
    'in chunks',
    'GET',
    '',
    `${ok}Transfer-Encoding: chunked\r\n\r\n11170\r\n${content}\r\n1;a=b\r\ny\r\n0\r\nX-A: b\r\n\r\n`,
    70_001,
  ],
  ['until the connection closes', 'GET', '', `${ok}\r\n${content}`, 70_000],
  ['to HEAD', 'HEAD', '', `${ok}Content-Length: 70000\r\n\r\n`, 0],
  ['of no length', 'GET', '', `${ok}Content-Length: 0\r\n\r\n`, 0],
  ['with status 204', 'GET', '', 'HTTP/1.1 204 No Content\r\n\r\n', 0],
  ['with status 304', 'GET', '', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', 0],
  ['that is an error page', 'GET', '', `HTTP/1.1 500 Oops\r\nContent-Length: 70000\r\n\r\n${content}`, 70_000],
  [
    'that is compressed',
    'GET',
    '',
    `${ok}Content-Encoding: gzip\r\nContent-Length: ${zipped.length}\r\n\r\n${zipped}`,
    zipped.length,
  ],
  [
    'after interim answers',
    'GET',
    '',
    `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${ok}Content-Length: 2\r\n\r\nok`,
    2,
  ],
  ['that breaks off', 'GET', '', `${ok}Content-Length: 80000\r\n\r\n${content}`, 70_000],
  ['that breaks off in a chunk', 'GET', '', `${ok}Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n9\r\nab`, 6],
  ['that is no HTTP', 'GET', '', 'SSH-2.0-OpenSSH\r\n', 0],
  ['that accepts an upgrade', 'GET', upgrade, `${switching}${content}`, 70_000],
  ['that declines an upgrade', 'GET', upgrade, `HTTP/1.1 403 No\r\nContent-Length: 70000\r\n\r\n${content}`, 70_000],
  [
    'that declines an upgrade in chunks',
    'GET',
    upgrade,
    `${ok}Transfer-Encoding: chunked\r\n\r\n11170\r\n${content}\r\n0\r\n\r\n`,
    70_000,
  ],
  ['that declines an upgrade until the connection closes', 'GET', upgrade, `${ok}\r\n${content}`, 70_000],
  [
    'that breaks off while it declines an upgrade',
    'GET',
    upgrade,
    `${ok}Content-Length: 80000\r\n\r\n${content}`,
    70_000,
  ],
])('an answer %s is counted with the bytes that the visitor gets', async (_, method, fields, answer, count) => {
  const { port, countedInAll } = await start((socket) => socket.end(Buffer.from(answer, 'latin1')))
  const visitor = await openSocket(port)
  visitor.write(`${method} / HTTP/1.1\r\nHost: acme.localhost\r\n${fields || 'Connection: close\r\n'}\r\n`)
  if (answer.startsWith(switching)) visitor.end()
  const pieces: Buffer[] = []
  visitor.on('data', (piece: Buffer) => pieces.push(piece)).on('error', () => undefined)
  visitor.on('end', () => visitor.end())
  await once(visitor, 'close')
  const received = Buffer.concat(pieces).toString('latin1')
  // A page of the router itself is not traffic of the site.
  const isPage = received.startsWith('HTTP/1.1 502 ')
  expect([isPage ? 0 : bodyOf(received).length, await countedInAll()]).toEqual([
    count,
    count + framingOf(answer, count),
  ])
})

it.each(['Content-Length: 70000', 'Transfer-Encoding: chunked'])('a body with %s is counted', async (field) => {
  let arrived = 0
  const { port, countedInAll } = await start((socket, received) => {
    arrived += received.split('x').length - 1
    if (arrived >= 70_000) socket.end(`${ok}Content-Length: 2\r\n\r\nok`)
  })
  const visitor = await openSocket(port)
  const body = field.startsWith('T') ? `11170\r\n${content}\r\n0\r\n\r\n` : content
  visitor.write(`POST / HTTP/1.1\r\nHost: acme.localhost\r\n${field}\r\nConnection: close\r\n\r\n${body}`)
  await readAll(visitor)
  const framing = body.length - content.length
  const counted = await countedInAll()
  // The end of the last chunk may come after the count.
  expect(counted).toBeGreaterThanOrEqual(70_002)
  expect(counted).toBeLessThanOrEqual(70_002 + framing)
})

it('both directions of an upgraded connection are counted, with what came with the request and its answer', async () => {
  const { port, countedInAll } = await start((socket, received) => {
    if (received.startsWith('GET')) socket.write(`${switching}from the site`)
    if (received.endsWith('more')) socket.end('and its end')
  })
  const visitor = await openSocket(port)
  visitor.write(`GET / HTTP/1.1\r\nHost: acme.localhost\r\n${upgrade}\r\nfrom the visitor, `)
  await once(visitor, 'data')
  visitor.end('and more')
  await readAll(visitor)
  expect(await countedInAll()).toBe('from the sitefrom the visitor, and moreand its end'.length)
})

it('a page of the router is not counted', async () => {
  const { port, countedInAll } = await start(() => undefined)
  const visitor = await openSocket(port)
  visitor.write('GET / HTTP/1.1\r\nHost: gone.localhost\r\nConnection: close\r\n\r\n')
  expect(await readAll(visitor)).toMatch(/^HTTP\/1.1 503 /)
  expect(await countedInAll()).toBe(0)
})
