import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type StartedHost, startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { call } from './call.ts'
import {
  codeOf,
  createSite,
  enterSite,
  getSite,
  mailTo,
  poolIsFull,
  readEntries,
  type SiteBody,
  signIn,
  startSignup,
  verify,
  writeEntry,
} from './visitor.ts'

let host: StartedHost
/** Somebody with a site, at which several tests look. */
let owner: Awaited<ReturnType<typeof signIn>>
let site: SiteBody

beforeAll(async () => {
  host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '2' } })
  await poolIsFull(host)
  owner = await signIn(host, 'owner@example.com')
  site = (await createSite(host, owner, { slug: 'owned', name: 'Letters' })).json
})

afterAll(async () => host?.stop())

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

const sitesOf = async (person: { bearer: { authorization: string } }, query = '') =>
  (
    await call<{ sites: readonly SiteBody[]; cursor?: string }>(host, {
      path: `/v1/sites${query}`,
      headers: person.bearer,
    })
  ).json

describe('a sign-up', () => {
  it('leads from an address to a site that answers at once', async () => {
    const signup = await startSignup(host, 'ada@example.com', { name: 'Ada', company: 'Engines', acceptedTerms: true })
    expect(signup.status).toBe(201)
    expect(signup.json).toEqual({
      id: expect.stringMatching(/^sgn_/),
      email: 'ada@example.com',
      expiresAt: expect.stringMatching(instant),
    })

    const code = await codeOf(host, signup.json.id, 'ada@example.com')
    expect(code).toMatch(/^[B-Z]{4}-[B-Z]{4}$/)
    const verified = await verify(host, signup.json.id, code)
    expect(verified.status).toBe(200)
    expect(verified.json).toEqual({
      account: { id: expect.stringMatching(/^acct_/), email: 'ada@example.com' },
      session: { token: expect.stringMatching(/^[\w-]{43}$/), expiresAt: expect.stringMatching(instant) },
    })

    await poolIsFull(host)
    const person = { bearer: { authorization: `Bearer ${verified.json.session.token}` } }
    const created = await createSite(host, person, { slug: 'ada', name: "Ada's engines" })
    expect(created.status).toBe(201)
    expect(created.headers.location).toBe(`/v1/sites/${created.json.id}`)
    expect(created.json).toMatchObject({
      id: expect.stringMatching(/^site_/),
      slug: 'ada',
      name: "Ada's engines",
      url: `http://ada.localhost:${host.port}`,
      status: 'active',
      plan: 'trial',
      features: ['entries'],
      trialEndsAt: expect.stringMatching(instant),
      createdAt: expect.stringMatching(instant),
      blueprint: { name: 'welcome', version: 7 },
      progress: {
        percent: 100,
        steps: ['storage', 'start', 'ready', 'open'].map((name) => ({
          name,
          status: 'done',
          at: expect.stringMatching(instant),
        })),
      },
    })

    expect((await writeEntry(host, 'ada', 'first')).status).toBe(201)
    expect(await readEntries(host, 'ada')).toEqual(['first'])
    const entitlement = await call(host, { at: 'ada.localhost', path: '/api/entitlement' })
    expect(entitlement.json).toMatchObject({
      name: "Ada's engines",
      plan: 'trial',
      features: ['entries'],
      trialEndsAt: created.json.trialEndsAt,
    })
    expect(await getSite(host, person, created.json.id)).toEqual(created.json)
  })

  it('leads into the site as its owner, once', async () => {
    const stranger = await call(host, { at: 'owned.localhost', path: '/' })
    expect(stranger.text).not.toContain('your own site.')
    const cookie = await enterSite(host, owner, site.id)
    const entered = await call(host, { at: 'owned.localhost', path: '/', headers: { cookie } })
    expect(entered.text).toContain('This is Letters, your own site.')
    const other = await call(host, { at: 'ada.localhost', path: '/', headers: { cookie } })
    expect([other.status, other.text.includes('your own site.')]).toEqual([200, false])
  })

  it('answers the same for an address that is known and for one that is not', async () => {
    await signIn(host, 'known@example.com')
    const known = await startSignup(host, 'known@example.com')
    const unknown = await startSignup(host, 'stranger@example.com')
    expect(known.status).toBe(unknown.status)
    expect(Object.keys(known.json)).toEqual(Object.keys(unknown.json))
    expect(Object.keys(known.headers)).toEqual(Object.keys(unknown.headers))
  })

  it('mails a link that brings the code along, behind the # so that no server sees it', async () => {
    const { id } = (await startSignup(host, 'link@example.com')).json
    const code = await codeOf(host, id, 'link@example.com')
    const [mail] = await mailTo(host, 'link@example.com')
    const [link = ''] = mail?.links ?? []
    expect(link).toMatch(new RegExp(`^${host.url}/#/signups/${id}\\?code=[\\w-]{20}$`))
    expect(mail?.text).toContain(code)
    expect((await verify(host, id, link.slice(-20))).status).toBe(200)
  })

  it('by the same Idempotency-Key is one sign-up with one mail', async () => {
    const request = {
      method: 'POST',
      path: '/v1/signups',
      body: { email: 'twice@example.com' },
      headers: { 'idempotency-key': 'twice' },
    }
    const [one, two] = await Promise.all([call(host, request), call(host, request)])
    expect([one.status, two.status]).toEqual([201, 201])
    expect(one.json).toEqual(two.json)
    expect(await mailTo(host, 'twice@example.com')).toHaveLength(1)
  })
})

