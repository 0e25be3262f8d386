import { once } from 'node:events'
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { decodeJwt } from 'jose'
import { describe, expect, it } from 'vitest'
import { tokenHash } from '../../core/digest.ts'
import type { Viewer } from '../../core/entitlement/viewer.ts'
import type { ActiveSite } from '../../core/site/site.ts'
import { type EntranceStore, entrancePath } from '../../lambdas/operators/entrance/entrance.ts'
import config from '../../sitewright.config.ts'
import { activeSite, plansWith, silentSites, siteId } from './sites.ts'
import { startRouter, startSite, visit } from './stage.ts'

const viewer: Viewer = { role: 'owner', personId: 'prsn_01jq3v5k8m0000000000000000', email: 'ada@example.com' }
const token = 'T'.repeat(43)
const path = `${entrancePath}${token}`
const at = '2026-03-01T12:00:00.000Z'
const beta = { host: 'beta.localhost:4000' }

/** A command has its data for itself, so it does not run. */
const whileHandedOver = ({ endpoint: _, ...site }: ActiveSite): ActiveSite => ({
  ...site,
  access: 'claimed',
  handOver: { status: 'pending' },
  operation: { id: 'o1', kind: 'handover', fence: 1, startedAt: at, requestedAt: at, pausedAt: at },
})

/** A router before two sites, which remember what they got. */
const stage = async (options: Parameters<typeof startRouter>[1] & { use?: EntranceStore['use'] } = {}) => {
  const seen: IncomingHttpHeaders[] = []
  const site = await startSite(({ headers }, response) => {
    seen.push(headers)
    response.end('site')
  })
  const asked: { siteId: string; tokenHash: string }[] = []
  const { use = async () => (asked.length === 1 ? viewer : undefined), ...others } = options
  const router = await startRouter(
    {
      'acme.localhost': activeSite(site.endpoint),
      'beta.localhost': activeSite(site.endpoint, { number: 2, hostname: 'beta.localhost' }),
      'gone.localhost': silentSites.suspended,
      'stopped.localhost': whileHandedOver(activeSite(site.endpoint, { hostname: 'stopped.localhost' })),
    },
    {
      ...others,
      entrances: {
        use: (entrance, now) => {
          asked.push(entrance)
          return use(entrance, now)
        },
      },
    },
  )
  const cookie = async (site = siteId(1), name = 'sitewright_viewer') =>
    `${name}=${await router.viewers.signCookie(site, viewer)}`
  /** The viewer in the last request that a site got. */
  const viewerFor = async (headers: Record<string, string>, host = 'acme.localhost:4000') => {
    await visit(router.port, { headers, host })
    const header = seen.at(-1)?.['x-sitewright-viewer']
    return typeof header === 'string' ? decodeJwt(header) : undefined
  }
  return { ...router, site, seen, asked, cookie, viewerFor }
}

describe('an entrance', () => {
  it('sets a cookie for the session of the browser and redirects to the site', async () => {
    const { port, asked, seen } = await stage()
    const answer = await visit(port, { path })
    expect(answer.status).toBe(303)
    expect(answer.headers).toMatchObject({
      location: '/',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    })
    const [cookie = ''] = answer.headers['set-cookie'] ?? []
    expect(cookie).toMatch(/^sitewright_viewer=[\w.-]+; Path=\/; HttpOnly; SameSite=Lax$/)
    expect(asked).toEqual([{ siteId: siteId(1), tokenHash: tokenHash(token) }])
    expect(seen).toEqual([])
  })

  it('sets a cookie that only this host over TLS can have where there is TLS', async () => {
    const { port } = await stage({ visitorProtocol: 'https' })
    const [cookie] = (await visit(port, { path })).headers['set-cookie'] ?? []
    expect(cookie).toMatch(/^__Host-sitewright_viewer=[\w.-]+; Path=\/; HttpOnly; SameSite=Lax; Secure$/)
  })

  it('lets the owner in by the cookie that it set', async () => {
    const { port, viewerFor } = await stage()
    const [set = ''] = (await visit(port, { path })).headers['set-cookie'] ?? []
    const told = await viewerFor({ cookie: set.split(';')[0] ?? '' })
    expect(told).toMatchObject({ ...viewer, aud: siteId(1), iss: 'sitewright' })
  })

  it('that was used is answered by a page that says what to do', async () => {
    const { port } = await stage()
    await visit(port, { path })
    const answer = await visit(port, { path, headers: { accept: 'text/html' } })
    expect(answer.status).toBe(410)
    expect(answer.body).toContain('Open the site from the console again.')
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
    expect(answer.headers['set-cookie']).toBeUndefined()
  })

  it.each([
    ['of another form than ours', { path: `${entrancePath}short` }],
    ['with more behind it', { path: `${path}/x` }],
    ['without a token', { path: entrancePath }],
    ['asked for by HEAD', { path, method: 'HEAD' }],
    ['asked for by POST', { path, method: 'POST' }],
    ['fetched ahead', { path, headers: { 'sec-purpose': 'prefetch;prerender' } }],
  ])('%s consumes nothing and does not reach the site', async (_, request) => {
    const { port, asked, seen } = await stage()
    expect((await visit(port, request)).status).toBe(410)
    expect([asked, seen]).toEqual([[], []])
  })

  it('lets in at a site without an address, whose page then opens the site, and which strangers do not see', async () => {
    const { port, asked } = await stage()
    const host = 'stopped.localhost'
    const answer = await visit(port, { path, host })
    expect([answer.status, asked]).toEqual([303, [{ siteId: siteId(1), tokenHash: tokenHash(token) }]])
    const cookie = answer.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
    expect(await visit(port, { host })).toMatchObject({ status: 403, body: expect.stringContaining('site-not-open') })
    const program = await visit(port, { host, headers: { cookie } })
    expect(program).toMatchObject({ status: 503, body: expect.stringContaining('site-restarting') })
    const page = await visit(port, { host, headers: { cookie, accept: 'text/html' } })
    expect(page).toMatchObject({
      status: 503,
      body: expect.stringMatching(/<progress aria-label="This site is starting">.*<script>/s),
    })
    const sent = await visit(port, { host, method: 'POST', headers: { cookie, accept: 'text/html' } })
    expect(sent).toMatchObject({ status: 503, body: expect.not.stringContaining('<script>') })
  })

  it('is not asked for on a site that does not answer', async () => {
    const { port, asked } = await stage()
    expect((await visit(port, { path, host: 'gone.localhost' })).status).toBe(503)
    expect(asked).toEqual([])
  })

  it('that cannot be looked up is answered 503, and no log has its token', async () => {
    const { port, logged } = await stage({ use: () => Promise.reject(new Error('the store is away')) })
    expect((await visit(port, { path })).status).toBe(503)
    expect(logged).toHaveLength(1)
    expect(JSON.stringify(logged)).not.toContain(token)
  })

  it('counts as a request of the plan', async () => {
    const { port, asked } = await stage({
      plans: plansWith({ requestsPerMinute: 2 }),
      clients: { ...config.clients, roomForOthers: 0 },
    })
    const statuses: number[] = []
    for (let count = 0; count < 4; count += 1) statuses.push((await visit(port, { path })).status)
    expect(statuses).toEqual([303, 410, 429, 429])
    expect(asked).toHaveLength(2)
  })
})

