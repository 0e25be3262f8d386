import { describe, expect, it } from 'vitest'
import type { Viewer } from '../../core/entitlement/viewer.ts'
import type { ActiveSite, Site } from '../../core/site/site.ts'
import { entrancePath } from '../../lambdas/operators/entrance/entrance.ts'
import type { WakeCall } from '../../lambdas/sleep/sleep-policy.ts'
import { wakePath } from '../../router/waking-pages.ts'
import { activeSite } from './sites.ts'
import { exchange, startRouter, startSite, visit } from './stage.ts'

const viewer: Viewer = { role: 'owner', personId: 'prsn_01jq3v5k8m0000000000000000', email: 'ada@example.com' }
const browser = { accept: 'text/html' }
const at = '2026-03-01T12:00:00.000Z'

type Entry = Pick<ActiveSite, 'access' | 'handOver'>

const asleep = ({ endpoint: _, ...site }: ActiveSite): Site => ({ ...site, status: 'asleep', asleepSince: at })

/** A router before a site behind a gate, at its hostname, its content origin and a custom domain. */
const stage = async (entry: Entry, { isAsleep = false } = {}) => {
  const seen: string[] = []
  const calls: WakeCall[] = []
  const site = await startSite(({ url = '' }, response) => {
    seen.push(url)
    response.end('site')
  })
  const played = { ...activeSite(site.endpoint), ...entry }
  const current = isAsleep ? asleep(played) : played
  const hosts = ['acme.localhost', 'www.acme.example', 'acme--content.localhost']
  const router = await startRouter(async (hostname) => (hosts.includes(hostname) ? current : undefined), {
    pollMilliseconds: 10,
    longestHoldMilliseconds: 50,
    entrances: { use: async () => viewer },
    wakes: {
      wake: async (call) => {
        calls.push(call)
        return { outcome: 'waking' }
      },
      clientSecret: 'secret',
      limitLoopback: true,
    },
  })
  const cookie = async () => `sitewright_viewer=${await router.viewers.signCookie(played.id, viewer)}`
  return { ...router, seen, calls, cookie }
}

const closed: readonly (readonly [string, Entry, string])[] = [
  ['of an owner alone', { access: 'owner' }, 'site-private'],
  ['of an owner alone, handed over', { access: 'owner', handOver: { status: 'done', at } }, 'site-private'],
  ['before its hand-over', { access: 'claimed', handOver: { status: 'pending' } }, 'site-not-open'],
  ['whose hand-over failed', { access: 'claimed', handOver: { status: 'failed', at, reason: 'no' } }, 'site-not-open'],
  ['whose record lacks its hand-over', { access: 'claimed' }, 'site-not-open'],
]

describe.each(closed)('a site %s', (_, entry, problem) => {
  it('turns strangers away at each of its hostnames', async () => {
    const { port, seen } = await stage(entry)
    for (const host of ['acme.localhost', 'www.acme.example', 'acme--content.localhost']) {
      const answer = await visit(port, { host, method: 'POST', body: 'x' })
      expect([answer.status, JSON.parse(answer.body).type]).toEqual([403, `urn:sitewright:problem:${problem}`])
    }
    const page = await visit(port, { headers: browser })
    expect(page.status).toBe(403)
    expect(page.headers['content-type']).toContain('text/html')
    expect(page.body).toContain('console')
    expect(seen).toEqual([])
  })

  it('turns away WebSockets and forged cookies', async () => {
    const { port, seen } = await stage(entry)
    const answer = await exchange(
      port,
      'GET /ws HTTP/1.1\r\nHost: acme.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    )
    expect(answer).toMatch(/^HTTP\/1\.1 403 /)
    expect((await visit(port, { headers: { cookie: 'sitewright_viewer=a.b.c' } })).status).toBe(403)
    expect((await visit(port, { headers: { 'x-sitewright-viewer': 'a.b.c' } })).status).toBe(403)
    expect(seen).toEqual([])
  })

  it('lets in who came through the entrance', async () => {
    const { port, cookie } = await stage(entry)
    expect((await visit(port, { path: `${entrancePath}${'T'.repeat(43)}` })).status).toBe(303)
    expect(await visit(port, { headers: { cookie: await cookie() } })).toMatchObject({ status: 200, body: 'site' })
  })

  it('is woken by its owner and by no stranger', async () => {
    const { port, calls, cookie } = await stage(entry, { isAsleep: true })
    const push = { path: wakePath, method: 'POST', headers: { ...browser, origin: 'http://acme.localhost' } }
    expect((await visit(port)).status).toBe(403)
    expect((await visit(port, { ...push, host: 'acme.localhost' })).status).toBe(403)
    expect(calls).toEqual([])
    await visit(port, { headers: { cookie: await cookie() } })
    expect(calls).toHaveLength(1)
  })
})

describe.each<[string, Entry]>([
  ['of an older commit', {}],
  ['that is handed over', { access: 'claimed', handOver: { status: 'done', at } }],
  ['that is open during its hand-over', { handOver: { status: 'pending' } }],
])('a site %s', (_, entry) => {
  it('is open to everybody', async () => {
    const { port } = await stage(entry)
    expect(await visit(port)).toMatchObject({ status: 200, body: 'site' })
    expect(await visit(port, { host: 'www.acme.example' })).toMatchObject({ status: 200, body: 'site' })
  })
})
