import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { type BodyResult, readBody } from '../../../local/gateway/read-body.ts'
import { served } from '../served.ts'

/** The body of a request with these bytes; `end` closes the connection after them. */
const read = async (
  bytes: string,
  { patienceMilliseconds = 60_000, end = false }: { patienceMilliseconds?: number; end?: boolean } = {},
): Promise<BodyResult> => {
  const { promise, resolve } = Promise.withResolvers<BodyResult>()
  await using server = await served((request) => {
    readBody(request, { largestBytes: 10, patienceMilliseconds }).then(resolve)
  })
  const socket = connect(server.port, '127.0.0.1')
  socket.write(`POST / HTTP/1.1\r\nHost: localhost\r\n${bytes}`)
  if (end) socket.end()
  const result = await promise
  socket.destroy()
  return result
}

const body = (text: string): BodyResult => ({ body: Buffer.from(text) })

it.each([
  ['with a length', 'Content-Length: 10\r\n\r\n0123456789'],
  ['in chunks', 'Transfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n'],
])('a body %s that is as long as allowed is read', async (_how, bytes) => {
  expect(await read(bytes)).toEqual(body('0123456789'))
})

it('no body is an empty one', async () => {
  expect(await read('\r\n')).toEqual(body(''))
})

it.each([
  ['says so, before any of it has come', 'Content-Length: 11\r\n\r\n'],
  ['does not say so', 'Transfer-Encoding: chunked\r\n\r\nb\r\n0123456789a\r\n'],
])('a body that is too long and %s is refused', async (_how, bytes) => {
  expect(await read(bytes)).toEqual({ refused: 'too-large' })
})

it('a body that does not come is waited for no longer than allowed', async () => {
  expect(await read('Content-Length: 10\r\n\r\n01', { patienceMilliseconds: 1 })).toEqual({ refused: 'too-slow' })
})

it('a body whose sender goes away is refused', async () => {
  expect(await read('Content-Length: 10\r\n\r\n01', { end: true })).toEqual({ refused: 'aborted' })
})
