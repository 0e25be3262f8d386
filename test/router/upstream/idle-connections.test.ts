import type { Socket } from 'node:net'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { activeSite } from '../sites.ts'
import { startRawSite, startRouter, visit } from '../stage.ts'

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

/**
 * A site that closes each connection once it has been idle for so long, by the clock of the router. The close crosses the next request: it
 * is what the site does with a request on such a connection.
 */
const startHasty = async (closesAfter: () => number) => {
  let time = 0
  const now = () => time
  const answeredAt = new Map<Socket, number>()
  const done: string[] = []
  const endpoint = await startRawSite((socket, received) => {
    const idle = time - (answeredAt.get(socket) ?? time)
    if (idle >= closesAfter()) return void socket.resetAndDestroy()
    done.push(received.split(' ', 1)[0] ?? '')
    answeredAt.set(socket, time)
    socket.write(ok)
  })
  const { port } = await startRouter({ 'acme.localhost': activeSite(endpoint) }, { now })
  const wait = (milliseconds: number): void => {
    time += milliseconds
  }
  return { port, wait, done, connections: () => answeredAt.size }
}

const method = fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH')

it('carries out each request once, whenever the site closes idle connections', async () => {
  let closesAfter = 500
  const { port, wait, done } = await startHasty(() => closesAfter)
  const request = fc.record({
    method,
    body: fc.constantFrom(undefined, 'body'),
    pause: fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.constantFrom(499, 500, 501)),
  })
  const property = fc.asyncProperty(
    fc.integer({ min: 500, max: 5000 }),
    fc.array(fc.array(request, { minLength: 1, maxLength: 3 }), { maxLength: 5 }),
    async (after, rounds) => {
      closesAfter = after
      wait(1_000_000)
      for (const together of rounds) {
        done.length = 0
        wait(together[0]?.pause ?? 0)
        const answers = together.map(({ method: each, body }) => {
          const hasBody = body !== undefined && each !== 'HEAD'
          const headers = hasBody ? { 'content-length': String(body.length) } : {}
          return visit(port, { method: each, headers, ...(hasBody ? { body } : {}) })
        })
        expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(together.map(() => 200))
        expect(done.toSorted()).toEqual(together.map(({ method: each }) => each).toSorted())
      }
    },
  )
  await fc.assert(property, { numRuns: 100 })
})

it('uses a connection again that was used a moment ago', async () => {
  const { port, wait, connections } = await startHasty(() => Number.POSITIVE_INFINITY)
  for (const each of ['POST', 'POST', 'GET', 'DELETE']) {
    await visit(port, { method: each })
    wait(499)
  }
  expect(connections()).toBe(1)
  wait(1)
  await visit(port, { method: 'POST' })
  expect(connections()).toBe(2)
})
