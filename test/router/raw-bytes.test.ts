import { once } from 'node:events'
import type { Socket } from 'node:net'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { activeSite } from './sites.ts'
import { openSocket, startRawSite, startRouter } from './stage.ts'

/** All bytes that RFC 9110 §5.5 lets a value have, and those that none may begin or end with. */
const bytes = [0x09, ...Array.from({ length: 0x100 - 0x20 }, (_, index) => 0x20 + index)].filter(
  (byte) => byte !== 0x7f,
)
const text = String.fromCharCode(...bytes)
const edges = bytes.filter((byte) => byte > 0x20)

const within = fc.constantFrom(...bytes).map((byte) => String.fromCharCode(byte))
const atEdge = fc.constantFrom(...edges).map((byte) => String.fromCharCode(byte))
const value = fc.oneof(
  fc.tuple(atEdge, fc.string({ unit: within, maxLength: 30 }), atEdge).map((parts) => parts.join('')),
  fc.constantFrom('attachment; filename="\u6587.csv"', 'attachment; filename="\u00dcbersicht.csv"').map(asUtf8),
  fc.constant(`!${text}!`),
)
/** Those that Node knows, and others. */
const name = fc.constantFrom(
  'Content-Disposition',
  'content-disposition',
  'Location',
  'ETag',
  'Link',
  'X-A',
  'x-b',
  'Date',
)
const fields = fc.array(fc.tuple(name, value), { minLength: 1, maxLength: 6 })

function asUtf8(characters: string): string {
  return Buffer.from(characters).toString('latin1')
}

const lines = (pairs: readonly (readonly [string, string])[]): string =>
  pairs.map(([key, content]) => `${key}: ${content}\r\n`).join('')

/** The lines of a head that have one of these names. */
const linesOf = (head: string, names: readonly string[]): string =>
  lines(
    head
      .split('\r\n')
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)] as const)
      .filter(([key]) => names.includes(key)),
  )

const ways = [
  'with a length',
  'with its length at first',
  'in chunks',
  'until it closes',
  '204',
  '304',
  'HEAD',
] as const

const framed = (way: (typeof ways)[number], given: string): string => {
  if (way === 'with its length at first') return `Content-Length: 2\r\n${given}`
  if (way === 'in chunks') return `${given}Transfer-Encoding: chunked\r\n`
  return way === 'until it closes' || way === '204' ? given : `${given}Content-Length: 2\r\n`
}

const readUntil = async (socket: Socket, isDone: (received: string) => boolean): Promise<string> => {
  let received = ''
  while (!isDone(received)) {
    const [piece] = (await once(socket, 'data')) as [Buffer]
    received += piece.toString('latin1')
  }
  return received
}

describe('every byte that a field may have', () => {
  let port = 0
  let answer: (socket: Socket, received: string) => void
  beforeEach(async () => {
    const endpoint = await startRawSite((socket, received) => answer(socket, received))
    ;({ port } = await startRouter({ 'acme.localhost': activeSite(endpoint) }))
  })

  const ask = async (bytesOfRequest: string): Promise<Socket> => {
    const visitor = await openSocket(port)
    visitor.write(Buffer.from(bytesOfRequest, 'latin1'))
    return visitor
  }

  it('arrives at the visitor, in each kind of answer, together with its body and before it', async () => {
    const property = fc.asyncProperty(
      fields,
      value,
      fc.constantFrom(...ways),
      fc.boolean(),
      async (given, phrase, way, comesFirst) => {
        const { promise: headRead, resolve } = Promise.withResolvers<void>()
        if (!comesFirst) resolve()
        const status = way === '204' || way === '304' ? way : '200'
        const body = { 'in chunks': '2\r\nok\r\n0\r\n\r\n', '204': '', '304': '', HEAD: '' }[way as string] ?? 'ok'
        answer = async (socket) => {
          const head = `HTTP/1.1 ${status} ${phrase}\r\n${framed(way, lines(given))}Connection: close\r\n\r\n`
          if (comesFirst) socket.write(Buffer.from(head, 'latin1'))
          await headRead
          socket.end(Buffer.from(comesFirst ? body : head + body, 'latin1'))
        }
        const visitor = await ask(`${way === 'HEAD' ? way : 'GET'} / HTTP/1.1\r\nHost: acme.localhost\r\n\r\n`)
        const head = await readUntil(visitor, (received) => received.includes('\r\n\r\n'))
        resolve()
        visitor.destroy()
        expect(head.split('\r\n')[0]).toBe(`HTTP/1.1 ${status} ${phrase}`)
        const names = given.map(([key]) => key)
        expect(linesOf(head.split('\r\n\r\n')[0] ?? '', names)).toBe(lines(given))
      },
    )
    await fc.assert(property, { numRuns: 300 })
  })

  it('arrives at the site, in each kind of request', async () => {
    const property = fc.asyncProperty(
      fields,
      fc.integer({ min: 0, max: 6 }),
      fc.boolean(),
      async (given, place, posts) => {
        const { promise, resolve } = Promise.withResolvers<string>()
        answer = (socket, received) => {
          resolve(received)
          socket.end('HTTP/1.1 204 OK\r\nConnection: close\r\n\r\n')
        }
        const before = lines(given.slice(0, place))
        const length = posts ? 'Content-Length: 0\r\n' : ''
        const rest = lines(given.slice(place))
        const head = `${posts ? 'POST' : 'GET'} / HTTP/1.1\r\nHost: acme.localhost\r\n${before}${length}${rest}\r\n`
        const visitor = await ask(head)
        const names = given.map(([key]) => key)
        expect(linesOf(await promise, names)).toBe(lines(given))
        visitor.destroy()
      },
    )
    await fc.assert(property, { numRuns: 200 })
  })

  it.each(['site', 'visitor'])('is all that a field of a %s may have', async (side) => {
    const others = Array.from({ length: 0x20 }, (_, byte) => byte)
      .concat(0x7f)
      .filter((byte) => !bytes.includes(byte))
    let reached = 0
    for (const byte of others) {
      const field = `X-A: a${String.fromCharCode(byte)}b\r\n`
      answer = (socket) => {
        reached += 1
        const sent = side === 'site' ? field : ''
        socket.end(Buffer.from(`HTTP/1.1 200 OK\r\n${sent}Content-Length: 0\r\nConnection: close\r\n\r\n`, 'latin1'))
      }
      const sent = side === 'visitor' ? field : ''
      const visitor = await ask(`POST / HTTP/1.1\r\nHost: acme.localhost\r\n${sent}\r\n`)
      const head = await readUntil(visitor, (received) => received.includes('\r\n'))
      expect([byte, head.slice(9, 12)]).toEqual([byte, side === 'site' ? '502' : '400'])
      visitor.destroy()
    }
    expect(reached).toBe(side === 'site' ? others.length : 0)
  })
})
