import { afterAll, describe, expect, it } from 'vitest'
import type { CustomDomainEvent, SiteEvent } from '../../../core/events/event.ts'
import type { Site } from '../../../core/site/site.ts'
import { onSite } from '../../../lambdas/_runtime/patterns.ts'
import { checkDomains, followSite, withdrawReleasedDomain } from '../../../lambdas/domains/check-domains.ts'
import { mailDomain } from '../../../lambdas/domains/mail-domain.ts'
import { checksInWindow, domainsOfSite } from '../../../lambdas/domains/own-domains.ts'
import { beginRestore } from '../../../lambdas/endings/restore-site.ts'
import { requiredData } from '../../support/event-data.ts'
import { ownZone } from '../../support/own-zone.ts'
import { unlimited } from '../../support/signing-up.ts'
import { type ApiAnswer, openApiStage } from '../api-stage.ts'
import { givenSites } from '../given-site.ts'
import { type SignedIn, signIn } from '../sign-in.ts'

type Ports = Parameters<NonNullable<Parameters<typeof openApiStage>[0]>>[0]

interface Shown {
  readonly hostname: string
  readonly state: string
  readonly records: readonly { type: string; name: string; value: string; purpose: string; seen: string | null }[]
  readonly releaseAt: string | null
}

const hour = 3_600_000
const zone = ownZone()
let ports: Ports & typeof zone
let ada: SignedIn
let bob: SignedIn
let count = 0

const signBothIn = async () => {
  ada = await signIn(stage, 'ada@example.com')
  bob = await signIn(stage, 'bob@example.com')
}

const stage = await openApiStage((all) => {
  ports = { ...all, ...zone, abuse: unlimited }
  return ports
})
const given = givenSites(stage)
await signBothIn()
afterAll(() => stage[Symbol.asyncDispose]())

const setPlan = async ({ id }: Pick<Site, 'id'>, plan: string) => {
  const headers = await stage.operator('sue@example.com', 'admin')
  const body = { plan, reason: 'a test' }
  const path = `/v1/operator/sites/${id}/plan`
  expect((await stage.send({ method: 'POST', path, headers, body })).status).toBe(200)
}
const active = async (who: SignedIn, plan = 'starter') => {
  count += 1
  const site = await given.active(who.accountId, `shop-${count}`)
  if (plan !== 'trial') await setPlan(site, plan)
  return site
}
const newHostname = () => {
  count += 1
  return `www.shop-${count}.example.com`
}

const send = (who: SignedIn, method: string, { id }: Pick<Site, 'id'>, what = '', body?: object) =>
  stage.send({ method, path: `/v1/sites/${id}/domains${what}`, headers: who.headers, ...(body && { body }) })
const add = (who: SignedIn, site: Pick<Site, 'id'>, hostname: string) => send(who, 'POST', site, '', { hostname })
const verify = (who: SignedIn, site: Pick<Site, 'id'>, hostname: string) =>
  send(who, 'POST', site, `/${hostname}/verification`)
const remove = (who: SignedIn, site: Pick<Site, 'id'>, hostname: string) => send(who, 'DELETE', site, `/${hostname}`)
const shown = ({ json }: ApiAnswer) => json as unknown as Shown
const listed = async (who: SignedIn, site: Pick<Site, 'id'>) =>
  ((await send(who, 'GET', site)).json as unknown as { domains: readonly Shown[] }).domains

const setRecords = ({ records }: Pick<Shown, 'records'>) => {
  for (const { type, name, value } of records) {
    zone.set(name, type === 'TXT' ? { TXT: [value] } : { CNAME: value })
  }
}
const removeRecords = ({ records }: Pick<Shown, 'records'>) => {
  for (const { name } of records) zone.remove(name)
}
/** A domain that is verified. */
const givenDomain = async (who: SignedIn, site: Pick<Site, 'id'>, hostname = newHostname()) => {
  const added = await add(who, site, hostname)
  expect(added.status).toBe(201)
  setRecords(shown(added))
  const verified = await verify(who, site, shown(added).hostname)
  expect(verified).toMatchObject({ status: 200, json: { state: 'verified' } })
  return shown(added)
}
const servedAt = async (hostname: string) => (await stage.store.sites.findByHostname(hostname))?.id

