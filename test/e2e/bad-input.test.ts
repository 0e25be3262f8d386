import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startHost } from '../support/start-host.ts'
import { operators } from './bad-input/acts.ts'
import { addresses, bodies } from './bad-input/bodies.ts'
import { codes, sessions } from './bad-input/codes.ts'
import { paths, strangers } from './bad-input/paths.ts'
import type { Request, Scene } from './bad-input/row.ts'
import { keys, sites } from './bad-input/sites.ts'
import { slugs } from './bad-input/slugs.ts'
import { type Answer, call } from './call.ts'
import { createSite, poolIsFull, signIn } from './visitor.ts'

let scene: Scene

const send = async (request: Request): Promise<Answer> =>
  call(scene.host, typeof request === 'function' ? await request(scene) : request)

beforeAll(async () => {
  const host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '1' } })
  const owner = await signIn(host, 'owner@example.com')
  const newcomer = await signIn(host, 'newcomer@example.com')
  await poolIsFull(host)
  const created = await createSite(host, owner, { slug: 'taken' }, { 'idempotency-key': 'first' })
  expect(created.status).toBe(201)
  scene = { host, owner, newcomer, siteId: created.json.id }
})

afterAll(async () => scene?.host.stop())

describe.each([
  ['a body', bodies],
  ['an address', addresses],
  ['a name for a site', slugs],
  ['a code', codes],
  ['a session', sessions],
  ['a site', sites],
  ['an operator', operators],
  ['an Idempotency-Key', keys],
  ['a path', paths],
  ['a stranger at the mailbox', strangers],
])('bad input: %s', (_about, rows) => {
  it.each(rows)('$name → $status $type', async ({ request, status, type, field, headers = {}, corrected }) => {
    const answer = await send(request)
    const problem = answer.json as { errors?: readonly { path: string }[]; requestId?: string }
    expect(problem).toMatchObject({
      type: `urn:sitewright:problem:${type}`,
      status,
      title: expect.stringMatching(/\w/),
    })
    expect(answer.status).toBe(status)
    expect(answer.headers).toMatchObject({
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...headers,
    })
    expect(problem.requestId).toBe(answer.headers['x-request-id'])
    if (field !== undefined) expect(problem.errors?.map(({ path }) => path)).toContain(field)

    if (corrected === undefined) return
    const [request2, status2] = corrected
    expect((await send(request2)).status).toBe(status2)
  })
})

describe('a body that is too long', () => {
  const size = 8 * 1024 * 1024

  /** Sends all of it before it reads anything, and continues where others would have noticed the answer. */
  const sendEverything = (head: string, body: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const { port } = scene.host
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
      socket.once('error', reject)
      socket.pause()
      const start = `POST /v1/signups HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Type: application/json`
      socket.write(`${start}\r\n${head}\r\n\r\n`)
      socket.write(body, () => {
        let text = ''
        socket.on('data', (data) => {
          text += String(data)
        })
        socket.once('end', () => {
          socket.end()
          resolve(text)
        })
        socket.resume()
      })
    })

  it.each([
    ['its length', `Content-Length: ${size}`, ' '.repeat(size)],
    [
      'no length',
      'Transfer-Encoding: chunked',
      `${`10000\r\n${' '.repeat(0x10000)}\r\n`.repeat(size / 0x10000)}0\r\n\r\n`,
    ],
  ])('that says %s gets an answer that a client reads which sends all of it first', async (_what, head, body) => {
    const text = await sendEverything(head, body)
    expect(text).toMatch(/^HTTP\/1\.1 413 /)
    expect(text).toContain('urn:sitewright:problem:payload-too-large')
  })
})

describe('headers that only the router may set', () => {
  it.each(['x-sitewright-entitlement', 'x_sitewright_entitlement', 'X-Sitewright-Viewer'])(
    '%s from outside is dropped, and the site sees the true entitlement',
    async (header) => {
      const forged = await call(scene.host, {
        at: 'taken.localhost',
        path: '/api/entitlement',
        headers: { [header]: 'eyJhbGciOiJub25lIn0.eyJwbGFuIjoiZW50ZXJwcmlzZSJ9.' },
      })
      expect(forged.status).toBe(200)
      expect(forged.json).toMatchObject({ name: 'taken', plan: 'trial', features: ['entries'] })
    },
  )
})

it('nothing of all that costs the newcomer their site', async () => {
  const created = await createSite(scene.host, scene.newcomer, { slug: 'newcomer' })
  expect([201, 202]).toContain(created.status)
})
