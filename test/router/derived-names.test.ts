import type { IncomingHttpHeaders } from 'node:http'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Site } from '../../core/site/site.ts'
import { createCachedDirectory } from '../../router/find-upstream.ts'
import { activeSite, plansWith, silentSites } from './sites.ts'
import { exchange, startRouter, startSite, visit } from './stage.ts'

interface Asked {
  readonly url: string | undefined
  readonly headers: IncomingHttpHeaders
}

let asked: Asked[]
let lookups: string[]
beforeEach(() => {
  asked = []
  lookups = []
})

/** A site that records its requests and tries to set a cookie. */
const startRecorder = () =>
  startSite(({ url, headers }, response) => {
    asked.push({ url, headers })
    response.writeHead(200, { 'Set-Cookie': 'a=1', 'X-Kept': 'yes' }).end('hello')
  })

const serving = async (sites: Readonly<Record<string, Site>>, options: Parameters<typeof startRouter>[1] = {}) => {
  const directory = createCachedDirectory({
    now: () => 0,
    lookup: async (hostname) => {
      lookups.push(hostname)
      return sites[hostname]
    },
  })
  return startRouter(directory.find, options)
}

const factsIn = (token: unknown): Record<string, unknown> => {
  const [, payload = ''] = String(token).split('.')
  return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { facts: Record<string, unknown> }).facts
}