const sweep = () => checkDomains({ ...ports, tenants: zone.tenants }, 'evt_1')
const tell = async (event: CustomDomainEvent | undefined) => {
  if (event !== undefined) await mailDomain(ports, event)
}
/** The events of domains that have been committed, oldest first. */
const events = async (type: CustomDomainEvent['type']): Promise<readonly CustomDomainEvent[]> => {
  const { unmarshall } = await import('@aws-sdk/util-dynamodb')
  return (await stage.store.outbox.pending())
    .map(({ image }) => unmarshall(image)['content'] as CustomDomainEvent)
    .filter((event) => event.type === type)
}
const lastMail = async (type: CustomDomainEvent['type']) => {
  const before = stage.mails.length
  await tell((await events(type)).toSorted((a, b) => (a.id < b.id ? -1 : 1)).at(-1))
  expect(stage.mails.length).toBe(before + 1)
  return stage.mails.at(-1)!
}

it('requests a certificate for a verified domain alone, and says when another one is after one that failed', async () => {
  const [site, other] = [await active(ada), await active(ada)]
  const { hostname } = await givenDomain(ada, site)
  await add(ada, other, newHostname())
  const served: string[] = []
  const serve = async (name: string) => {
    served.push(name)
    return 'refused' as const
  }
  await checkDomains({ ...ports, tenants: { ...zone.tenants, serve } }, 'evt_1')
  expect(served).toEqual([hostname])
  const certificateRetryAt = new Date(Date.parse(stage.now()) + hour / 6).toISOString()
  expect(await listed(ada, site)).toMatchObject([{ state: 'verified', certificateRetryAt }])
})

const problem = (kind: string, status: number) => ({ status, json: { type: `urn:sitewright:problem:${kind}` } })

describe('adding a domain', () => {
  it('lists the records to set and serves no visitors yet', async () => {
    const site = await active(ada)
    const hostname = newHostname()
    const added = await add(ada, site, ` ${hostname.toUpperCase()}. `)
    expect(added).toMatchObject({
      status: 201,
      headers: { location: `/v1/sites/${site.id}/domains/${hostname}` },
      json: {
        hostname,
        state: 'pending',
        checkedAt: null,
        releaseAt: new Date(Date.parse(stage.now()) + 720 * hour).toISOString(),
        records: [
          { type: 'TXT', name: `_sitewright.${hostname}`, value: expect.stringMatching(/^sitewright=[0-9a-f]{40}$/) },
          { type: 'CNAME', name: hostname, value: site.ownership.hostname },
        ],
      },
    })
    expect(await servedAt(hostname)).toBeUndefined()
    expect(await listed(ada, site)).toEqual([shown(added)])
  })

  it('is idempotent', async () => {
    const site = await active(ada)
    const hostname = newHostname()
    const [first, second] = [await add(ada, site, hostname), await add(ada, site, hostname)]
    expect([first.status, second.status]).toEqual([201, 200])
    expect(second.json).toEqual(first.json)
  })

  it('is refused on a plan without domains, naming plans that have them', async () => {
    const refused = await add(ada, await active(ada, 'trial'), newHostname())
    expect(refused).toMatchObject(problem('feature-not-in-plan', 402))
    expect(refused.json['detail']).toMatch(/Starter, Growth, Enterprise/)
    expect((refused.json['plans'] as { id: string }[]).map(({ id }) => id)).toEqual(['starter', 'growth'])
  })

  it.each([
    ['192.0.2.1', 'IP address'],
    ['localhost', 'two labels'],
    ['shop.localhost', 'our own'],
    ['co.uk', 'public suffix'],
    ['github.io', 'public suffix'],
    ['*.example.com', 'wildcard'],
    ['a b.example.com', 'must be a hostname'],
  ])('is refused for %s', async (hostname, why) => {
    const refused = await add(ada, await active(ada), hostname)
    expect(refused).toMatchObject(problem('hostname-not-allowed', 422))
    expect(refused.json['detail']).toContain(why)
    expect(refused.json['errors']).toMatchObject([{ path: 'hostname', code: expect.any(String) }])
  })

  it('accepts an apex domain with an ALIAS', async () => {
    const site = await active(ada)
    const added = shown(await add(ada, site, 'bücher.example'))
    expect(added).toMatchObject({
      hostname: 'xn--bcher-kva.example',
      records: [{ name: '_sitewright.xn--bcher-kva.example' }, { type: 'ALIAS', value: site.ownership.hostname }],
    })
  })

  it('limits the number per site', async () => {
    const site = await active(ada)
    for (let number = 0; number < domainsOfSite; number += 1) {
      expect((await add(ada, site, `n${number}.many.example.com`)).status).toBe(201)
    }
    expect(await add(ada, site, 'one-more.many.example.com')).toMatchObject(problem('limits-exceeded', 409))
    stage.turnClock(hour)
  })

  it('is refused for other owners', async () => {
    const site = await active(ada)
    const { hostname } = await givenDomain(ada, site)
    for (const answer of [
      await add(bob, site, newHostname()),
      await send(bob, 'GET', site),
      await verify(bob, site, hostname),
      await remove(bob, site, hostname),
    ]) {
      expect(answer).toMatchObject(problem('not-found', 404))
    }
    expect(await servedAt(hostname)).toBe(site.id)
  })
})