describe('signing in again', () => {
  it.each([
    ['the same address', 'again@example.com', 'again@example.com'],
    ['other capitals', 'capitals@example.com', 'Capitals@Example.COM'],
    ['a plus-alias', 'plus@gmail.com', 'plus+news@gmail.com'],
    ['dots that the provider ignores', 'dotted@gmail.com', 'd.ott.ed@googlemail.com'],
  ])('by %s finds the same account', async (_by, first, second) => {
    expect((await signIn(host, second)).accountId).toBe((await signIn(host, first)).accountId)
  })

  it.each([
    ['a plus where it means something', 'own@example.com', 'own+news@example.com'],
    ['a dot where it means something', 'some.body@outlook.com', 'somebody@outlook.com'],
  ])('by an address with %s is another account', async (_by, first, second) => {
    expect((await signIn(host, second)).accountId).not.toBe((await signIn(host, first)).accountId)
  })

  it('at the same moment from two windows opens one account', async () => {
    const [one, two] = await Promise.all([signIn(host, 'windows@example.com'), signIn(host, 'windows@example.com')])
    expect(one.accountId).toBe(two.accountId)
    expect(one.token).not.toBe(two.token)
  })
})

describe('a session', () => {
  it('is good as a cookie and as a token', async () => {
    const person = await signIn(host, 'session@example.com')
    const account = { id: person.accountId, email: 'session@example.com' }
    for (const headers of [person.bearer, { cookie: person.cookie }, { cookie: `theme=dark; ${person.cookie}` }]) {
      const answer = await call(host, { path: '/v1/session', headers })
      expect(answer.status).toBe(200)
      expect(answer.json).toEqual({
        account,
        contact: expect.any(String),
        now: expect.any(String),
        session: { expiresAt: expect.stringMatching(instant), idleEndsAt: expect.stringMatching(instant) },
      })
    }
  })

  it('is kept from scripts and from the pages of others', async () => {
    const { id } = (await startSignup(host, 'cookie@example.com')).json
    const answer = await verify(host, id, await codeOf(host, id, 'cookie@example.com'))
    const token = answer.json.session.token
    const thirtyDays = 30 * 24 * 60 * 60
    expect(answer.headers['set-cookie']).toEqual([
      `sitewright_session=${token}; Path=/; Max-Age=${thirtyDays}; HttpOnly; SameSite=Lax`,
    ])
  })

  it('is invalid after signing out, and the others continue', async () => {
    const person = await signIn(host, 'leaving@example.com')
    const elsewhere = await signIn(host, 'leaving@example.com')
    const headers = { cookie: person.cookie, origin: host.url }
    const out = await call(host, { method: 'DELETE', path: '/v1/session', headers })
    expect(out.status).toBe(204)
    expect(out.headers['set-cookie']?.[0]).toMatch(/^sitewright_session=; .*Max-Age=0/)
    for (const headers of [person.bearer, { cookie: person.cookie }]) {
      expect((await call(host, { path: '/v1/session', headers })).status).toBe(401)
    }
    expect((await call(host, { path: '/v1/session', headers: elsewhere.bearer })).status).toBe(200)
  })
})