describe('a hostname derived from that of a site', () => {
  it('reaches the site, which learns the purpose and gets no cookie', async () => {
    const { endpoint } = await startRecorder()
    const { port } = await serving({ 'acme.localhost': activeSite(endpoint) })
    const headers = { cookie: 'a=1', Cookie2: 'x', 'x-sitewright-purpose': 'forged', X_Sitewright_Purpose: 'forged' }
    const answer = await visit(port, { host: 'ACME--content.localhost:4000', path: '/launch', headers })
    expect([answer.status, answer.body, answer.headers['x-kept']]).toEqual([200, 'hello', 'yes'])
    expect(answer.headers['set-cookie']).toBeUndefined()
    expect(asked[0]?.url).toBe('/launch')
    expect(asked[0]?.headers).toMatchObject({
      'x-sitewright-purpose': 'content',
      'x-forwarded-host': 'ACME--content.localhost:4000',
    })
    expect(asked[0]?.headers.cookie).toBeUndefined()
    expect(JSON.stringify(asked[0]?.headers)).not.toContain('forged')
  })

  it('is in the entitlement, at the platform also where a custom domain was asked', async () => {
    const { endpoint } = await startRecorder()
    const site = activeSite(endpoint)
    const { port } = await serving({ 'acme.localhost': site, 'www.example.com': site })
    for (const host of ['acme.localhost:4000', 'www.example.com']) {
      const answer = await visit(port, { host, headers: { 'x-sitewright-purpose': 'content', cookie: 'a=1' } })
      expect(answer.headers['set-cookie']).toEqual(['a=1'])
    }
    for (const { headers } of asked) {
      expect(headers['x-sitewright-purpose']).toBeUndefined()
      expect(headers.cookie).toBe('a=1')
      expect(factsIn(headers['x-sitewright-entitlement'])['origins']).toEqual({
        content: 'http://acme--content.localhost:4000',
      })
    }
  })

  it('is not in the entitlement while an older site has it as its slug', async () => {
    const { endpoint } = await startRecorder()
    const older = { ...activeSite(endpoint), id: 'site_01jq3v5k8m0000000000000009' } as const
    const hostname = 'acme--content.localhost'
    const sites = {
      'acme.localhost': activeSite(endpoint),
      [hostname]: { ...older, ownership: { ...older.ownership, hostname } },
    }
    const { port } = await serving(sites)
    for (const host of ['acme.localhost:4000', `${hostname}:4000`])
      expect((await visit(port, { host })).status).toBe(200)
    const [own, olders] = asked.map(({ headers }) => factsIn(headers['x-sitewright-entitlement'])['origins'])
    expect(own).toEqual({})
    expect(olders).toEqual({ content: 'http://acme--content--content.localhost:4000' })
    expect(asked[1]?.headers['x-sitewright-purpose']).toBeUndefined()
  })

  it('upgrades with the purpose and without a cookie', async () => {
    const { server, endpoint } = await startRecorder()
    const upgrades: IncomingHttpHeaders[] = []
    server.on('upgrade', ({ headers }, socket) => {
      upgrades.push(headers)
      socket.end(
        'HTTP/1.1 101 Switching Protocols\r\nSet-Cookie: a=1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      )
    })
    const { port } = await serving({ 'acme.localhost': activeSite(endpoint) })
    const head = 'GET /ws HTTP/1.1\r\nHost: acme--content.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'
    const answer = await exchange(port, `${head}Cookie: a=1\r\n\r\n`)
    expect(answer).toContain('101')
    expect(answer).not.toContain('a=1')
    expect(upgrades).toMatchObject([{ 'x-sitewright-purpose': 'content' }])
    expect(upgrades[0]?.cookie).toBeUndefined()
  })

  it('shares the limits of its site', async () => {
    const { endpoint } = await startRecorder()
    const plans = plansWith({ requestsPerMinute: 2 })
    const isProxy = () => true
    const { port } = await serving({ 'acme.localhost': activeSite(endpoint) }, { plans, isProxy })
    const hosts = ['acme.localhost', 'acme--content.localhost', 'acme.localhost', 'acme--content.localhost']
    const statuses: number[] = []
    for (const host of hosts) statuses.push((await visit(port, { host })).status)
    expect(statuses).toEqual([200, 200, 429, 429])
  })

  it('shows the page of a site that does not run', async () => {
    const { port } = await serving({ 'acme.localhost': silentSites.suspended })
    const answer = await visit(port, { host: 'acme--content.localhost', headers: { accept: 'text/html' } })
    expect([answer.status, answer.body.includes('This site is suspended')]).toEqual([503, true])
  })

  it('is not looked up again within a second', async () => {
    const { endpoint } = await startRecorder()
    const { port } = await serving({ 'acme.localhost': activeSite(endpoint) })
    for (let visits = 0; visits < 3; visits += 1) await visit(port, { host: 'acme--content.localhost' })
    expect(lookups).toEqual(['acme--content.localhost', 'acme.localhost'])
  })

  it('is that of an older site, where one has the whole name', async () => {
    const [own, older] = [await startRecorder(), await startRecorder()]
    const { port } = await serving({
      'acme.localhost': activeSite(own.endpoint),
      'acme--content.localhost': activeSite(older.endpoint, { number: 2, hostname: 'acme--content.localhost' }),
    })
    const answer = await visit(port, { host: 'acme--content.localhost', headers: { cookie: 'a=1' } })
    expect(answer.headers['set-cookie']).toEqual(['a=1'])
    expect(asked[0]?.headers).toMatchObject({ cookie: 'a=1' })
    expect(asked[0]?.headers['x-sitewright-purpose']).toBeUndefined()
  })

  it('can be derived from the slug of an older site that contains two hyphens', async () => {
    const { endpoint } = await startRecorder()
    const { port } = await serving({ 'a--b.localhost': activeSite(endpoint, { hostname: 'a--b.localhost' }) })
    expect((await visit(port, { host: 'a--b.localhost' })).status).toBe(200)
    expect((await visit(port, { host: 'a--b--content.localhost' })).status).toBe(200)
    expect(asked.map(({ headers }) => headers['x-sitewright-purpose'])).toEqual([undefined, 'content'])
  })

  it.each([
    'acme--rehearsal.localhost',
    'acme-content.localhost',
    'acme--content--content.localhost',
    '--content.localhost',
    'content.localhost',
    'www--content.example.com',
    'acme--content.example.com',
    'acme--content',
  ])('is not %s', async (host) => {
    const { endpoint } = await startRecorder()
    const site = activeSite(endpoint)
    const { port } = await serving({ 'acme.localhost': site, 'www.example.com': site })
    expect((await visit(port, { host })).status).toBe(404)
    expect(asked).toEqual([])
  })
})

it('agrees once on the terms of a site for all requests that come together', async () => {
  const { endpoint } = await startRecorder()
  let agreements = 0
  const plans = plansWith({})
  const counted = {
    ...plans,
    find: (id: string) => {
      agreements += 1
      return plans.find(id)
    },
  }
  const { port } = await serving(
    { 'shop.localhost': activeSite(endpoint, { hostname: 'shop.localhost' }) },
    { plans: counted },
  )
  await Promise.all(Array.from({ length: 20 }, () => visit(port, { host: 'shop.localhost' })))
  expect([asked.length, agreements]).toEqual([20, 1])
})