describe('verifying a domain', () => {
  it('requires both records and reports what DNS answered', async () => {
    const site = await active(ada)
    const hostname = newHostname()
    const { records } = shown(await add(ada, site, hostname))
    const seen = async () => {
      const { json } = await verify(ada, site, hostname)
      const domain = json as unknown as Shown
      return [domain.state, ...domain.records.map((record) => record.seen)]
    }
    expect(await seen()).toEqual(['pending', 'wrong', 'wrong'])
    zone.set(hostname, { CNAME: site.ownership.hostname })
    expect(await seen()).toEqual(['pending', 'wrong', 'right'])
    expect(await servedAt(hostname)).toBeUndefined()
    zone.fail(`_sitewright.${hostname}`)
    expect(await seen()).toEqual(['pending', 'unknown', 'right'])
    zone.set(`_sitewright.${hostname}`, { TXT: [records[0]!.value] })
    expect(await seen()).toEqual(['verified', 'right', 'right'])
    expect(await servedAt(hostname)).toBe(site.id)
    const mail = await lastMail('CustomDomainVerified')
    expect(mail).toMatchObject({ to: 'ada@example.com', subject: `${hostname} is connected to your site` })
    // By its name: its hostname is not the address that visitors see.
    expect(mail.text).toContain(`It shows your site ${site.ownership.name} once its certificate is issued`)
  })

  it('happens automatically', async () => {
    const site = await active(ada)
    const hostname = newHostname()
    setRecords(shown(await add(ada, site, hostname)))
    await sweep()
    expect(await listed(ada, site)).toMatchObject([{ hostname, state: 'verified' }])
    const [domain] = await stage.store.domains.listBySite(site.id)
    const told = (await events('CustomDomainVerified')).filter(({ aggregate }) => aggregate.id === domain?.id)
    const before = stage.mails.length
    for (const event of told) await tell(event)
    // Verified and served: its owner hears of it once.
    expect([told.length, stage.mails.length]).toEqual([2, before + 1])
  })

  it('is rate limited', async () => {
    stage.turnClock(hour)
    const site = await active(bob)
    const hostname = newHostname()
    await add(bob, site, hostname)
    const answers: ApiAnswer[] = []
    for (let number = 0; number <= checksInWindow; number += 1) answers.push(await verify(bob, site, hostname))
    expect(answers.filter(({ status }) => status === 200).length).toBe(checksInWindow - 1)
    expect(answers.at(-1)).toMatchObject(problem('rate-limited', 429))
    stage.turnClock(hour)
  })

  it('believes the answer of a domain behind a CDN, but not without its TXT record', async () => {
    const site = await active(ada)
    const added = await add(ada, site, newHostname())
    const { hostname, records } = shown(added)
    zone.set(hostname, { CNAME: `${hostname}.cdn.example.net`, A: ['198.51.100.1'] })
    zone.tell(hostname, 'right')
    expect(await verify(ada, site, hostname)).toMatchObject({ status: 200, json: { state: 'pending' } })
    const { name, value } = records.find(({ type }) => type === 'TXT')!
    zone.set(name, { TXT: [value] })
    zone.tell(hostname, 'unknown')
    expect(await verify(ada, site, hostname)).toMatchObject({ status: 200, json: { state: 'pending' } })
    zone.tell(hostname, 'right')
    expect(await verify(ada, site, hostname)).toMatchObject({ status: 200, json: { state: 'verified' } })
    expect(await servedAt(hostname)).toBe(site.id)
  })

  it('finds a domain by what its owner typed or pasted', async () => {
    const site = await active(ada)
    const { hostname } = await givenDomain(ada, site, `https://bücher-${newHostname()}/`)
    expect(hostname).toMatch(/^xn--/)
    const typed = hostname.toUpperCase()
    expect(await verify(ada, site, `${typed}.`)).toMatchObject({ status: 200, json: { hostname } })
    expect(await remove(ada, site, `${typed}:443`)).toMatchObject({ status: 204 })
  })

  it('answers 404 for an unknown domain', async () => {
    const site = await active(ada)
    expect(await verify(ada, site, 'www.never.example.com')).toMatchObject(problem('not-found', 404))
    expect(await remove(ada, site, 'www.never.example.com')).toMatchObject(problem('not-found', 404))
  })
})

