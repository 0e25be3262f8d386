import { ScanCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type * as z from 'zod'
import { tablesOf } from '../../../adapters/dynamodb/tables.ts'
import { blueprintSchema } from '../../../core/blueprint/blueprint.ts'
import type { OperatorRole } from '../../../core/events/actor.ts'
import { eventSource } from '../../../core/events/event-names.ts'
import { matchesPattern } from '../../../core/events/event-pattern.ts'
import { type AccountId, type ArchiveId, idSchema, type SiteId } from '../../../core/ids.ts'
import { plusDays, plusMilliseconds } from '../../../core/instant.ts'
import { archiveKeys } from '../../../core/ports/archives.ts'
import { endOperation } from '../../../core/site/change-site.ts'
import type { ActiveSite, BuildingSite, KeptSite, Site, SuspendedSite } from '../../../core/site/site.ts'
import type { SiteBilling } from '../../../core/site/site-billing.ts'
import { trialPolicies } from '../../../core/site/trial-policy.ts'
import { bundledSiteSchema } from '../../../lambdas/bundles/bundled-site.ts'
import { importDomains } from '../../../lambdas/bundles/import-parts.ts'
import { patternsOf } from '../../../lambdas/manifest.ts'
import { finishBuild } from '../../../lambdas/sites/build/build-changes.ts'
import { failBuild } from '../../../lambdas/sites/build/build-failure.ts'
import { forgetFailed } from '../../../lambdas/sites/build/fail-site.ts'
import { removeFailedSite } from '../../../lambdas/sites/build/functions.ts'
import { pageAt } from '../../../router/page.ts'
import { pageFor } from '../../../router/router-pages.ts'
import config from '../../../sitewright.config.ts'
import { welcome } from '../../support/provisioning.ts'
import { unlimited } from '../../support/signing-up.ts'
import { type ApiStage, openApiStage } from '../api-stage.ts'
import { type GivenSites, givenSites } from '../given-site.ts'
import { signIn } from '../sign-in.ts'

const planted = 'planted-password-of-the-database'
const reason = 'Contract 4711'
const { current: policy } = trialPolicies(config.trialPolicies)

const [web] = welcome(1).containers
const blueprint = blueprintSchema.parse({
  ...welcome(1),
  containers: [{ ...web, variables: ['THEME'], secrets: ['KEY', 'DB_PASSWORD'] }],
  variables: { THEME: { default: 'light', values: ['light', 'dark'] }, KEY: { secret: true } },
})

const needing = blueprintSchema.parse({
  ...{ ...blueprint, name: 'needing' },
  variables: { THEME: { required: true, values: ['light'] }, KEY: { secret: true } },
})

/** For one plan alone. */
const licensed = blueprintSchema.parse({ ...blueprint, name: 'licensed', plans: ['enterprise'] })

let stage: ApiStage
let given: GivenSites

beforeAll(async () => {
  const capacities = [
    { name: 'local', sites: 1_000_000, bytes: 10_000 },
    { name: 'large', sites: 1000, bytes: 20_000 },
  ]
  stage = await openApiStage(() => ({ abuse: unlimited, capacities }))
  given = givenSites(stage)
  await stage.store.blueprints.publish(blueprint)
  await stage.store.blueprints.publish(licensed)
  await stage.store.blueprints.publish(needing)
})
afterAll(async () => stage?.[Symbol.asyncDispose]())

const send = async (path: string, body: object, role: OperatorRole = 'admin') =>
  stage.send({
    method: 'POST',
    path: `/v1/operator/sites/${path}`,
    headers: await stage.operator(`${role}@example.com`, role),
    body: { reason, ...body },
  })

const contract = { number: '4711', firstDay: '2026-01-01', lastDay: '2027-12-31' }
const shown = '2026-02-01T12:00:00.000Z'
/** What a site takes with it beside its data. */
const entered = { handOver: { status: 'done', at: shown }, credentials: { shownAt: shown }, contract } as const

let count = 0
type Bundled = z.input<typeof bundledSiteSchema>

/** A site of another installation. */
const bundled = (more: Partial<Bundled> = {}): Bundled => {
  count += 1
  const number = String(count).padStart(26, '0')
  return {
    ...{ siteId: `site_${number}`, slug: `import-${count}`, hostname: `import-${count}.example.com`, name: 'Shop' },
    ...{ owner: { email: `owner-${count}@example.com`, name: 'Ada' }, plan: 'trial', blueprint },
    ...{ variables: { THEME: 'dark' }, trialEndsAt: '2027-03-22T12:00:00.000Z', domains: [`www.example-${count}.org`] },
    archive: {
      ...{ id: `arc_${number}`, at: '2026-03-01T12:00:00.000Z', kind: 'reclaim', bytes: 5000, files: 3 },
      blueprint: { name: 'welcome', version: 1 },
    },
    ...more,
  }
}
const secrets = { generated: { DB_PASSWORD: planted }, set: { KEY: `${planted}-2` } }
const take = (site: Bundled, more: object = {}, role?: OperatorRole) =>
  send(`${site.siteId}/import`, { site, secrets, ...more }, role)

const everyItem = async (): Promise<readonly string[]> => {
  const found = await Promise.all(
    [...new Set(Object.values(tablesOf('sitewright')))].map(
      async (TableName) => (await stage.client.send(new ScanCommand({ TableName }))).Items ?? [],
    ),
  )
  return found.flat().map((item) => JSON.stringify(item))
}
/** Which items there are, but for what each request is recorded in. */
const stored = async () =>
  (await everyItem())
    .map((item) => JSON.parse(item) as { readonly pk: string; readonly sk: string; readonly version?: number })
    .filter(({ pk }) => !/^(?:AUDIT|REFUSALS|WINDOW)/.test(pk))
    .map(({ pk, sk, version = 0 }) => `${pk} ${sk} ${version}`)
    .toSorted()

const read = async <Wanted>(siteId: string) => (await stage.store.sites.get(siteId as never)) as Wanted
const open = async (siteId: string): Promise<ActiveSite> => {
  const site = { ...(await read<BuildingSite>(siteId)), endpoint: { host: '127.0.0.1', port: 4001 } }
  return (await given.commit<Site>(finishBuild(site, policy, given.context))) as ActiveSite
}

describe('an import', () => {
  it('builds the site under its id, from its archive, with an account for its owner', async () => {
    const site = bundled(entered)
    expect(await take(site)).toMatchObject({ status: 202, json: { siteId: site.siteId, outcome: 'begun' } })
    expect(await read(site.siteId)).toMatchObject({
      ...{ status: 'building', plan: 'trial', configuration: 1 },
      operation: { from: { siteId: site.siteId, archiveId: site.archive.id } },
      ownership: { slug: site.slug, hostname: `${site.slug}.localhost` },
    })
    const built = await open(site.siteId)
    expect(built).toMatchObject({ ...entered, trialEndsAt: site.trialEndsAt, archives: [{ id: site.archive.id }] })
    expect(await stage.store.accounts.getOwner(built.ownership.accountId)).toMatchObject(site.owner)
    const domains = await stage.store.domains.listBySite(built.id)
    expect(domains).toMatchObject([{ hostname: site.domains[0], state: 'pending' }])
  })

  it('goes to a cell whose disk can take the data', async () => {
    const withData = (dataBytes: number) => {
      const site = bundled()
      return { ...site, archive: { ...site.archive, dataBytes } }
    }
    const [small, large] = [withData(10_000), withData(10_001)]
    for (const site of [small, large]) expect((await take(site)).status).toBe(202)
    expect([await read<Site>(small.siteId), await read<Site>(large.siteId)]).toMatchObject([
      { cell: 'local' },
      { cell: 'large' },
    ])
    expect((await take(withData(20_001))).status).toBe(503)
  })

  it('changes nothing the second time', async () => {
    const site = bundled()
    await take(site)
    const before = await stored()
    expect((await take(site)).json).toMatchObject({ outcome: 'unchanged', status: 'building' })
    await open(site.siteId)
    expect((await take(site)).json).toMatchObject({ outcome: 'unchanged', status: 'active' })
    expect((await stored()).filter((item) => item.includes('CONFIGURATION#')).length).toBe(
      before.filter((item) => item.includes('CONFIGURATION#')).length,
    )
  })

  it('builds again what failed', async () => {
    const site = bundled()
    await take(site)
    const failure = { step: 'start', reason: 'It could not be started.' } as const
    await given.commit(failBuild(await read<BuildingSite>(site.siteId), failure, given.context))
    expect((await take(site)).json).toMatchObject({ outcome: 'begun', status: 'building' })
    expect(await read(site.siteId)).toMatchObject({ generation: 2, configuration: 2 })
    expect(await stage.store.sites.isHostnameHeld(`${site.slug}.localhost`)).toBe(true)
    expect(await open(site.siteId)).toMatchObject({ archives: [{ id: site.archive.id }] })
  })

  it.each([
    ['a site', false],
    ['a rehearsal', true],
  ])('leaves no archive and no secret of %s that could not be built', async (_, rehearsal) => {
    const site = bundled()
    const { json } = await take(site, { rehearsal })
    const building = await read<BuildingSite>(String(json['siteId']))
    const keys = new Set(Object.values(archiveKeys(site.siteId as SiteId, site.archive.id as ArchiveId)))
    const archives = {
      list: async function* (prefix: string) {
        for (const key of keys) if (key.startsWith(prefix)) yield { key, bytes: 1 }
      },
      remove: async (key: string) => void keys.delete(key),
    }
    const failed = failBuild(building, { step: 'start', reason: 'It could not be started.' }, given.context)
    const left = async () => {
      await forgetFailed({ ...stage.store, archives }, building.id)
      const { configurations } = stage.store
      const ofSite = site.siteId as SiteId
      return [keys.size, (await configurations.list(ofSite)).length, await configurations.readGenerated(ofSite)]
    }
    expect(await left()).toMatchObject([2, 1, { DB_PASSWORD: expect.anything() }])
    await given.commit(failed)
    const heard = { source: eventSource, 'detail-type': failed.event.type, detail: failed.event }
    expect(patternsOf(removeFailedSite).some((pattern) => matchesPattern(heard, pattern))).toBe(true)
    expect(await left()).toEqual([0, 0, undefined])
    expect((await take(site, { rehearsal })).json).toMatchObject({ outcome: 'begun' })
  })

  it('brings the domains also if the reply of its commit is lost', async () => {
    const site = bundled()
    const { commit } = stage.store.sites
    const ends = vi.spyOn(stage.store.sites, 'commit').mockImplementationOnce(async (change) => {
      await commit(change)
      throw new Error('lost')
    })
    expect((await take(site)).status).toBe(500)
    expect(ends).toHaveBeenCalledOnce()
    ends.mockRestore()
    expect((await take(site)).json).toMatchObject({ outcome: 'unchanged', status: 'building' })
    const [domain] = await stage.store.domains.listBySite(site.siteId as SiteId)
    expect(domain).toMatchObject({ hostname: site.domains[0], nextCheckAt: plusMilliseconds(stage.now(), 60_000) })
  })

  it('gives an owner who has an account another site of it', async () => {
    const { accountId } = await signIn(stage, 'known@example.com')
    const site = bundled({ owner: { email: 'Known@example.com' } })
    await take(site)
    expect(await read(site.siteId)).toMatchObject({ ownership: { accountId } })
  })

  const typesOf = async (id: AccountId) => {
    const types: string[] = []
    for await (const { type } of stage.store.eventHistory.list({ type: 'account', id })) types.push(type)
    return types
  }

  it('counts an owner who was invited to a team before as a sign-up, before the site, and not for a rehearsal', async () => {
    const { headers } = await signIn(stage, 'host@example.com')
    const email = 'guest@example.com'
    await stage.send({ method: 'POST', path: '/v1/team/invitations', headers, body: { email, role: 'viewer' } })
    const { accountId } = await signIn(stage, email)
    const id = idSchema('acct').parse(accountId)
    expect(await stage.store.accounts.get(id)).toMatchObject({ invited: true })
    const site = bundled({ owner: { email } })
    expect((await take(site, { rehearsal: true })).json).toMatchObject({ outcome: 'begun' })
    expect(await typesOf(id)).toEqual(['AccountInvited'])
    expect((await take(site)).json).toMatchObject({ outcome: 'begun' })
    expect(await read(site.siteId)).toMatchObject({ ownership: { accountId } })
    expect(await stage.store.accounts.get(id)).not.toHaveProperty('invited')
    expect(await typesOf(id)).toEqual(['AccountInvited', 'AccountOpened'])
  })

  it('makes a rehearsal that nobody counts', async () => {
    const site = bundled()
    const { json } = await take(site, { rehearsal: true })
    expect(json).toMatchObject({ outcome: 'begun', status: 'building', url: expect.stringContaining('--rehearsal') })
    expect(json['siteId']).not.toBe(site.siteId)
    const built = await open(String(json['siteId']))
    expect(built).toMatchObject({
      access: 'owner',
      rehearsalOf: { siteId: site.siteId, archiveId: site.archive.id, fromBundle: true },
    })
    const { accountId } = built.ownership
    expect(await typesOf(accountId)).toEqual(['AccountInvited'])
    expect((await take(site, { rehearsal: true })).json).toMatchObject({ outcome: 'unchanged', siteId: built.id })
    expect(await read(site.siteId)).toBeUndefined()
    expect((await take(site)).json).toMatchObject({ outcome: 'begun', siteId: site.siteId })
    expect(await typesOf(accountId)).toEqual(['AccountInvited', 'AccountOpened'])
    // Its secrets would replace those of the site that is here now.
    const before = await stored()
    expect(await take({ ...site, archive: { ...site.archive, bytes: 1 } }, { rehearsal: true })).toMatchObject({
      status: 409,
      text: expect.stringContaining('This site is here'),
    })
    expect(await stored()).toEqual(before)
  })

  it('leaves values behind that the blueprint has dropped, and keeps one that it does not offer any more', async () => {
    const site = bundled({ variables: { THEME: 'red', FORMER: 'gone' } })
    const set = { ...secrets.set, FORMER_KEY: `${planted}-3` }
    for (const dryRun of [true, false]) {
      const answer = await take(site, { secrets: { ...secrets, set }, dryRun })
      expect(answer.json).toMatchObject({ outcome: dryRun ? 'possible' : 'begun' })
    }
    const kept = await stage.store.configurations.read(site.siteId as SiteId, 1)
    expect(kept?.variables).toEqual({ THEME: 'red' })
    expect(Object.keys(kept?.secrets ?? {})).toEqual(['KEY'])
  })

  const other = blueprintSchema.parse({ ...blueprint, title: 'Another one' })
  const unknown = blueprintSchema.parse({ ...blueprint, version: 9 })
  it.each([
    ['an unknown blueprint', { blueprint: unknown }, 400, "version 9 of the blueprint 'welcome' is not published here"],
    ['another blueprint', { blueprint: other }, 400, 'is another one here'],
    ['an unknown plan', { plan: 'platinum' }, 400, "there is no plan 'platinum' here"],
    ['a plan that it is not for', { blueprint: licensed }, 400, "'licensed' is not for the plan 'trial'"],
    [
      'a site without a value that it needs',
      { blueprint: needing, variables: {} },
      400,
      'variables.THEME needs a value',
    ],
    ['a reserved slug', { slug: 'login' }, 409, 'is reserved'],
    ['a slug that is taken', { slug: 'taken' }, 409, 'is taken'],
  ] as const)('refuses %s, and writes nothing', async (_, more, status, message) => {
    if (!(await stage.store.sites.isHostnameHeld('taken.localhost'))) {
      await given.active((await signIn(stage, 'taken@example.com')).accountId, 'taken')
    }
    const before = await stored()
    const site = bundled(more as Partial<Bundled>)
    for (const dryRun of [true, false]) {
      const answer = await take(site, { dryRun })
      expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(message)])
    }
    expect(await stored()).toEqual(before)
  })

  it('writes nothing where it only asks', async () => {
    const before = await stored()
    expect((await take(bundled(), { dryRun: true })).json).toMatchObject({ outcome: 'possible' })
    expect((await take(bundled(), { dryRun: true, rehearsal: true })).json).toMatchObject({ outcome: 'possible' })
    expect(await stored()).toEqual(before)
  })

  it('refuses the id of a site that ended here, or of another path, and changes none that is archived here', async () => {
    const { accountId } = await signIn(stage, 'ended@example.com')
    const failed = await given.failed(accountId, 'ended')
    expect((await take(bundled({ siteId: failed.id }))).status).toBe(409)
    const site = bundled()
    expect((await send(`${failed.id}/import`, { site, secrets })).status).toBe(400)
    const archived = await given.archived(await given.suspended(await given.active(accountId, 'archived')))
    expect((await take(bundled({ siteId: archived.id }))).json).toMatchObject({ outcome: 'unchanged' })
  })
})

