import { once } from 'node:events'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parseBlueprint } from '../../core/blueprint/blueprint.ts'
import { activeSite } from './sites.ts'
import { exchange, openSocket, startRawSite, startRouter, startSite, visit } from './stage.ts'

const blueprintWith = (traffic: object) => ({
  get: async () =>
    parseBlueprint(
      {
        name: 'welcome',
        version: 1,
        title: 'Welcome',
        access: 'public',
        containers: [{ name: 'web', image: 'web:1' }],
        traffic: { container: 'web', ...traffic },
        data: { mode: 'exclusive' },
      },
      'test',
    ),
})

const problemOf = (body: string): string => String((JSON.parse(body) as { type: string }).type).replace(/^.*:/, '')

describe('the time until an answer begins', () => {
  it('is what the blueprint says, in place of the default', async () => {
    const { endpoint, server } = await startSite(() => undefined)
    server.on('upgrade', (_, socket) => onTestFinished(() => void socket.destroy()))
    const { port } = await startRouter(
      { 'acme.localhost': activeSite(endpoint) },
      { blueprints: blueprintWith({ answerSeconds: 1 }) },
    )
    const upgrade = 'GET / HTTP/1.1\r\nHost: acme.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
    const asked = [visit(port, { method: 'POST' }), exchange(port, upgrade)] as const
    const [{ status, body }, refused] = await Promise.all(asked)
    expect([status, problemOf(body)]).toEqual([504, 'site-silent'])
    expect(body).toContain('within 1 s. It may still be working on the request: before you send it again, check')
    expect(refused).toMatch(/^HTTP\/1.1 504 .*within 1 s\./s)
  })

  it('may be longer than the default', async () => {
    const { endpoint } = await startSite((_, response) => void setTimeout(() => response.end('late'), 200))
    const { port } = await startRouter(
      { 'acme.localhost': activeSite(endpoint) },
      { responseHeaderMilliseconds: 50, blueprints: blueprintWith({ answerSeconds: 900 }) },
    )
    expect((await visit(port)).body).toBe('late')
  })
})

describe.each([
  [undefined, 16],
  [40, 40],
  [64, 64],
])('with fieldsKiB %s', (fieldsKiB, max) => {
  const start = async (answerFields = '') => {
    const endpoint = await startRawSite((socket, received) => {
      if (received.endsWith('\r\n\r\n')) socket.end(`HTTP/1.1 200 OK\r\n${answerFields}Content-Length: 2\r\n\r\nok`)
    })
    const traffic = fieldsKiB === undefined ? {} : { fieldsKiB }
    const { port } = await startRouter(
      { 'acme.localhost': activeSite(endpoint) },
      { blueprints: blueprintWith(traffic) },
    )
    return port
  }

  it('passes on requests below the limit, and says which limit others exceed', async () => {
    const port = await start()
    const headers = (bytes: number) => ({ 'x-a': 'a'.repeat(bytes / 2), 'x-b': 'b'.repeat(bytes / 2) })
    expect((await visit(port, { headers: headers(max * 1024 - 500) })).body).toBe('ok')
    const { status, body, headers: got } = await visit(port, { headers: headers(max * 1024) })
    expect([status, problemOf(body)]).toEqual([431, 'request-fields-too-large'])
    expect([got['content-type'], body]).toEqual(['application/problem+json', expect.stringContaining(`${max} KiB`)])
  })

  it('passes on answers below the limit, and says which limit others exceed', async () => {
    const below = await start(`X-A: ${'a'.repeat(max * 1024 - 200)}\r\n`)
    const visitor = await openSocket(below)
    visitor.write('GET / HTTP/1.1\r\nHost: acme.localhost\r\nConnection: close\r\n\r\n')
    let received = ''
    visitor.on('data', (piece) => {
      received += String(piece)
    })
    await once(visitor, 'end')
    expect(received).toMatch(/^HTTP\/1.1 200 .*\r\n\r\nok$/s)
    const above = await start(`X-A: ${'a'.repeat(max * 1024)}\r\n`)
    const { status, body } = await visit(above)
    expect([status, problemOf(body)]).toEqual([502, 'answer-fields-too-large'])
    expect(body).toContain(`more than ${max} KiB`)
    const deleted = await visit(above, { method: 'DELETE' })
    expect([body, deleted.body].map((text) => text.includes('check whether it was carried out'))).toEqual([false, true])
  })
})

it('keeps all of more fields than Node counts by default', async () => {
  const counts: number[] = []
  const endpoint = await startRawSite((socket, received) => {
    counts.push(received.split('\r\nb:').length - 1)
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
  })
  const { port } = await startRouter({ 'acme.localhost': activeSite(endpoint) })
  await exchange(port, `GET / HTTP/1.1\r\nHost: acme.localhost\r\nConnection: close\r\n${'b:\r\n'.repeat(2500)}\r\n`)
  expect(counts).toEqual([2500])
})

describe('an interim answer', () => {
  const start = (interims: string) =>
    startRawSite((socket) => socket.end(`${interims}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok`))
  const hint =
    'HTTP/1.1 103 Early Hints\r\nLink: </ü.css>; rel=preload\r\nX-Sitewright-Viewer: forged\r\nContent-Length: 9\r\n\r\n'
  const ask = async (interims: string, version = '1.1') => {
    const { port } = await startRouter({ 'acme.localhost': activeSite(await start(interims)) })
    return exchange(port, `GET / HTTP/${version}\r\nHost: acme.localhost\r\nConnection: close\r\n\r\n`)
  }

  it('such as 103 reaches a visitor of HTTP/1.1, without what a site may not say', async () => {
    const answer = await ask(hint + hint)
    expect(answer).toMatch(
      /^(?:HTTP\/1.1 103 Early Hints\r\nLink: <\/ü.css>; rel=preload\r\n[\s\S]*?\r\n\r\n){2}HTTP\/1.1 200 OK\r\n/,
    )
    expect(answer.split('HTTP/1.1 200')[0]).not.toMatch(/forged|content-length/i)
  })

  it('does not reach a visitor of HTTP/1.0, nor does 100', async () => {
    expect(await ask(hint, '1.0')).toMatch(/^HTTP\/1.1 200 OK\r\n/)
    expect(await ask('HTTP/1.1 100 Continue\r\n\r\n')).toMatch(/^HTTP\/1.1 200 OK\r\n/)
  })

  it('without end is an error', async () => {
    expect(await ask('HTTP/1.1 102 P\r\n\r\n'.repeat(60))).toMatch(/HTTP\/1.1 200 OK\r\n/)
    expect(await ask('HTTP/1.1 102 P\r\n\r\n'.repeat(61))).toMatch(/HTTP\/1.1 502 /)
  })
})