describe('a domain in use', () => {
  it('cannot be added to another site of the account', async () => {
    const { hostname } = await givenDomain(ada, await active(ada))
    const refused = await add(ada, await active(ada), hostname)
    expect(refused).toMatchObject(problem('hostname-taken', 409))
    expect(refused.json['detail']).toContain('another of your sites')
  })

  it('stays with one of two sites of an account', async () => {
    const [one, other] = [await active(ada), await active(ada)]
    const hostname = newHostname()
    for (const site of [one, other]) expect((await add(ada, site, hostname)).status).toBe(201)
    zone.set(hostname, { A: ['127.0.0.1'] })
    zone.set(`_sitewright.${hostname}`, { TXT: [(await listed(ada, one))[0]!.records[0]!.value] })
    expect((await verify(ada, one, hostname)).json).toMatchObject({ state: 'verified' })
    expect((await verify(ada, other, hostname)).json).toMatchObject({ state: 'pending' })
    expect(await servedAt(hostname)).toBe(one.id)
  })

  it('transfers to another account with its TXT record and mails the previous owner', async () => {
    const [mine, theirs] = [await active(ada), await active(bob)]
    const { hostname, records } = await givenDomain(ada, mine)
    const refused = await add(bob, theirs, hostname)
    expect(refused).toMatchObject(problem('hostname-taken', 409))
    const [value] = /sitewright=[0-9a-f]{40}/.exec(String(refused.json['detail'])) ?? []
    zone.set(`_sitewright.${hostname}`, { TXT: [value!] })
    const added = await add(bob, theirs, hostname)
    expect(added).toMatchObject({ status: 201, json: { state: 'pending' } })
    // Addresses lead to the sites of both, and the text of the holder is still there.
    zone.set(hostname, { A: ['127.0.0.1'] })
    zone.set(`_sitewright.${hostname}`, { TXT: [value!, records[0]!.value] })
    expect((await verify(bob, theirs, hostname)).json).toMatchObject({ state: 'pending' })
    expect(await servedAt(hostname)).toBe(mine.id)
    setRecords(shown(added))
    expect((await verify(bob, theirs, hostname)).json).toMatchObject({ state: 'verified' })
    expect(await servedAt(hostname)).toBe(theirs.id)
    expect(await listed(ada, mine)).toEqual([])
    const mail = await lastMail('CustomDomainReleased')
    expect(mail).toMatchObject({ to: 'ada@example.com', subject: `${hostname} has stopped working` })
  })

  it('is refused without details if DNS does not answer', async () => {
    const { hostname } = await givenDomain(ada, await active(ada))
    zone.fail(`_sitewright.${hostname}`)
    expect(await add(bob, await active(bob), hostname)).toMatchObject(problem('unavailable', 503))
  })

  it('is free once it is removed', async () => {
    const site = await active(ada)
    const { hostname } = await givenDomain(ada, site)
    expect((await remove(ada, site, hostname)).status).toBe(204)
    expect(await servedAt(hostname)).toBeUndefined()
    expect(await listed(ada, site)).toEqual([])
    expect((await remove(ada, site, hostname)).status).toBe(404)
    expect((await add(bob, await active(bob), hostname)).status).toBe(201)
  })
})

