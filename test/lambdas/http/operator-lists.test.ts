import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ActiveSite, Site } from '../../../core/site/site.ts'
import { operatorSiteDetailSchema, operatorSitesSchema, siteEventsSchema } from '../../../lambdas/operators/answers.ts'
import { unlimited } from '../../support/signing-up.ts'
import { type ApiStage, openApiStage } from '../api-stage.ts'
import { givenSites } from '../given-site.ts'
import { signIn } from '../sign-in.ts'

const day = 86_400_000

let stage: ApiStage
let authorization: string
/** In the order in which they were requested. */
let sites: Record<'pooled' | 'failed' | 'first' | 'suspended' | 'archived' | 'purged' | 'active' | 'building', Site>

beforeAll(async () => {
  stage = await openApiStage(() => ({ abuse: unlimited }))
  const given = givenSites(stage)
  const ada = await signIn(stage, 'ada@example.com')
  const eve = await signIn(stage, 'eve@example.com')
  const pooled = await given.ready()
  const failed = await given.failed(ada.accountId, 'failed')
  const first = await given.active(ada.accountId, 'first')
  const made: Record<string, ActiveSite> = {}
  for (const slug of ['suspended', 'archived', 'purged']) made[slug] = await given.active(eve.accountId, slug)
  stage.turnClock(15 * day)
  const suspended = await given.suspended(made['suspended']!)
  const archived = await given.archived(await given.suspended(made['archived']!))
  const purged = await given.purged(await given.archived(await given.suspended(made['purged']!)))
  const active = await given.active(eve.accountId, 'active')
  const building = await given.building(ada.accountId, 'building')
  sites = { pooled, failed, first, suspended, archived, purged, active, building }
  authorization = (await stage.operator('staff@example.com', 'support')).authorization
})
afterAll(async () => stage?.[Symbol.asyncDispose]())

const ask = (path: string, query: Readonly<Record<string, string>> = {}) =>
  stage.send({ path, query, headers: { authorization } })

const list = async (query: Readonly<Record<string, string>> = {}) => {
  const { status, json } = await ask('/v1/operator/sites', query)
  expect(status).toBe(200)
  return operatorSitesSchema.parse(json)
}
const names = async (query: Readonly<Record<string, string>>) => {
  const { sites: found } = await list(query)
  return found.map(({ id }) => Object.entries(sites).find(([, site]) => site.id === id)?.[0])
}

const newestFirst = ['building', 'active', 'purged', 'archived', 'suspended', 'first', 'failed', 'pooled']