describe('the cookie of a viewer', () => {
  it('never reaches the site, whatever its name and company', async () => {
    const { port, seen, cookie } = await stage()
    await visit(port, { headers: { cookie: `a=1; ${await cookie()}; b=2; __Host-sitewright_viewer=x` } })
    await visit(port, { headers: { cookie: await cookie() } })
    expect(seen.map((headers) => headers.cookie)).toEqual(['a=1; b=2', undefined])
  })

  it('of another site makes nobody a viewer', async () => {
    const { cookie, viewerFor } = await stage()
    expect(await viewerFor({ cookie: await cookie() }, beta.host)).toBeUndefined()
    expect(await viewerFor({ cookie: await cookie(siteId(2)) }, beta.host)).toMatchObject({ aud: siteId(2) })
  })

  it('is found behind cookies of its name that another host has set', async () => {
    const { cookie, viewerFor } = await stage()
    expect(await viewerFor({ cookie: `sitewright_viewer=x; ${await cookie()}` })).toMatchObject(viewer)
  })

  it('counts under the plain name only where there is no TLS', async () => {
    const { cookie, viewerFor } = await stage({ visitorProtocol: 'https' })
    expect(await viewerFor({ cookie: await cookie() })).toBeUndefined()
    expect(await viewerFor({ cookie: await cookie(siteId(1), '__Host-sitewright_viewer') })).toMatchObject(viewer)
  })

  it('is no reason to believe a header of the visitor', async () => {
    const { seen, port, viewerFor, cookie } = await stage()
    await visit(port, { headers: { 'x-sitewright-viewer': 'forged' } })
    expect(seen[0]).not.toHaveProperty('x-sitewright-viewer')
    const headers = { 'x-sitewright-viewer': 'forged', cookie: await cookie() }
    expect(await viewerFor(headers)).toMatchObject(viewer)
  })

  it('is used for WebSockets too', async () => {
    const { port, site, cookie } = await stage()
    const got = once(site.server, 'upgrade') as Promise<[IncomingMessage, { destroy: () => void }]>
    const outgoing = httpRequest({
      port,
      headers: {
        host: 'acme.localhost:4000',
        connection: 'Upgrade',
        upgrade: 'websocket',
        cookie: `a=1; ${await cookie()}`,
      },
    })
    outgoing.on('error', () => undefined)
    outgoing.end()
    const [request, socket] = await got
    expect(decodeJwt(String(request.headers['x-sitewright-viewer']))).toMatchObject(viewer)
    expect(request.headers.cookie).toBe('a=1')
    socket.destroy()
    outgoing.destroy()
  })

  it('cannot be had by a request to upgrade, which does not reach the site either', async () => {
    const { port, asked, seen } = await stage()
    const headers = { connection: 'Upgrade', upgrade: 'websocket' }
    expect((await visit(port, { path, headers })).status).toBe(410)
    expect([asked, seen]).toEqual([[], []])
  })

  it('gives its person a share of the plan, whatever the address', async () => {
    const { port, cookie } = await stage({ plans: plansWith({ requestsPerMinute: 4 }) })
    const ask = async (headers: Record<string, string> = {}) => (await visit(port, { headers })).status
    for (let count = 0; count < 4; count += 1) expect(await ask()).toBe(200)
    expect(await ask()).toBe(429)
    expect(await ask({ cookie: await cookie() })).toBe(200)
    expect(await ask()).toBe(429)
  })
})