describe('a domain with missing records', () => {
  it('is served, announced after a day and released a week later', async () => {
    const site = await active(ada)
    const domain = await givenDomain(ada, site)
    const { hostname } = domain
    removeRecords(domain)
    const state = async () => (await listed(ada, site))[0]?.state
    stage.turnClock(6 * hour)
    await sweep()
    expect(await state()).toBe('failing')
    expect(await servedAt(hostname)).toBe(site.id)
    stage.turnClock(25 * hour)
    await sweep()
    expect(await state()).toBe('releasing')
    expect(await servedAt(hostname)).toBe(site.id)
    expect(await lastMail('CustomDomainReleasing')).toMatchObject({
      to: 'ada@example.com',
      subject: `${hostname} will stop working`,
    })
    stage.turnClock(6 * 24 * hour)
    await sweep()
    expect(await state()).toBe('releasing')
    stage.turnClock(24 * hour)
    await sweep()
    expect(await state()).toBeUndefined()
    expect(await servedAt(hostname)).toBeUndefined()
    expect((await lastMail('CustomDomainReleased')).text).toContain('missing for more than a week')
  })

  it('recovers once they are back', async () => {
    const site = await active(ada)
    const domain = await givenDomain(ada, site)
    removeRecords(domain)
    stage.turnClock(6 * hour)
    await sweep()
    setRecords(domain)
    stage.turnClock(hour)
    await sweep()
    expect(await listed(ada, site)).toMatchObject([{ state: 'verified' }])
  })
})

describe('a domain of a site that has moved to another installation', () => {
  it.each([
    ['its traffic', (domain: Shown) => zone.set(domain.hostname, { CNAME: 'shop.elsewhere.example' })],
    ['both records', removeRecords],
  ])('is released at the first check after %s went there, without a mail', async (_, goAway) => {
    const site = await active(ada)
    const domain = await givenDomain(ada, site)
    const { hostname } = domain
    await given.suspended((await stage.store.sites.get(site.id)) as never, 'moved')
    stage.turnClock(6 * hour)
    await sweep()
    expect(await servedAt(hostname)).toBe(site.id)
    goAway(domain)
    stage.turnClock(6 * hour)
    await sweep()
    expect(await listed(ada, site)).toEqual([])
    const event = (await events('CustomDomainReleased')).find(({ data }) => data.siteId === site.id)
    expect(event?.data.because).toBe('site-moved')
    const mails = stage.mails.length
    await tell(event)
    expect(stage.mails.length).toBe(mails)
    const withdrawn: string[] = []
    const withdraw = async (name: string) => void withdrawn.push(name)
    await withdrawReleasedDomain({ ...ports, tenants: { ...zone.tenants, withdraw } }, event!)
    expect(withdrawn).toEqual([hostname])
  })

  it('stays while the site comes home', async () => {
    const site = await active(ada)
    const domain = await givenDomain(ada, site)
    const suspended = await given.suspended((await stage.store.sites.get(site.id)) as never, 'moved')
    await given.commit(beginRestore(await given.archived(suspended), {}, given.context))
    removeRecords(domain)
    stage.turnClock(6 * hour)
    await sweep()
    expect(await listed(ada, site)).toMatchObject([{ state: 'failing' }])
  })
})