describe('the list of sites for operators', () => {
  it('lists all sites, newest first, in pages', async () => {
    expect(await names({})).toEqual(newestFirst)
    const found: unknown[] = []
    let cursor: string | undefined
    do {
      const page = await list({ limit: '3', ...(cursor && { cursor }) })
      found.push(...page.sites.map(({ id }) => id))
      cursor = page.cursor
    } while (cursor !== undefined)
    expect(found).toEqual(newestFirst.map((name) => sites[name as keyof typeof sites].id))
  })

  it('filters sites by status', async () => {
    expect(await names({ status: 'active' })).toEqual(['active', 'first'])
    expect(await names({ status: 'purged' })).toEqual(['purged'])
    expect(await names({ status: 'ready' })).toEqual(['pooled'])
  })

  it('filters sites by owner in any spelling', async () => {
    expect(await names({ owner: 'ADA@example.com' })).toEqual(['building', 'first', 'failed'])
    expect(await names({ owner: 'ada@example.com', status: 'active' })).toEqual(['first'])
    expect(await names({ owner: 'nobody@example.com' })).toEqual([])
  })

  it('filters sites by hostname and other conditions', async () => {
    expect(await names({ hostname: 'Suspended.localhost' })).toEqual(['suspended'])
    expect(await names({ hostname: 'suspended.localhost', owner: 'eve@example.com' })).toEqual(['suspended'])
    expect(await names({ hostname: 'suspended.localhost', owner: 'ada@example.com' })).toEqual([])
    expect(await names({ hostname: 'suspended.localhost', owner: 'nobody@example.com' })).toEqual([])
    expect(await names({ hostname: 'suspended.localhost', status: 'active' })).toEqual([])
    expect(await names({ hostname: 'nobody.localhost' })).toEqual([])
  })

  it('filters sites by deadline, earliest first', async () => {
    const now = stage.now()
    // The trial of the first one has ended: its first reminder was due long ago.
    expect(await names({ dueBefore: now })).toEqual(['first'])
    const later = new Date(Date.parse(now) + 22 * day)
    expect(await names({ dueBefore: later.toISOString() })).toEqual(['first', 'active', 'suspended'])
    expect(await names({ dueBefore: later.toISOString(), status: 'suspended' })).toEqual(['suspended'])
    expect(await names({ dueBefore: later.toISOString(), owner: 'eve@example.com' })).toEqual(['active', 'suspended'])
    const [at] = (await list({ status: 'suspended' })).sites.map(({ nextStep }) => nextStep?.at ?? '')
    const elsewhere = new Date(Date.parse(at!) + 2 * 3_600_000).toISOString().replace('Z', '+02:00')
    expect(await names({ dueBefore: elsewhere, status: 'suspended' })).toEqual([])
    const justAfter = elsewhere.replace(/\d\d\d\+/, (milliseconds) =>
      `${Number.parseInt(milliseconds, 10) + 1}+`.padStart(4, '0'),
    )
    expect(await names({ dueBefore: justAfter, status: 'suspended' })).toEqual(['suspended'])
  })

  it('finds a site by its id, and by what its slug begins with', async () => {
    expect(await names({ id: sites.suspended.id })).toEqual(['suspended'])
    expect(await names({ id: sites.suspended.id, owner: 'ada@example.com' })).toEqual([])
    expect(await names({ id: sites.suspended.id, plan: 'trial', status: 'suspended' })).toEqual(['suspended'])
    expect(await names({ id: 'site_1' })).toEqual([])
    expect(await names({ slug: 'A' })).toEqual(['active', 'archived'])
    expect(await names({ slug: 'archived' })).toEqual(['archived'])
    expect(await names({ slug: 'nobody' })).toEqual([])
    expect(await names({ owner: 'eve@example.com', plan: 'starter' })).toEqual([])
  })

  it('lists sites in both orders, by creation and by deadline', async () => {
    expect(await names({ order: 'ascending' })).toEqual(newestFirst.toReversed())
    expect(await names({ status: 'active', sort: 'created', order: 'ascending' })).toEqual(['first', 'active'])
    const byDeadline = await names({ sort: 'deadline' })
    expect(byDeadline.slice(0, 2)).toEqual(['first', 'active'])
    expect(await names({ sort: 'deadline', order: 'descending' })).toEqual(byDeadline.toReversed())
    const [latest] = (await list({ sort: 'deadline', order: 'descending', limit: '1' })).sites
    expect(latest?.id).toBe(sites[byDeadline.at(-1) as keyof typeof sites].id)
  })

  it.each([
    ['plan', { plan: 'starter' }, 'not indexed by plan'],
    ['slug', { slug: 'a', status: 'active' }, 'takes no other condition'],
    ['sort', { owner: 'ada@example.com', sort: 'deadline' }, 'its own order'],
    ['sort', { sort: 'created', dueBefore: '2026-01-01T00:00:00Z' }, 'by deadline'],
    ['hostname', { id: 'site_1', hostname: 'first.localhost' }, 'alone'],
  ] as const)('refuses to combine %s with what no index answers', async (path, query, why) => {
    const { status, json } = await ask('/v1/operator/sites', query)
    expect(status).toBe(400)
    expect(json['detail']).toContain(why)
    expect(json['errors']).toEqual([expect.objectContaining({ path })])
  })

  it.each([
    ['status', { status: 'gone' }],
    ['owner', { owner: 'ada' }],
    ['dueBefore', { dueBefore: 'tomorrow' }],
    ['dueBefore', { dueBefore: '2026-01-01' }],
    ['limit', { limit: '0' }],
    ['limit', { limit: '101' }],
    ['cursor', { cursor: 'bm9uZQ' }],
    ['cursor', { cursor: 'bm9uZQ', dueBefore: '2026-01-01T00:00:00Z' }],
    ['cursor', { cursor: 'bm9uZQ', hostname: 'first.localhost' }],
  ] as const)('refuses a wrong %s', async (path, query) => {
    const { status, json } = await ask('/v1/operator/sites', query)
    expect(status).toBe(400)
    expect(json['errors']).toEqual([expect.objectContaining({ path })])
  })
})

describe('one site', () => {
  it.each(newestFirst)('that is %s is what the API promises', async (name) => {
    const site = sites[name as keyof typeof sites]
    const { status, json } = await ask(`/v1/operator/sites/${site.id}`)
    expect(status).toBe(200)
    const view = operatorSiteDetailSchema.parse(json)
    expect(view).toMatchObject({ id: site.id, version: site.version, status: site.status })
    const address = ['building', 'first', 'failed'].includes(name) ? 'ada@example.com' : 'eve@example.com'
    expect(view.owner).toEqual(name === 'pooled' ? null : { email: address, name: null })
  })

  it('has a history, newest first, in pages', async () => {
    const { id, version } = sites.purged
    const all: number[] = []
    let cursor: string | undefined
    do {
      const { json } = await ask(`/v1/operator/sites/${id}/events`, { limit: '2', ...(cursor && { cursor }) })
      const page = siteEventsSchema.parse(json)
      all.push(...page.events.map((event) => event.version))
      cursor = page.cursor
    } while (cursor !== undefined)
    expect(all).toEqual(Array.from({ length: version }, (_, index) => version - index))
  })

  it('is 404 if it does not exist', async () => {
    for (const id of ['site_01jq3v5k8m0000000000000000', 'site_1', 'x'])
      for (const path of [`/v1/operator/sites/${id}`, `/v1/operator/sites/${id}/events`])
        expect((await ask(path)).status).toBe(404)
  })
})