describe('a site', () => {
  it('is announced by a mail whose link opens it', async () => {
    const mail = await waitFor(async () =>
      (await mailTo(host, 'owner@example.com')).find(({ subject }) => subject === 'Your site Letters is ready'),
    )
    const link = new URL(mail.links[0] ?? '')
    expect(link.origin).toBe(`http://owned.localhost:${host.port}`)
    const page = await call(host, { at: link.hostname, path: link.pathname, headers: { accept: 'text/html' } })
    expect(page.status).toBe(200)
    expect(page.headers['content-type']).toContain('text/html')
  })

  it('goes to one of two people who want the same name at once, and the other keeps their trial', async () => {
    const people = await Promise.all([signIn(host, 'race-one@example.com'), signIn(host, 'race-two@example.com')])
    await poolIsFull(host)
    const answers = await Promise.all(people.map((person) => createSite(host, person, { slug: 'race' })))
    const lost = answers.findIndex(({ status }) => status === 409)
    expect(answers[lost]?.json).toMatchObject({ type: 'urn:sitewright:problem:hostname-taken' })
    expect([201, 202]).toContain(answers[1 - lost]?.status)

    const loser = people[lost]!
    const second = await createSite(host, loser, { slug: 'race-second' })
    expect([201, 202]).toContain(second.status)
    expect((await sitesOf(loser)).sites.map(({ slug }) => slug)).toEqual(['race-second'])
  })

  it('is one site for two clicks with one Idempotency-Key, and both answers name it', async () => {
    const person = await signIn(host, 'clicks@example.com')
    await poolIsFull(host)
    const click = () => createSite(host, person, { slug: 'clicks' }, { 'idempotency-key': 'click' })
    const answers = await Promise.all([click(), click(), click()])
    const ids = new Set(answers.map(({ json }) => json.id))
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201])
    expect(ids.size).toBe(1)
    expect((await sitesOf(person)).sites.map(({ id }) => id)).toEqual([...ids])
  })

  it('is one site for two clicks without a key: the second is told that there is one', async () => {
    const person = await signIn(host, 'keyless@example.com')
    await poolIsFull(host)
    const answers = await Promise.all([
      createSite(host, person, { slug: 'keyless-one' }),
      createSite(host, person, { slug: 'keyless-two' }),
    ])
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409])
    expect((await sitesOf(person)).sites).toHaveLength(1)
  })

  it('takes its name, and shows that to everybody', async () => {
    const ask = async (slug: string) => (await call(host, { path: `/v1/hostnames/${slug}` })).json
    expect(await ask('asking')).toEqual({ slug: 'asking', hostname: 'asking.localhost', available: true })
    expect(await ask('owned')).toEqual({
      slug: 'owned',
      hostname: 'owned.localhost',
      available: false,
      problem: 'taken',
      reason: 'is taken',
    })
    expect(await ask('www')).toMatchObject({ available: false, reason: 'is reserved' })
    expect(await ask('%00')).toMatchObject({ slug: '\0', available: false })
  })
})

describe('the list of sites', () => {
  it('is empty for somebody who has none', async () => {
    expect(await sitesOf(await signIn(host, 'nothing@example.com'))).toEqual({ sites: [] })
  })

  it('shows the same as the site itself, and ends where its cursors end', async () => {
    expect(await sitesOf(owner)).toEqual({ sites: [site] })

    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await sitesOf(owner, `?limit=1${cursor === undefined ? '' : `&cursor=${cursor}`}`)
      seen.push(...page.sites.map(({ id }) => id))
      cursor = page.cursor
    } while (cursor !== undefined)
    expect(seen).toEqual([site.id])
  })

  it("gives nobody another account's sites, not even by their cursor", async () => {
    const eve = await signIn(host, 'cursor-eve@example.com')
    const { cursor } = await sitesOf(owner, '?limit=1')
    expect(cursor).toBeDefined()
    expect((await sitesOf(eve, `?cursor=${cursor}`)).sites).toEqual([])
  })
})
