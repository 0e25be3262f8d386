import { describe, expect, it } from 'vitest'
import { blueprintSchema } from '../../core/blueprint/blueprint.ts'
import type { Viewer } from '../../core/entitlement/viewer.ts'
import type { ActiveSite, Site } from '../../core/site/site.ts'
import { offerSchema } from '../../lambdas/offers/offer.ts'
import { createOffers } from '../../lambdas/offers/offers.ts'
import type { WakeCall } from '../../lambdas/sleep/sleep-policy.ts'
import config from '../../sitewright.config.ts'
import { routeOf } from '../../web/owner/routes.ts'
import { welcome } from '../support/provisioning.ts'
import { activeSite, plansWith, silentSites, siteId } from './sites.ts'
import { startRouter, startSite, visit } from './stage.ts'

const owner: Viewer = { role: 'owner', personId: 'prsn_01jq3v5k8m0000000000000000', email: 'ada@example.com' }
const support: Viewer = { role: 'support', operatorId: 'op', until: new Date(Date.now() + 3_600_000).toISOString() }
const path = '/_sitewright/bar.js'
const ownPage = { 'sec-fetch-site': 'same-origin' }
const at = '2026-03-01T12:00:00.000Z'
const hosts = ['acme.localhost', 'www.acme.example']

type StageOptions = Parameters<typeof startRouter>[1] & {
  readonly change?: Partial<ActiveSite>
  readonly site?: (active: ActiveSite) => Site
  readonly bar?: 'none' | 'unknown'
}

/** A router before a site, which remembers what it was asked. */
const stage = async ({ change = {}, site: silent, bar, ...options }: StageOptions = {}) => {
  const asked: string[] = []
  const wakes: WakeCall[] = []
  const { endpoint } = await startSite(({ url = '' }, response) => {
    asked.push(url)
    response.end('site')
  })
  const active = { ...activeSite(endpoint), ...change }
  const site = silent?.(active) ?? active
  const blueprint = blueprintSchema.parse({ ...welcome(1), ...(bar === 'none' ? { ownerBar: bar } : {}) })
  const router = await startRouter(async (hostname) => (hosts.includes(hostname) ? site : undefined), {
    blueprints: { get: async () => (bar === 'unknown' ? undefined : blueprint) },
    wakes: {
      wake: async (call) => {
        wakes.push(call)
        return { outcome: 'waking' }
      },
      clientSecret: 'secret',
      limitLoopback: true,
    },
    ...options,
  })
  const cookieOf = async (viewer: Viewer, of = active.id) =>
    `sitewright_viewer=${await router.viewers.signCookie(of, viewer)}`
  /** Asks for the bar as a page of the site does, for its owner unless told. */
  const ask = async ({ headers = ownPage, cookie, ...more }: Asked = {}) =>
    visit(router.port, { path, headers: { ...headers, cookie: cookie ?? (await cookieOf(owner)) }, ...more })
  const facts = async () => factsIn((await ask()).body)
  return { ...router, asked, wakes, cookieOf, ask, facts }
}

interface Asked {
  readonly headers?: Readonly<Record<string, string>>
  readonly cookie?: string
  readonly host?: string
  readonly method?: string
}

/** What the script is called with at its end. */
const factsIn = (script: string) => JSON.parse(/\}\)\((\{.*\})\)$/.exec(script)?.[1] ?? '{}')

describe('the bar of an owner', () => {
  it('is a script for them alone, which no page of another origin may use', async () => {
    const { ask, asked } = await stage()
    const { status, headers, body } = await ask()
    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'no-store',
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    })
    expect(headers).not.toHaveProperty('access-control-allow-origin')
    expect(body).toContain('sitewright-bar')
    expect(asked).toEqual([])
  })

  it('knows the end of the trial and the page of the site in the console', async () => {
    const { facts } = await stage({ brand: 'Meadow' })
    const known = await facts()
    expect(known).toMatchObject({
      brand: 'Meadow',
      address: 'http://acme.localhost:4000',
      plan: 'Trial',
      isTrial: true,
      end: { because: 'trial', at: '2026-03-15T12:00:00.000Z' },
      hasDomain: false,
    })
    // A browser's clock may be wrong.
    expect(Math.abs(Date.parse(known.now) - Date.now())).toBeLessThan(3_600_000)
    expect(known.console).toContain(`/sites/#/sites/${siteId(1)}`)
    const { hash } = new URL(`${known.console}?part=plans`, 'http://localhost')
    expect(routeOf(hash)).toEqual({ name: 'site', id: siteId(1), part: 'plans', isBought: false })
  })

  it('has the name, the colours and the console of the offer', async () => {
    const colours = { light: '#0f766e', dark: '#5eead4' }
    const offer = offerSchema.parse({ id: 'schools', hostnames: ['schools.test'], brand: { name: 'Schools', colours } })
    const { ownership } = activeSite({ host: '127.0.0.1', port: 9 })
    const { facts } = await stage({
      brand: 'Meadow',
      offers: createOffers([offer], 'https://try.test'),
      change: { ownership: { ...ownership, offer: 'schools' } },
    })
    const known = await facts()
    expect(known).toMatchObject({ brand: 'Schools', accent: colours })
    expect(known.console).toMatch(/^https:\/\/schools\.test\/sites\/#/)
  })

  it('names the plan and the domain of a paid site, and says that a payment is overdue', async () => {
    const paid = { plan: 'team', urlHostname: 'www.acme.example' }
    expect(await (await stage({ change: paid })).facts()).toMatchObject({
      plan: 'Team',
      isTrial: false,
      end: null,
      address: 'http://www.acme.example:4000',
      hasDomain: true,
    })
    const billing = {
      ...{ customerId: 'cus_1', subscriptionId: 'sub_1', plan: 'team', interval: 'month', state: 'past-due' },
      ...{ paidThrough: at, pastDueSince: at },
    } as const
    const overdue = await stage({ change: { ...paid, billing: billing as never } })
    expect((await overdue.facts()).end).toMatchObject({ because: 'payment' })
    for (const [state, because] of [
      ['paused', 'pause'],
      ['ended', 'subscription'],
    ] as const) {
      const over = await stage({ change: { ...paid, billing: { ...billing, state } as never } })
      expect((await over.facts()).end).toMatchObject({ because })
    }
  })

  it('is answered to HEAD without a body, and with a query', async () => {
    const { ask, asked } = await stage()
    expect(await ask({ method: 'HEAD' })).toMatchObject({ status: 200, body: '' })
    expect(asked).toEqual([])
  })

  it('leaves everything else of its address to the site', async () => {
    const { port, asked } = await stage()
    for (const other of ['/_sitewright/bar.js/x', '/_sitewright/', '/_sitewright/bar_js']) {
      await visit(port, { path: other })
    }
    await visit(port, { path, method: 'POST' })
    expect(asked).toHaveLength(4)
  })
})