describe('a site that leaves', () => {
  const owned = async (slug: string) => given.active((await signIn(stage, `${slug}@example.com`)).accountId, slug)
  const to = 'shop.example.org'
  const billing: SiteBilling = {
    ...{ subscriptionId: 'sub_1', state: 'active', plan: 'starter', interval: 'month', currency: 'EUR' },
    ...{
      cancelsAtPeriodEnd: false,
      endsWithDeletion: false,
      isDisputed: false,
      paidThrough: '2027-01-01T00:00:00.000Z',
    },
  }
  const having = async (site: ActiveSite, more: Partial<ActiveSite>): Promise<ActiveSite> => {
    const operation = {
      id: `suspend-site-x-${site.version}`,
      kind: 'suspend',
      fence: 1,
      startedAt: stage.now(),
    } as const
    const change = endOperation({ ...site, operation }, 'done', given.context)
    const after = { ...change.after, ...more } as ActiveSite
    return given.commit({ ...change, before: site, after })
  }

  it('is suspended as moved, is archived at once, comes home, and then is as it was elsewhere', async () => {
    const site = await having(await owned('leaving'), { ...entered, access: 'owner' })
    expect(await send(`${site.id}/leave`, { to })).toMatchObject({ status: 202, json: { status: 'suspended' } })
    expect(await read(site.id)).toMatchObject({ suspendedBecause: 'moved', movedTo: `https://${to}` })
    expect((await send(`${site.id}/leave`, { to })).status).toBe(202)
    expect((await send(`${site.id}/export`, {})).json).toMatchObject({ site: null })
    await given.commit(endOperation(await read<KeptSite>(site.id), 'done', given.context))
    const { nextStep } = (await send(`${site.id}/leave`, { to })).json as { nextStep: unknown }
    expect(nextStep).toMatchObject({ step: 'archive' })
    await given.archived(await read<SuspendedSite>(site.id))
    const { json } = await send(`${site.id}/export`, {})
    const exported = json['site'] as Bundled
    const owner = { email: 'leaving@example.com' }
    expect(exported).toMatchObject({ ...entered, access: 'owner', siteId: site.id, slug: 'leaving', owner })
    expect(json['secrets']).toEqual(expect.arrayContaining(['KEY', 'DB_PASSWORD']))

    const archive = { ...exported.archive, id: `arc_${'7'.repeat(26)}` as const }
    const there = { credentials: { shownAt: null }, contract: { ...contract, number: '4712' } }
    const back = { ...exported, ...there, archive, variables: { THEME: 'dark' }, domains: ['www.added-there.org'] }
    expect((await take(back)).json).toMatchObject({ outcome: 'begun', status: 'archived' })
    expect((await take(back)).json).toMatchObject({ outcome: 'unchanged' })
    const returning = await read<KeptSite>(site.id)
    const operation = { kind: 'restore', archiveId: archive.id }
    expect(returning).toMatchObject({ ...there, access: 'owner', operation, configuration: 1 })
    const domains = await stage.store.domains.listBySite(site.id)
    const { accountId } = site.ownership
    expect(domains).toMatchObject([{ hostname: 'www.added-there.org', state: 'pending', accountId }])
    expect(returning.version).toBeGreaterThan(site.version)
  })

  it('may go back to where it came from, and then takes another bundle', async () => {
    const site = bundled(entered)
    await take(site)
    await open(site.siteId)
    expect((await send(`${site.siteId}/leave`, { to: site.hostname })).status).toBe(202)
    await given.commit(endOperation(await read<KeptSite>(site.siteId), 'done', given.context))
    expect((await take(site)).status).toBe(409)
    await given.archived(await read<SuspendedSite>(site.siteId))
    const next = { ...site, archive: { ...site.archive, id: `arc_${'6'.repeat(26)}` as const } }
    expect((await take(next)).json).toMatchObject({ outcome: 'begun', status: 'archived' })
    const operation = { kind: 'restore', archiveId: next.archive.id }
    expect(await read(site.siteId)).toMatchObject({ operation })
  })

  it('is refused while its subscription renews, and can leave once that has ended', async () => {
    const site = await owned('paying')
    const paying = await having(site, { billing })
    const refused = await send(`${site.id}/leave`, { to })
    expect([refused.status, refused.text]).toEqual([409, expect.stringContaining('renews')])
    await having(paying, { billing: { ...billing, cancelsAtPeriodEnd: true } })
    expect((await send(`${site.id}/leave`, { to })).status).toBe(202)
  })

  it.each<[string, SiteBilling['state'] | undefined, number, Partial<Bundled>, number]>([
    ['a week to pay where its subscription has ended', 'ended', -1, {}, 7],
    ['its own time where that is more than a week', 'ended', 20, {}, 20],
    ['no more time under a contract', 'ended', -1, { contract }, -1],
    ['no more time while its subscription runs', 'active', -1, {}, -1],
    ['no more time for a trial', undefined, -1, { plan: 'trial' }, -1],
  ])('has %s, once it comes home', async (_, state, left, terms, days) => {
    const at = (day: number) => plusDays(stage.now(), day)
    count += 1
    const former = state && { ...billing, state, cancelsAtPeriodEnd: true, paidThrough: at(-1) }
    const site = await having(await owned(`home-${count}`), { ...(former && { billing: former }) })
    await send(`${site.id}/leave`, { to })
    await given.commit(endOperation(await read<KeptSite>(site.id), 'done', given.context))
    await given.archived(await read<SuspendedSite>(site.id))
    const exported = (await send(`${site.id}/export`, {})).json['site'] as Bundled
    await take({ ...exported, plan: 'starter', trialEndsAt: at(left), ...terms })
    expect(await read(site.id)).toMatchObject({ operation: { kind: 'restore' }, trialEndsAt: at(days) })
    // It would run here all the same.
    const leaving = await send(`${site.id}/leave`, { to: 'new.example.org' })
    expect([leaving.status, leaving.text]).toEqual([409, expect.stringContaining('is being restored')])
  })

  it.each(['suspended', 'archived'] as const)('sends visitors to another hostname once it is %s', async (status) => {
    const site = await owned(`corrected-${status}`)
    await send(`${site.id}/leave`, { to })
    const left = await read<SuspendedSite>(site.id)
    if (status === 'archived') {
      await given.commit(endOperation(left, 'done', given.context))
      await given.archived(await read<SuspendedSite>(site.id))
    }
    const before = await read<KeptSite>(site.id)
    const own = await send(`${site.id}/leave`, { to: `http://${site.ownership.hostname}:4000` })
    expect([own.status, own.text]).toEqual([409, expect.stringContaining('is the one that the site has now')])
    expect((await send(`${site.id}/leave`, { to: 'new.example.org' })).json).toMatchObject({ status })
    const after = await read<SuspendedSite>(site.id)
    expect(after).toEqual({ ...before, version: before.version + 1, movedTo: 'https://new.example.org' })
    expect(pageAt(pageFor(after), '/a')).toMatchObject({ status: 308, location: 'https://new.example.org/a' })
    const told = await stage.store.siteLists.pageOfEvents(site.id, { limit: 1 })
    expect(told.items).toMatchObject([{ type: 'SiteUrlChanged', version: after.version, data: { status, reason } }])
  })

  it('comes home to no account that its owner has closed, and no other site comes there', async () => {
    const email = 'closing@example.com'
    const site = await owned('closing')
    await send(`${site.id}/leave`, { to })
    await given.commit(endOperation(await read<KeptSite>(site.id), 'done', given.context))
    await given.archived(await read<SuspendedSite>(site.id))
    const exported = (await send(`${site.id}/export`, {})).json['site'] as Bundled
    const { headers } = await signIn(stage, email)
    const closed = await stage.send({ method: 'DELETE', path: '/v1/account', headers, body: { confirm: email } })
    expect(closed.status).toBe(202)
    const before = await stored()
    for (const one of [exported, bundled({ owner: { email } })]) {
      for (const more of [{ dryRun: true }, {}, { dryRun: true, rehearsal: true }]) {
        const refused = await take(one, more)
        expect([refused.status, refused.text]).toEqual([409, expect.stringContaining('has closed the account here')])
      }
    }
    expect(await stored()).toEqual(before)
  })

  it('is refused on hold, which would keep it from being archived', async () => {
    const site = await owned('held')
    await send(`${site.id}/hold`, {})
    const refused = await send(`${site.id}/leave`, { to })
    expect([refused.status, refused.text]).toEqual([409, expect.stringContaining('on hold')])
    expect(await read(site.id)).toMatchObject({ status: 'active' })
    await send(`${site.id}/unhold`, {})
    expect((await send(`${site.id}/leave`, { to })).status).toBe(202)
  })

  it('is exported only after a hold that began since', async () => {
    const site = await owned('held-since')
    await send(`${site.id}/leave`, { to })
    await given.commit(endOperation(await read<KeptSite>(site.id), 'done', given.context))
    await send(`${site.id}/hold`, {})
    const refused = await send(`${site.id}/export`, {})
    expect([refused.status, refused.text]).toEqual([409, expect.stringContaining('on hold')])
    await send(`${site.id}/unhold`, {})
    expect((await send(`${site.id}/export`, {})).json).toMatchObject({ site: null })
    expect(await read(site.id)).toMatchObject({ operation: { kind: 'archive' } })
  })

  it('is resumed by no owner, and by an operator', async () => {
    const { bearer, accountId } = await signIn(stage, 'gone@example.com').then(async (owner) => ({
      ...owner,
      bearer: owner.headers,
    }))
    const site = await given.active(accountId, 'gone')
    await send(`${site.id}/leave`, { to })
    await given.commit(endOperation(await read<KeptSite>(site.id), 'done', given.context))
    const asked = await stage.send({ method: 'POST', path: `/v1/sites/${site.id}/resume`, headers: bearer })
    expect(asked.status).toBe(409)
    expect((await send(`${site.id}/resume`, {})).json).toMatchObject({ status: 'active' })
    expect(await read(site.id)).not.toHaveProperty('movedTo')
  })

  it('cannot go to a hostname that it has here', async () => {
    const site = await owned('circling')
    const { accountId, hostname } = site.ownership
    const bundle = bundledSiteSchema.parse(bundled({ siteId: site.id, domains: ['www.circling.org'] }))
    const act = { siteId: site.id, ...given.context }
    const ports = { ...stage.store, ...given.context, consoleUrl: 'http://localhost', sitesDomain: 'localhost' }
    await importDomains(ports, act, bundle, accountId)
    for (const [own, why] of [
      [`http://${hostname}:4000`, 'is the one that the site has now'],
      ['https://www.circling.org', 'is a domain of this site here'],
    ]) {
      const refused = await send(`${site.id}/leave`, { to: own })
      expect([refused.status, refused.text]).toEqual([409, expect.stringContaining(why ?? '')])
    }
    expect(await read(site.id)).toMatchObject({ status: 'active' })
  })

  it.each([
    '',
    'shop',
    'https://shop.example.org/a',
    'ftp://shop.example.org',
    'a b.example.org',
    'x@shop.example.org',
  ])('cannot go to %j', async (wrong) => {
    expect((await send(`site_${'1'.repeat(26)}/leave`, { to: wrong })).status).toBe(400)
  })
})

it('is for administrators alone', async () => {
  for (const role of ['support', 'sales'] as const) {
    expect((await take(bundled(), {}, role)).status).toBe(403)
    for (const act of ['leave', 'export']) expect((await send(`site_1/${act}`, {}, role)).status).toBe(403)
  }
})

it('leaves a secret in no item, log line, event and audit entry', async () => {
  const items = (await everyItem()).join('\n')
  expect(items).toContain('operatorImportSite')
  expect(items).toContain('#GENERATED')
  for (const text of [items, stage.logLines.join('\n')]) {
    for (const form of [planted, Buffer.from(planted).toString('base64').slice(0, -4), encodeURIComponent(planted)]) {
      expect(text).not.toContain(form)
    }
  }
})
