import { describe, expect, it } from 'vitest'
import { type ProbeQuestion, probeToken } from '../../adapters/router-probe/router-probe.ts'
import type { Endpoint } from '../../core/site/site.ts'
import { activeSite } from './sites.ts'
import { deadEndpoint, startRouter, startSite, visit } from './stage.ts'

const self = { hostname: 'router.localhost', probeSecret: 'what we know each other by' }
const good = '/healthz?deep=1'

const queryOf = (fields: object): URLSearchParams =>
  new URLSearchParams(Object.entries(fields).map(([name, value]): [string, string] => [name, String(value)]))

/** A router, and a site whose health is at `good`, that counts what it is asked. */
const open = async () => {
  const asked: string[] = []
  const { endpoint } = await startSite((request, response) => {
    asked.push(request.url ?? '')
    response.writeHead(request.url === good ? 200 : 500).end('the site’s own words')
  })
  const { port } = await startRouter({ 'acme.localhost': activeSite(endpoint) }, { self })

  const question = (change: Partial<ProbeQuestion> = {}): ProbeQuestion => ({
    host: endpoint.host,
    port: endpoint.port,
    path: good,
    expires: Math.floor(Date.now() / 1000) + 30,
    ...change,
  })
  const ask = (
    asking: object,
    {
      token,
      ...options
    }: Omit<NonNullable<Parameters<typeof visit>[1]>, 'path'> & { token?: string; at?: string } = {},
  ) => {
    const query = queryOf(asking)
    return visit(port, {
      host: self.hostname,
      path: `${options.at ?? '/probe'}?${query}`,
      ...options,
      ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
    })
  }
  const signed = (asking: ProbeQuestion) => ({ token: probeToken(asking, self.probeSecret) })
  return { endpoint, port, asked, question, ask, signed }
}

describe('a health check through the router', () => {
  it('reports a healthy site without its response', async () => {
    const { ask, question, signed, asked } = await open()
    const { status, headers, body } = await ask(question(), signed(question()))
    expect([status, body, asked]).toEqual([204, '', [good]])
    expect(headers['cache-control']).toBe('no-store')
  })

  it.each([
    ['answers badly', async (endpoint: Endpoint) => ({ ...endpoint, path: '/ill' })],
    ['is not there', async () => ({ ...(await deadEndpoint()), path: good })],
  ])('answers 503 for a site that %s', async (_, where) => {
    const { ask, question, signed, endpoint } = await open()
    const asking = question(await where(endpoint))
    expect((await ask(asking, signed(asking))).status).toBe(503)
  })

  const now = () => Math.floor(Date.now() / 1000)

  it.each<[string, (asking: ProbeQuestion) => { asking?: object; token?: string }]>([
    ['no token', () => ({})],
    ['a token of another secret', (asking) => ({ token: probeToken(asking, 'guessed') })],
    ['a token that is too short', (asking) => ({ token: probeToken(asking, self.probeSecret).slice(0, 20) })],
    ...(['host', 'port', 'path', 'expires'] as const).map(
      (field): [string, (asking: ProbeQuestion) => { asking: object; token: string }] => [
        `the token of another ${field}`,
        (asking) => {
          const other = { host: '127.0.0.2', port: 1, path: '/other', expires: asking.expires + 1 }[field]
          return { asking, token: probeToken({ ...asking, [field]: other }, self.probeSecret) }
        },
      ],
    ),
  ])('refuses %s without asking the site', async (_, forge) => {
    const { ask, question, asked } = await open()
    const { asking = question(), ...credentials } = forge(question())
    expect((await ask(asking, credentials)).status).toBe(403)
    expect(asked).toEqual([])
  })

  it.each([
    ['has expired', () => ({ expires: now() - 1 })],
    ['expires this second', () => ({ expires: now() })],
    ['would be good for more than a minute', () => ({ expires: now() + 63 })],
    ['names a hostname', () => ({ host: 'localhost' })],
    ['names an IPv6 address', () => ({ host: '::1' })],
    ['names an address in another spelling', () => ({ host: '127.1' })],
    ['names no port', () => ({ port: 0 })],
    ['names a port beyond the last', () => ({ port: 65_536 })],
    ['has a path that begins elsewhere', () => ({ path: '@evil.example/' })],
    ['has a path with a line of its own', () => ({ path: '/ HTTP/1.1\r\nx: y' })],
  ])('refuses a signed request that %s', async (_, change) => {
    const { ask, question, signed, asked } = await open()
    const asking = question(change())
    expect((await ask(asking, signed(asking))).status).toBe(403)
    expect(asked).toEqual([])
  })

  it('refuses unsigned and duplicate fields', async () => {
    const { ask, question, signed, port } = await open()
    const { token } = signed(question())
    expect((await ask({ ...question(), more: '1' }, { token })).status).toBe(403)
    const query = queryOf(question())
    const twice = await visit(port, {
      host: self.hostname,
      path: `/probe?host=10.0.0.1&${query}`,
      headers: { authorization: `Bearer ${token}` },
    })
    expect(twice.status).toBe(403)
  })

  it('answers at its own hostname only', async () => {
    const { ask, question, signed, asked, port } = await open()
    const credentials = signed(question())
    expect((await ask(question(), { ...credentials, at: '/probe/' })).status).toBe(404)
    expect((await ask(question(), { ...credentials, method: 'POST' })).status).toBe(404)
    expect((await visit(port, { host: self.hostname, path: '/' })).status).toBe(404)
    expect(asked).toEqual([])
    // At a site's hostname the question is one to the site.
    expect((await ask(question(), { ...credentials, host: 'acme.localhost' })).status).toBe(500)
    expect(asked).toEqual([expect.stringMatching(/^\/probe\?/)])
  })

  it('is disabled without a hostname', async () => {
    const { endpoint } = await startSite((_, response) => response.end())
    const { port } = await startRouter({ [self.hostname]: activeSite(endpoint) })
    expect((await visit(port, { host: self.hostname, path: '/probe' })).status).toBe(200)
  })
})