describe('the script is empty', () => {
  const expectEmpty = async ({ status, headers, body }: Awaited<ReturnType<typeof visit>>) => {
    expect([status, body]).toEqual([200, ''])
    expect(headers['content-type']).toBe('text/javascript; charset=utf-8')
  }

  it.each<[string, (cookieOf: Awaited<ReturnType<typeof stage>>['cookieOf']) => Promise<string> | string]>([
    ['a stranger', () => ''],
    ['a forged cookie', () => 'sitewright_viewer=a.b.c'],
    ['the owner of another site', (cookieOf) => cookieOf(owner, siteId(2))],
    ['support', (cookieOf) => cookieOf(support)],
  ])('for %s', async (_, cookie) => {
    const { ask, asked, cookieOf } = await stage()
    await expectEmpty(await ask({ cookie: await cookie(cookieOf) }))
    expect(asked).toEqual([])
  })

  it.each<[string, Record<string, string>]>([
    ['a page of another domain', { 'sec-fetch-site': 'cross-site' }],
    ['a page of another site below the same domain', { 'sec-fetch-site': 'same-site' }],
    ['an address that somebody typed', { 'sec-fetch-site': 'none' }],
    ['a page that an older browser names', { referer: 'http://beta.localhost:4000/' }],
    ['a page that an older browser does not name', {}],
    [
      'a page that only its referrer calls our own',
      { ...{ 'sec-fetch-site': 'same-site' }, referer: 'http://acme.localhost:4000/' },
    ],
  ])('for %s', async (_, headers) => {
    const { ask } = await stage()
    await expectEmpty(await ask({ headers }))
  })

  it.each(['none', 'unknown'] as const)('if the blueprint refuses it or cannot be read: %s', async (bar) => {
    const { ask } = await stage({ bar })
    await expectEmpty(await ask())
  })

  it('for strangers at a closed gate, who learn nothing', async () => {
    const { port } = await stage({ change: { access: 'owner' } })
    await expectEmpty(await visit(port, { path, headers: ownPage }))
  })
})

it('an older browser gets it on a page of the site', async () => {
  const { ask } = await stage()
  expect((await ask({ headers: { referer: 'http://acme.localhost:4000/a' } })).body).toContain('sitewright-bar')
})

it('a site that sleeps has it too, and is not woken', async () => {
  const { ask, wakes } = await stage({
    site: ({ endpoint: _, ...site }) => ({ ...site, status: 'asleep', asleepSince: at }),
  })
  expect((await ask()).body).toContain('sitewright-bar')
  expect(wakes).toEqual([])
})

it('a suspended site has its page, and no script', async () => {
  const { ask } = await stage({ site: () => silentSites.suspended })
  const { status, headers } = await ask()
  expect([status, headers['content-type']]).toEqual([503, 'application/problem+json'])
})

it('counts as a request of the plan, and not as use', async () => {
  const reports: unknown[] = []
  const store = { addToHour: async (hour: object) => void reports.push(hour), addToDay: async () => {} }
  const { ask, router } = await stage({
    plans: plansWith({ requestsPerMinute: 2 }),
    clients: { ...config.clients, roomForOthers: 0 },
    usage: { store, visitorSecret: 'secret', router: 'a' },
  })
  const statuses: number[] = []
  for (let count = 0; count < 3; count += 1) statuses.push((await ask()).status)
  expect(statuses).toEqual([200, 200, 429])
  await router.close(0)
  expect(reports).toEqual([])
})