describe('a plan that no longer has domains', () => {
  const follow = (site: Pick<Site, 'id'>, type: SiteEvent['type'] = 'SitePlanChanged') =>
    stage.store.siteLists.pageOfEvents(site.id, { limit: 1 }).then(({ items: [event] }) => {
      const { status, plan, cell, blueprint, accountId } = event!.data
      const data = { status, plan, cell, blueprint, accountId, ...requiredData(type) }
      return onSite(followSite)(ports, { ...event, type, data } as SiteEvent)
    })

  it('releases them a week after the mail', async () => {
    await signBothIn()
    const site = await active(ada)
    const { hostname } = await givenDomain(ada, site)
    const waiting = newHostname()
    await add(ada, site, waiting)
    await setPlan(site, 'trial')
    await follow(site)
    expect(await listed(ada, site)).toMatchObject([
      { hostname, state: 'releasing', releasedBecause: 'plan-changed', releaseAt: expect.any(String) },
    ])
    const mail = await lastMail('CustomDomainReleasing')
    expect(mail.text).toContain('no longer includes')
    stage.turnClock(6 * 24 * hour)
    await sweep()
    expect(await servedAt(hostname)).toBe(site.id)
    stage.turnClock(24 * hour)
    await sweep()
    expect(await servedAt(hostname)).toBeUndefined()
    expect((await lastMail('CustomDomainReleased')).text).toContain('does not include custom domains')
  })

  it('keeps them if the plan returns in time', async () => {
    await signBothIn()
    const site = await active(ada)
    await givenDomain(ada, site)
    await setPlan(site, 'trial')
    await follow(site)
    await setPlan(site, 'growth')
    await follow(site)
    expect(await listed(ada, site)).toMatchObject([{ state: 'verified', releaseAt: null }])
  })

  it('verifies none meanwhile', async () => {
    const site = await active(ada)
    const hostname = newHostname()
    setRecords(shown(await add(ada, site, hostname)))
    await setPlan(site, 'trial')
    expect(await verify(ada, site, hostname)).toMatchObject(problem('not-found', 404))
    expect(await servedAt(hostname)).toBeUndefined()
  })

  it('releases them at once with the site', async () => {
    const site = await active(ada)
    const { hostname } = await givenDomain(ada, site)
    const waiting = newHostname()
    await add(ada, site, waiting)
    const stored = await stage.store.sites.get(site.id)
    const suspended = await given.suspended(stored as never)
    await follow(site)
    expect(await servedAt(hostname)).toBe(site.id)
    await given.purged(await given.archived(suspended))
    await follow(site, 'SitePurged')
    expect(await servedAt(hostname)).toBeUndefined()
    expect(await stage.store.domains.listBySite(site.id)).toEqual([])
    // The address of ours stays with its tombstone.
    expect(await servedAt(site.ownership.hostname)).toBe(site.id)
  })
})

it('keeps names and addresses out of events of a domain', async () => {
  for (const type of ['CustomDomainAdded', 'CustomDomainVerified', 'CustomDomainReleased'] as const) {
    for (const event of await events(type)) expect(JSON.stringify(event)).not.toMatch(/example/)
  }
})
