import { describe, expect, it, vi } from 'vitest'
import { eventSource, system } from '../../../core/events/event-names.ts'
import { matchesPattern } from '../../../core/events/event-pattern.ts'
import { plusDays, plusMilliseconds } from '../../../core/instant.ts'
import { endOperation, type SiteUnder } from '../../../core/site/change-site.ts'
import { endOfEnvironment, isEnvironment } from '../../../core/site/environment.ts'
import { siteChange } from '../../../core/site/lifecycle.ts'
import type {
  ActiveSite,
  ArchivedSite,
  BuildingSite,
  KeptSite,
  PurgedSite,
  Site,
  SuspendedSite,
} from '../../../core/site/site.ts'
import { bringSitesIntoLine } from '../../../lambdas/accounts/follow-closures.ts'
import { noValues } from '../../../lambdas/configuration/configuration.ts'
import { advanceDeployments, advanceDeploymentsOf } from '../../../lambdas/deployments/advance-deployments.ts'
import { ownBlueprint } from '../../../lambdas/deployments/deployment.ts'
import { changesPerDay } from '../../../lambdas/deployments/own-values.ts'
import { changePlan } from '../../../lambdas/endings/act-on-site.ts'
import { beginPurge, purgeSite } from '../../../lambdas/endings/purge-site.ts'
import { restoreSite } from '../../../lambdas/endings/restore-site.ts'
import { resumeSite } from '../../../lambdas/endings/resume-site.ts'
import { followProduction, restoreEnvironment } from '../../../lambdas/environments/change-environment.ts'
import { patternsOf } from '../../../lambdas/manifest.ts'
import { beginDataRestore } from '../../../lambdas/releases/swap/begin-swap.ts'
import { failSwap } from '../../../lambdas/releases/swap/fail-swap.ts'
import type { SwappingSite } from '../../../lambdas/releases/swap/swap-changes.ts'
import { failBuild } from '../../../lambdas/sites/build/build-failure.ts'
import { failSite, forgetFailed } from '../../../lambdas/sites/build/fail-site.ts'
import { removeFailedSite } from '../../../lambdas/sites/build/functions.ts'
import { healWork } from '../../../lambdas/sites/run/functions.ts'
import { actOnDeadlines } from '../../../lambdas/trials/act-on-deadlines.ts'
import { signIn } from '../sign-in.ts'
import {
  ada,
  at,
  copied,
  count,
  create,
  deployFile,
  endpoint,
  giveEnvironments,
  given,
  policy,
  ports,
  production,
  read,
  run,
  runs,
  send,
  stage,
  type View,
} from './environment-stage.ts'

const hour = 3_600_000
const image = `docker.io/library/node@sha256:${'a'.repeat(64)}`
const environments = {
  production: { variables: { LEVEL: 'warn' } },
  qa: { expires: '12d', variables: { LEVEL: 'debug' } },
  'feature/*': { expires: '12h', data: 'seed' },
  clone: { data: 'copy' },
  out: { outbound: 'internet' },
  old: { expires: 'never' },
}
const fileOf = (more: object = {}) => ({
  ...{ name: 'shop', title: 'Shop', access: 'public', outbound: 'internet', sleep: 'never' },
  ...{ containers: [{ name: 'web', image }], traffic: { container: 'web' }, data: { mode: 'exclusive' } },
  ...{ seed: { command: ['npm', 'run', 'seed'] }, environments },
  ...more,
})

let kept: string[] = []
const deploy = (id: string, file: object = fileOf()) => deployFile(id, file)
const created = async (name: string, input: object = {}): Promise<ActiveSite> => {
  const { status, text, json } = await create({ name, ...input })
  expect(status, text).toBe(202)
  return run((json as unknown as View).id)
}
const stopped = async (id: string): Promise<void> => {
  const site = await read<KeptSite>(id)
  if (site.operation !== undefined) await given.commit(endOperation(site, 'done', given.context))
}
const sweep = async (): Promise<void> => {
  await actOnDeadlines(ports(), 'a-sweep')
}
giveEnvironments({
  keepOnly: async (siteId, all) => {
    kept = [siteId, ...all.map(() => 'one')]
  },
})

describe('an environment', () => {
  it('runs the version of production with its own variables, closed, without a way out, and sleeps', async () => {
    await deploy(production.id)
    const qa = await created('qa')
    expect(qa).toMatchObject({
      ...{ status: 'active', access: 'owner', plan: 'enterprise' },
      ownership: { hostname: `shop-${count}--qa.localhost`, name: 'Shop (qa)' },
      environmentOf: { siteId: production.id, name: 'qa', hours: 288, until: plusDays(stage.now(), 12) },
    })
    // The versions of production may go before it.
    expect(qa.blueprint).toEqual({ name: ownBlueprint(qa.id), version: 1 })
    const content = await runs(qa)
    expect(content).toMatchObject({
      access: 'owner',
      outbound: 'none',
      containers: [{ environment: { LEVEL: 'debug' } }],
    })
    expect(content).not.toHaveProperty('sleep')
    expect(await runs(await read(production.id))).toMatchObject({ access: 'public', outbound: 'internet' })
    const { json } = await send('GET', `/v1/sites/${qa.id}`)
    expect(json).toMatchObject({ sleepAfterMinutes: 30, environment: { name: 'qa', siteId: production.id } })
    const { json: listed } = await send('GET', `/v1/sites/${qa.id}/deployments`)
    expect(listed).toMatchObject({ deployments: [{ version: 1, status: 'live', promotedFrom: 'production' }] })
  })

  it('is in the list of its production alone, and counted nowhere', async () => {
    await deploy(production.id)
    const before = await stage.store.totals.read()
    const qa = await created('qa')
    expect((await send('GET', at())).json).toMatchObject({ max: 2, environments: [{ id: qa.id }] })
    expect((await send('GET', '/v1/sites')).json).toMatchObject({ sites: [{ id: production.id }] })
    expect(await stage.store.totals.read()).toEqual(before)
    const events = (await stage.store.siteLists.pageOfEvents(qa.id, { limit: 50 })).items
    expect(events.map(({ data }) => [data.accountId, data.environmentOf])).toEqual(
      events.map(() => [undefined, production.id]),
    )
    const { json } = await send('GET', `/v1/sites/${qa.id}/history`)
    expect((json as { entries: object[] }).entries).not.toHaveLength(0)
  })

  it('is created once, however often', async () => {
    await deploy(production.id)
    const qa = await created('qa')
    const again = await create({ name: 'qa' })
    expect([again.status, again.json['id']]).toEqual([200, qa.id])
    const [one, other] = await Promise.all([create({ name: 'b' }), create({ name: 'b' })])
    expect(new Set([one.json['id'], other.json['id']]).size).toBe(1)
  })

  it('is that of one branch', async () => {
    await deploy(production.id)
    const { json } = await create({ branch: 'feature/login' })
    const { name } = json['environment'] as { name: string }
    expect(name).toMatch(/^feature-login-[0-9a-f]{6}$/)
    expect((await create({ branch: 'feature/login' })).status).toBe(200)
    expect((await create({ branch: name })).status).toBe(409)
    expect(await read((json as unknown as View).id)).toMatchObject({
      environmentOf: { branch: 'feature/login', hours: 12, seed: ['npm', 'run', 'seed'] },
    })
  })

  it('whose creation is cut off leaves nothing, and none is there without its deployment', async () => {
    await deploy(production.id)
    const added = vi.spyOn(stage.store.deployments, 'add').mockRejectedValueOnce(new Error('cut off'))
    expect([(await create({ name: 'qa' })).status, (await send('GET', at())).json['environments']]).toEqual([500, []])
    vi.spyOn(stage.store.sites, 'commit').mockRejectedValueOnce(new Error('cut off'))
    expect((await create({ name: 'qa' })).status).toBe(500)
    const [first, siteId = production.id] = added.mock.calls.map(([made]) => made.siteId)
    const versionsOf = (id = production.id) => stage.store.blueprints.versions(ownBlueprint(id))
    expect([await versionsOf(first), (await versionsOf(siteId)).length]).toEqual([[], 1])
    await stage.store.configurations.add({
      ...{ schemaVersion: 1, siteId, version: 1, at: stage.now(), actor: { kind: 'system' }, reason: 'Cut off' },
      ...{ basedOn: 0, changed: [], variables: {}, secrets: {} },
    })
    const statuses = async () => (await stage.store.deployments.list(siteId, 9)).map(({ status }) => status)
    const advance = (later: number) => {
      const clocks = { ...given.context.clocks, wall: () => plusMilliseconds(stage.now(), later) }
      return advanceDeployments({ ...ports(), ...stage.store, clocks }, 'a-tick')
    }
    await advance(hour - 1000)
    expect(await statuses()).toEqual(['proving'])
    await advance(hour)
    expect([await statuses(), await stage.store.configurations.list(siteId)]).toEqual([[], []])
    expect(await versionsOf(siteId)).toEqual([])
  })

  it('keeps its values if the reply of its creation is lost', async () => {
    const file = fileOf({ containers: [{ name: 'web', image, given: ['STRIPE_KEY'] }] })
    const { commit } = stage.store.sites
    vi.spyOn(stage.store.sites, 'commit').mockImplementationOnce(async (change) => {
      await commit(change)
      throw new Error('lost')
    })
    const input = { name: 'qa', deployment: { file }, secrets: { STRIPE_KEY: 'a-key-of-stripe' } }
    expect((await create(input)).status).toBe(500)
    const { status, json } = await create(input)
    const { id } = await read((json as unknown as View).id)
    expect([status, (await stage.store.configurations.list(id)).length]).toEqual([200, 1])
  })

  it('has no secrets once its build has failed', async () => {
    const file = fileOf({ containers: [{ name: 'web', image, given: ['STRIPE_KEY'] }] })
    const { json } = await create({ name: 'qa', deployment: { file }, secrets: { STRIPE_KEY: 'sk_test_4711' } })
    const site = await read<BuildingSite>((json as unknown as View).id)
    expect(await stage.store.configurations.list(site.id)).toHaveLength(1)
    const removed: string[] = []
    const archives = {
      list: async function* (prefix: string) {
        yield* ['job.outcome.json', 'arc_1.tar.zst'].map((name) => ({ key: `${prefix}${name}`, bytes: 1 }))
      },
      remove: async (key: string) => void removed.push(key),
    }
    const forget = () => forgetFailed({ ...stage.store, archives }, site.id)
    await forget()
    expect(await stage.store.configurations.list(site.id)).toHaveLength(1)
    const failed = failBuild(site, { step: 'start', reason: 'It ended.' }, given.context)
    await given.commit(failed)
    const heard = { source: eventSource, 'detail-type': failed.event.type, detail: failed.event }
    expect(patternsOf(removeFailedSite).some((pattern) => matchesPattern(heard, pattern))).toBe(true)
    await forget()
    expect(await stage.store.configurations.list(site.id)).toEqual([])
    // Its archives are for the sweep of leftovers.
    expect(removed).toEqual([`${site.id}/job.outcome.json`])
  })

  it('whose build fails keeps no software, and says of its deployment that it failed', async () => {
    await deploy(production.id)
    const { json } = await create({ name: 'qa', deployment: { file: fileOf({ title: 'Broken' }) } })
    const { id } = json as unknown as View
    const newest = async () => {
      await advanceDeploymentsOf(ports(), id, 'a-tick')
      return (await stage.store.deployments.list(id, 1))[0]
    }
    const push = () => send('POST', `/v1/sites/${production.id}/deployments/push`)
    expect(await newest()).toMatchObject({ status: 'proving' })
    await push()
    expect(kept).toEqual([production.id, 'one', 'one'])
    await given.commit(failBuild(await read<BuildingSite>(id), { step: 'start', reason: 'It ended.' }, given.context))
    await push()
    expect(kept).toEqual([production.id, 'one'])
    expect(await newest()).toMatchObject({ status: 'failed', cause: 'It ended.' })
  })

  it.each([
    ['production', 'name'],
    ['content', 'name'],
    ['rehearsal', 'name'],
    ['a--b', 'name'],
    ['A', 'name'],
    ['x'.repeat(50), 'name'],
    ['clone', 'reason'],
    ['out', 'outbound'],
    ['old', 'expires'],
  ])('is refused as %s', async (name, path) => {
    await deploy(production.id)
    const { status, json } = await create({ name })
    expect([status, json]).toMatchObject([400, { errors: [{ path }] }])
  })

  it('frees its place for another one when it is deleted, and its name when it is purged', async () => {
    await deploy(production.id)
    const one = await created('one')
    await created('two')
    const full = await create({ name: 'three' })
    expect([full.status, full.json['detail']]).toEqual([409, expect.stringContaining('allows 2 environments')])
    await send('DELETE', at('/one'))
    await stopped(one.id)
    expect((await create({ name: 'three' })).status).toBe(202)
    expect((await create({ name: 'four' })).status).toBe(409)
    expect((await create({ name: 'one' })).json['detail']).toContain('env restore one')
    const purging = beginPurge((await read(one.id)) as never, given.context)
    await given.commit(purging)
    const purged = await given.commit<PurgedSite>(
      purgeSite(purging.after as SiteUnder<'purge'> as never, given.context),
    )
    expect(purged).toMatchObject({ environmentOf: { siteId: production.id, name: '' } })
    expect(purged).not.toHaveProperty('ownership')
    expect((await create({ name: 'one' })).status).toBe(409)
    await send('DELETE', at('/two'))
    expect((await create({ name: 'one' })).status).toBe(202)
  })

  it('needs a free place again when it is restored, by every way', async () => {
    await deploy(production.id)
    const one = await created('one')
    await created('two')
    // By its id and by its name alike.
    const confirm = one.ownership.hostname
    const deleted = await send('DELETE', `/v1/sites/${one.id}`, { confirm })
    expect([deleted.status, deleted.json]).toMatchObject([200, { deletion: { revocable: true } }])
    await stopped(one.id)
    await created('three')
    const refused = await send('POST', at('/one/restore'))
    expect([refused.status, refused.json['detail']]).toEqual([409, expect.stringContaining('allows 2 environments')])
    expect((await send('DELETE', `/v1/sites/${one.id}/deletion`)).status).toBe(409)
    expect((await send('POST', `/v1/sites/${one.id}/resume`)).status).toBe(409)
    await send('DELETE', at('/three'))
    const [first, second] = await Promise.all([send('POST', at('/one/restore')), send('POST', at('/one/restore'))])
    expect([first, second].map(({ status, text }) => [status, text])).toMatchObject([
      [200, expect.any(String)],
      [200, expect.any(String)],
    ])
    expect(await read(one.id)).toMatchObject({ status: 'active', ownership: { trialOf: one.ownership.trialOf } })
    expect((await create({ name: 'four' })).status).toBe(409)
  })

  it.each([
    ['version', true],
    ['trial', false],
  ] as const)('gets the last free place after an attempt that lost its %s: %s', async (obstacle, isRestored) => {
    await deploy(production.id)
    const one = await created('one')
    await created('two')
    await send('DELETE', at('/one'))
    await stopped(one.id)
    const commit = vi.fn(stage.store.sites.commit).mockResolvedValueOnce({ done: false, obstacle })
    const act = { siteId: production.id, accountId: ada.accountId, actor: system, causationId: 'a-request' }
    const sites = { ...stage.store.sites, commit }
    const restored = restoreEnvironment({ ...ports(), sites }, act, 'one').catch((error: Error) => error.name)
    const active = expect.objectContaining({ status: 'active', ownership: one.ownership })
    expect(await restored).toEqual(isRestored ? active : 'LimitsExceeded')
  })

  it('cannot be created and deleted without end: data of deleted ones takes room', async () => {
    await deploy(production.id)
    for (let number = 0; number < 20; number += 1) {
      await created(`branch-${number}`)
      await send('DELETE', at(`/branch-${number}`))
    }
    const refused = await create({ name: 'one-more' })
    expect([refused.status, refused.json['detail']]).toEqual([409, expect.stringContaining('Too many environments')])
  })

  it('gives its place and name back if it cannot be built', async () => {
    await deploy(production.id)
    await created('one')
    const { json } = await create({ name: 'two' })
    const failure = { step: 'start', reason: 'It could not be started.' } as const
    await given.commit(failBuild(await read<BuildingSite>((json as unknown as View).id), failure, given.context))
    expect((await create({ name: 'two' })).status).toBe(202)
  })

  it('is repaired by its owner if its first version or a later one does not start', async () => {
    await deploy(production.id)
    const failing = (id: Site['id'], { id: operationId, fence }: { id: string; fence: number }, error: string) =>
      [
        {
          ...{ ...ports(), rootPublicKey: 'key', placementSeconds: 0, siteUrl: (hostname: string) => hostname },
          runtime: { start: async () => undefined, locate: async () => endpoint, observe: async () => undefined },
          probe: { isHealthy: async () => true, ask: async () => ({ failure: 'refused' }), meets: async () => true },
        } as unknown as Parameters<typeof failSwap>[0] & Parameters<typeof failSite>[0],
        { siteId: id, operationId, fence },
        error,
      ] as const
    const first = (await create({ name: 'first' })).json as unknown as View
    const building = await read<BuildingSite>(first.id)
    for (const _ of ['once', 'and repeated']) {
      expect(await failSite(...failing(first.id, building.operation, 'LaunchFailed'))).toEqual({ isOwners: true })
    }
    const qa = await created('qa')
    for (const [error, isOwners] of [
      ['SiteNotReady', true],
      ['RuntimeUnavailable', false],
    ] as const) {
      expect(await send('POST', `/v1/sites/${qa.id}/deployments`, { file: fileOf() })).toMatchObject({ status: 202 })
      const { operation } = await read<SiteUnder<'upgrade'>>(qa.id)
      expect(await failSwap(...failing(qa.id, operation, error))).toEqual({ isOwners })
      await advanceDeploymentsOf(ports(), qa.id, 'an-event')
    }
  })

  it('needs a version, an allowance and a plan, and has no environments itself', async () => {
    expect((await create({ name: 'qa' })).json).toMatchObject({
      detail: expect.stringContaining('Deploy one there first'),
    })
    await deploy(production.id)
    const qa = await created('qa')
    expect((await send('POST', `/v1/sites/${qa.id}/environments`, { name: 'b' })).status).toBe(409)
    const eve = await signIn(stage, `eve-${count}@example.com`)
    expect((await send('POST', at(), { name: 'b' }, eve.headers)).status).toBe(404)
    expect((await send('GET', `/v1/sites/${qa.id}`, undefined, eve.headers)).status).toBe(404)
    const vendors = await given.active(eve.accountId, `vendors-${count}`)
    const refused = await send('POST', `/v1/sites/${vendors.id}/environments`, { name: 'b' }, eve.headers)
    expect([refused.status, refused.json['detail']]).toEqual([402, expect.stringContaining('not part of the plan')])
    const path = `/v1/operator/accounts/${ada.accountId}/allowance`
    const body = { plan: 'enterprise', sites: 0, reason: 'Contract 4711 has ended' }
    await stage.send({ method: 'PUT', path, headers: await stage.operator('grace@example.com', 'admin'), body })
    expect((await create({ name: 'b' })).status).toBe(403)
  })

  it('gets the secrets that people set with its creation', async () => {
    const file = fileOf({ containers: [{ name: 'web', image, given: ['STRIPE_KEY'] }] })
    const missing = await create({ name: 'qa', deployment: { file } })
    expect([missing.status, missing.json]).toMatchObject([400, { errors: [{ path: 'secrets.STRIPE_KEY' }] }])
    const { status, json, text } = await create({
      name: 'qa',
      deployment: { file },
      secrets: { STRIPE_KEY: 'a-key-of-stripe' },
    })
    expect(status, text).toBe(202)
    expect(await read((json as unknown as View).id)).toMatchObject({ configuration: 1 })
    expect(JSON.stringify([json, stage.logLines])).not.toContain('a-key-of-stripe')
  })
})

describe('the end of an environment', () => {
  it('waits for its build, as for another operation: the command asks again', async () => {
    await deploy(production.id)
    const { json } = await create({ name: 'qa' })
    const early = await send('DELETE', at('/qa'))
    expect([early.status, early.json['type']]).toEqual([409, expect.stringMatching(/:operation-in-progress$/)])
    await run((json as unknown as View).id)
    expect((await send('DELETE', at('/qa'))).json).toMatchObject({ status: 'suspended' })
  })

  it('comes after a mail a day before, is revocable for days, and a deployment postpones it', async () => {
    await deploy(production.id)
    const qa = await created('qa')
    stage.turnClock(5 * 24 * hour)
    await deploy(qa.id)
    const until = plusDays(stage.now(), 12)
    expect((await read(qa.id)).environmentOf).toMatchObject({ until })
    stage.turnClock(11 * 24 * hour)
    await sweep()
    expect(await read(qa.id)).toMatchObject({ status: 'active', reminded: [1] })
    stage.turnClock(24 * hour)
    await sweep()
    expect(await read<Site>(qa.id)).toMatchObject({
      ...{ status: 'suspended', suspendedBecause: 'owner-deletion' },
      deletion: { by: 'owner', requestedAt: stage.now() },
    })
    expect((await read(qa.id)).ownership).not.toHaveProperty('trialOf')
    const again = await create({ name: 'qa' })
    expect([again.status, again.json['detail']]).toEqual([409, expect.stringContaining('env restore qa')])
    expect((await send('POST', at('/qa/restore'))).status).toBe(409)
    await stopped(qa.id)
    const restored = await send('POST', at('/qa/restore'))
    expect([restored.status, restored.json]).toMatchObject([
      200,
      { status: 'active', deletion: null, environment: { endsAt: plusDays(stage.now(), 12) } },
    ])
  })

  it('is extended within what the plan allows', async () => {
    await deploy(production.id)
    await created('qa')
    stage.turnClock(24 * hour)
    expect((await send('POST', at('/qa/extend'), {})).json).toMatchObject({
      environment: { endsAt: plusDays(stage.now(), 12) },
    })
    const longer = await send('POST', at('/qa/extend'), { expires: '20d' })
    expect(longer.json).toMatchObject({ environment: { endsAt: plusDays(stage.now(), 20) } })
    expect((await send('POST', at('/qa/extend'), { expires: '31d' })).status).toBe(400)
    expect((await send('POST', at('/other/extend'), {})).status).toBe(404)
  })

  it('follows the suspension and the deletion of its production', async () => {
    await deploy(production.id)
    const qa = await created('qa')
    const suspended = await given.suspended(await read(production.id), 'operator')
    await followProduction(ports() as never, production.id, 'an-event')
    expect(await read<Site>(qa.id)).toMatchObject({ status: 'suspended', suspendedBecause: 'operator' })
    const deployed = await send('POST', `/v1/sites/${production.id}/deployments`, { file: fileOf() })
    expect([deployed.status, deployed.json['detail']]).toEqual([409, expect.stringContaining('gets no deployment')])
    expect((await send('POST', at('/qa/restore'))).status).toBe(409)
    await given.commit(
      resumeSite(suspended, { trialEndsAt: suspended.trialEndsAt, extensionsUsed: 0 }, policy, given.context),
    )
    await followProduction(ports() as never, production.id, 'an-event')
    expect(await read<Site>(qa.id)).toMatchObject({ status: 'suspended', operation: { kind: 'suspend' } })
    await stopped(qa.id)
    await followProduction(ports() as never, qa.id, 'an-event')
    expect(await read(qa.id)).toMatchObject({
      status: 'active',
      environmentOf: { name: 'qa' },
      size: expect.anything(),
    })
    const confirm = `shop-${count}.localhost`
    await stage.send({ method: 'DELETE', path: `/v1/sites/${production.id}`, headers: ada.headers, body: { confirm } })
    await followProduction(ports() as never, production.id, 'an-event')
    expect(await read<Site>(qa.id)).toMatchObject({ status: 'suspended', deletion: { by: 'owner' } })
    await stage.send({ method: 'DELETE', path: `/v1/sites/${production.id}/deletion`, headers: ada.headers })
    expect(await read<Site>(production.id)).not.toHaveProperty('deletion')
    await followProduction(ports() as never, production.id, 'an-event')
    expect(await read<Site>(qa.id)).not.toHaveProperty('deletion')
  })
})

it('an environment does not move to another installation', async () => {
  await deploy(production.id)
  const qa = await created('qa')
  const headers = await stage.operator('op@example.com', 'admin')
  for (const [act, more] of [
    ['leave', { to: 'shop.example.org' }],
    ['export', {}],
  ] as const) {
    const body = { reason: 'It moves.', ...more }
    const request = { method: 'POST', path: `/v1/operator/sites/${qa.id}/${act}`, headers, body }
    expect(await stage.send(request)).toMatchObject({
      status: 409,
      json: { detail: expect.stringContaining('does not move to another installation') },
    })
  }
})

describe('an environment of an account that is closed and opened again', () => {
  it('comes back with its production, unless it was suspended or deleted before', async () => {
    await deploy(production.id)
    const [qa, deleted] = [await created('qa'), await created('two')]
    expect((await send('DELETE', at('/two'))).status).toBe(200)
    stage.turnClock(hour)
    const { accountId } = production.ownership
    const owner = await stage.store.accounts.getOwner(accountId)
    const task = { accountId, ownerId: owner!.id } as const
    const closed = { ...task, wanted: 'deleted' } as const
    const accounts = { get: async () => ({ closure: {} }) }
    await bringSitesIntoLine({ ...ports(), accounts } as never, closed, 'closing')
    await followProduction(ports() as never, production.id, 'an-event')
    expect(await read<Site>(qa.id)).toMatchObject({ status: 'suspended', deletion: { by: 'owner' } })
    for (const { id } of [production, qa, deleted]) await stopped(id)
    await bringSitesIntoLine(ports() as never, { ...task, wanted: 'kept' }, 'opening')
    await followProduction(ports() as never, production.id, 'an-event')
    expect(await read(qa.id)).not.toHaveProperty('deletion')
    const suspended = await read<SuspendedSite>(production.id)
    const { trialEndsAt } = suspended
    await given.commit(resumeSite(suspended, { trialEndsAt, extensionsUsed: 0 }, policy, given.context))
    await followProduction(ports() as never, production.id, 'an-event')
    expect(await read(qa.id)).toMatchObject({ status: 'active', environmentOf: { name: 'qa' } })
    expect(await read(deleted.id)).toMatchObject({ status: 'suspended', deletion: { by: 'owner' } })
  })
})

describe('an environment of a production that is suspended for longer than it was to live', () => {
  const resumed = async ({ id }: ActiveSite): Promise<void> => {
    const site = await read<SuspendedSite>(id)
    await given.commit(resumeSite(site, { trialEndsAt: site.trialEndsAt, extensionsUsed: 0 }, policy, given.context))
    await followProduction(ports() as never, id, 'an-event')
  }
  const suspended = async (because: SuspendedSite['suspendedBecause']): Promise<ActiveSite> => {
    await deploy(production.id)
    const qa = await created('qa')
    await given.suspended(await read(production.id), because)
    await followProduction(ports() as never, production.id, 'an-event')
    await stopped(qa.id)
    // The end of its stop brings it there again.
    await followProduction(ports() as never, qa.id, 'an-event')
    return qa
  }

  it('is kept, and begins its time again with its production', async () => {
    const qa = await suspended('payment-overdue')
    stage.turnClock(13 * 24 * hour)
    await sweep()
    expect(await read<Site>(qa.id)).toMatchObject({ status: 'suspended', ownership: qa.ownership })
    expect(await read<Site>(qa.id)).not.toHaveProperty('deletion')
    expect((await send('GET', at())).json['environments']).toMatchObject([{ environment: { endsAt: null } }])
    await resumed(production)
    expect((await send('GET', at())).json['environments']).toMatchObject([
      { status: 'active', environment: { endsAt: plusDays(stage.now(), 12) } },
    ])
  })

  it('ends at its time if its site has moved away, which does not come back', async () => {
    const qa = await suspended('moved')
    stage.turnClock(13 * 24 * hour)
    await sweep()
    expect(await read<Site>(qa.id)).toMatchObject({ status: 'suspended', deletion: { by: 'owner' } })
  })

  it('does not start by itself after an operator resumed it and suspended it again, and is deleted with its production', async () => {
    const qa = await suspended('payment-overdue')
    const down = await read<SuspendedSite>(qa.id)
    const facts = { trialEndsAt: down.trialEndsAt, extensionsUsed: 0 }
    await given.commit(resumeSite(down, facts, policy, given.context))
    await resumed(production)
    await given.suspended(await read(qa.id), 'operator')
    await stopped(qa.id)
    await followProduction(ports() as never, production.id, 'an-event')
    expect(await read<Site>(qa.id)).toMatchObject({ status: 'suspended', suspendedBecause: 'operator' })
    const confirm = `shop-${count}.localhost`
    await stage.send({ method: 'DELETE', path: `/v1/sites/${production.id}`, headers: ada.headers, body: { confirm } })
    await followProduction(ports() as never, production.id, 'an-event')
    expect(await read<Site>(qa.id)).toMatchObject({ status: 'suspended', deletion: { by: 'owner' } })
  })

  it('is restored by its owner if they deleted it meanwhile, whoever suspended the site', async () => {
    const qa = await suspended('operator')
    await send('DELETE', at('/qa'))
    await resumed(production)
    expect(await send('POST', at('/qa/restore'))).toMatchObject({ status: 200, json: { status: 'active' } })
    await given.suspended(await read(qa.id), 'operator')
    await send('DELETE', at('/qa'))
    expect((await send('POST', at('/qa/restore'))).status).toBe(409)
  })
})

describe('an environment of a production whose subscription has ended', () => {
  it('is resumed with its production alone, also by its id', async () => {
    await deploy(production.id)
    const qa = await created('qa')
    expect((await send('POST', `/v1/sites/${qa.id}/resume`)).status).toBe(200)
    await given.suspended(await read(production.id), 'subscription-ended')
    await followProduction(ports() as never, production.id, 'an-event')
    await stopped(qa.id)
    const refused = await send('POST', `/v1/sites/${qa.id}/resume`)
    expect([refused.status, refused.json['detail']]).toEqual([409, expect.stringContaining('with its production')])
    expect((await send('POST', at('/qa/restore'))).status).toBe(409)
    expect(await read<Site>(qa.id)).toMatchObject({ status: 'suspended', suspendedBecause: 'subscription-ended' })
  })
})

describe('an environment of a production that gets another plan', () => {
  const changed = async (plan: string): Promise<void> => {
    await given.commit(changePlan(await read(production.id), { plan, reason: 'Contract 4712' }, given.context))
  }
  const followed = (): Promise<void> => followProduction(ports() as never, production.id, 'an-event')

  const endOf = async ({ id }: ActiveSite): Promise<string | undefined> => {
    const site = await read<Site>(id)
    if (!isEnvironment(site)) throw new Error('It is no environment')
    return endOfEnvironment(site)
  }

  const neverEnding = async (site: ActiveSite): Promise<object> => {
    if (!isEnvironment(site)) throw new Error('It is no environment')
    const { hours: _, until: __, ...endless } = site.environmentOf
    const after = { ...site, version: site.version + 1, environmentOf: endless }
    const details = {}
    await given.commit(siteChange({ transition: 'extendEnvironment', before: site, after, details }, given.context))
    return endless
  }

  it('has that plan, and ends soon where that has no place for it', async () => {
    await deploy(production.id)
    const [qa, demo] = [await created('qa'), await created('demo')]
    await neverEnding(qa)
    await changed('growth')
    await followed()
    await followed()
    const changedAt = stage.now()
    expect(await read(qa.id)).toMatchObject({ status: 'active', plan: 'growth', version: qa.version + 2 })
    expect(await endOf(qa)).toBe(plusDays(changedAt, 14))
    expect(await read(demo.id)).toMatchObject({ status: 'active' })
    expect(await endOf(demo)).toBe(plusDays(changedAt, 7))
    const { json } = await send('GET', `/v1/sites/${qa.id}/history`)
    expect(json['entries']).toContainEqual(expect.objectContaining({ type: 'SitePlanChanged', by: 'system' }))
    stage.turnClock(24 * hour)
    const refused = await send('POST', at('/demo/extend'), {})
    expect([refused.status, refused.json['detail']]).toEqual([
      409,
      expect.stringContaining('plan Growth allows 1 environment, and no place is free'),
    ])
    await deploy(demo.id)
    expect(await endOf(demo)).toBe(plusDays(changedAt, 7))
    await changed('starter')
    const none = await send('POST', at('/demo/extend'), {})
    expect([none.status, none.json['detail']]).toEqual([409, expect.stringContaining('not part of the plan Starter')])
    stage.turnClock(5 * 24 * hour)
    await sweep()
    expect(await read(demo.id)).toMatchObject({ status: 'active', reminded: [1] })
    stage.turnClock(24 * hour)
    await sweep()
    expect(await read<Site>(demo.id)).toMatchObject({ status: 'suspended', deletion: { by: 'owner' } })
    await followed()
    expect(await read(qa.id)).toMatchObject({ status: 'active' })
    expect(await endOf(qa)).toBe(plusDays(stage.now(), 7))
    await changed('enterprise')
    await followed()
    expect((await send('POST', at('/qa/extend'), {})).json).toMatchObject({
      environment: { endsAt: plusDays(stage.now(), 30) },
    })
  })

  it('has an end and a mail before that also if it had none', async () => {
    await deploy(production.id)
    const qa = await created('qa')
    const endless = await neverEnding(qa)
    await changed('starter')
    await followed()
    expect((await read(qa.id)).environmentOf).toEqual({ ...endless, planUntil: plusDays(stage.now(), 7) })
    stage.turnClock(6 * 24 * hour)
    await sweep()
    expect(await read(qa.id)).toMatchObject({ reminded: [1] })
    await changed('unlimited')
    expect((await send('POST', at('/qa/extend'), {})).json).toMatchObject({ environment: { endsAt: null } })
    expect((await send('POST', at('/qa/extend'), {})).status).toBe(409)
  })

  it('has its former end again, or none, once the plan allows that again, and a mail before each end', async () => {
    await deploy(production.id)
    const [qa, demo] = [await created('qa'), await created('demo')]
    const endless = await neverEnding(demo)
    await send('POST', at('/qa/extend'), { expires: '30d' })
    const end = await endOf(qa)
    for (const _ of ['once', 'twice']) {
      await changed('starter')
      await followed()
      expect([await endOf(qa), await endOf(demo)]).toEqual(Array(2).fill(plusDays(stage.now(), 7)))
      stage.turnClock(6 * 24 * hour)
      await sweep()
      expect(await read(demo.id)).toMatchObject({ reminded: [1] })
      await changed('unlimited')
      await followed()
      expect((await read(demo.id)).environmentOf).toEqual(endless)
    }
    expect(await endOf(qa)).toBe(end)
  })

  it('does not gain time by a change between plans without a place, but begins it again with its production', async () => {
    await deploy(production.id)
    const [, demo] = [await created('qa'), await created('demo')]
    await changed('growth')
    await followed()
    const end = plusDays(stage.now(), 7)
    stage.turnClock(24 * hour)
    await changed('starter')
    await followed()
    expect(await endOf(demo)).toBe(end)
    const suspended = await given.suspended(await read(production.id), 'payment-overdue')
    await followed()
    await stopped(demo.id)
    stage.turnClock(8 * 24 * hour)
    const { trialEndsAt } = suspended
    await given.commit(resumeSite(suspended, { trialEndsAt, extensionsUsed: 0 }, policy, given.context))
    await followed()
    expect(await endOf(demo)).toBe(plusDays(stage.now(), 7))
  })

  it('lives no longer than that allows once it resumes', async () => {
    await deploy(production.id)
    const qa = await created('qa')
    await send('POST', at('/qa/extend'), { expires: '30d' })
    const suspended = await given.suspended(await read(production.id), 'operator')
    await followed()
    await stopped(qa.id)
    const { trialEndsAt } = suspended
    const resumed = resumeSite(suspended, { trialEndsAt, extensionsUsed: 0 }, policy, given.context)
    await given.commit(resumed)
    await given.commit(changePlan(await read(production.id), { plan: 'starter', reason: 'Paid' }, given.context))
    await followed()
    expect(await read(qa.id)).toMatchObject({ status: 'active' })
    expect(await endOf(qa)).toBe(plusDays(stage.now(), 7))
  })

  it('gets another place when it is extended or restored, and leaves its own to others', async () => {
    await deploy(production.id)
    const [qa, demo] = [await created('qa'), await created('demo')]
    await changed('growth')
    await followed()
    expect((await send('DELETE', at('/qa'))).status).toBe(200)
    expect((await send('POST', at('/demo/extend'), {})).status).toBe(200)
    const { trialOf } = qa.ownership
    expect(await read(demo.id)).toMatchObject({ ownership: { trialOf } })
    await stopped(qa.id)
    expect((await send('POST', at('/qa/restore'))).status).toBe(409)
    await changed('enterprise')
    expect((await send('POST', at('/qa/restore'))).status).toBe(200)
    expect(await read(qa.id)).toMatchObject({ ownership: { trialOf: demo.ownership.trialOf } })
  })

  it('is told of it, and of a change of its own plan, and looks at its production once it is restored', () => {
    const patterns = patternsOf(healWork)
    const heard = (data: object, type = 'SitePlanChanged') => {
      const event = { source: eventSource, 'detail-type': type, detail: { data } }
      return patterns.filter((pattern) => matchesPattern(event, pattern)).length
    }
    const status = 'suspended'
    expect([heard({ accountId: ada.accountId, status }), heard({ environmentOf: production.id, status })]).toEqual([
      1, 1,
    ])
    expect(heard({ status })).toBe(0)
    expect(heard({ environmentOf: production.id, status: 'active' }, 'SiteRestored')).toBe(1)
  })
})

describe('an environment that was deleted', () => {
  it('stays so when its production, which was suspended, is resumed', async () => {
    await deploy(production.id)
    const qa = await created('qa')
    const suspended = await given.suspended(await read(production.id), 'operator')
    await followProduction(ports() as never, production.id, 'an-event')
    await stopped(qa.id)
    expect((await send('DELETE', at('/qa'))).status).toBe(200)
    await given.commit(
      resumeSite(suspended, { trialEndsAt: suspended.trialEndsAt, extensionsUsed: 0 }, policy, given.context),
    )
    await followProduction(ports() as never, production.id, 'an-event')
    expect(await read<Site>(qa.id)).toMatchObject({ status: 'suspended', deletion: { by: 'owner' } })
  })
})

describe('an environment whose data was archived, because its cell was drained', () => {
  const archived = async (id: string): Promise<void> => {
    await stopped(id)
    await given.archived(await read<SuspendedSite>(id))
  }
  const failRestore = async (id: string): Promise<void> => {
    await given.commit(endOperation(await read<ArchivedSite>(id), 'failed', given.context))
  }

  it('is restored by its owner after they deleted it, in a free place, and again if that fails', async () => {
    await deploy(production.id)
    const qa = await created('qa')
    await send('DELETE', at('/qa'))
    await archived(qa.id)
    const others = [await created('one'), await created('two')]
    expect((await send('POST', at('/qa/restore'))).status).toBe(409)
    for (const { environmentOf } of others) await send('DELETE', at(`/${environmentOf?.name}`))
    for (const _ of ['first', 'repeated']) {
      expect(await send('POST', at('/qa/restore'))).toMatchObject({
        status: 200,
        json: { status: 'archived', operation: 'restore', deletion: null },
      })
    }
    expect((await create({ name: 'three' })).status).toBe(202)
    expect((await create({ name: 'four' })).status).toBe(409)
    const early = await send('DELETE', at('/qa'))
    expect([early.status, early.json['type']]).toEqual([409, expect.stringContaining('operation-in-progress')])
    await failRestore(qa.id)
    expect(await send('POST', at('/qa/restore'))).toMatchObject({ status: 200, json: { operation: 'restore' } })
    await failRestore(qa.id)
    expect(await send('DELETE', at('/qa'))).toMatchObject({ status: 200, json: { deletion: { revocable: true } } })
  })

  it('comes back with its production, by one restore', async () => {
    await deploy(production.id)
    const qa = await created('qa')
    const suspended = await given.suspended(await read(production.id), 'operator')
    const followed = () => followProduction(ports() as never, production.id, 'an-event')
    await followed()
    await archived(qa.id)
    await followed()
    expect(await read<Site>(qa.id)).not.toHaveProperty('operation')
    const { trialEndsAt } = suspended
    await given.commit(resumeSite(suspended, { trialEndsAt, extensionsUsed: 0 }, policy, given.context))
    await followed()
    expect(await read<Site>(qa.id)).toMatchObject({ status: 'archived', operation: { kind: 'restore' } })
    await failRestore(qa.id)
    await followed()
    expect(await read<Site>(qa.id)).not.toHaveProperty('operation')
    expect(await send('POST', at('/qa/restore'))).toMatchObject({ status: 200, json: { operation: 'restore' } })
    // If the site is deleted meanwhile, that waits for the end of the restore.
    const confirm = `shop-${count}.localhost`
    await stage.send({ method: 'DELETE', path: `/v1/sites/${production.id}`, headers: ada.headers, body: { confirm } })
    await followed()
    const restoring = await read<ArchivedSite>(qa.id)
    expect(restoring).not.toHaveProperty('deletion')
    const endpoint = { host: '127.0.0.1', port: 1 }
    await given.commit(restoreSite(restoring as never, endpoint, [], given.context))
    await followed()
    expect(await read<Site>(qa.id)).toMatchObject({ status: 'suspended', deletion: { by: 'owner' } })
  })
})

describe('a deployment', () => {
  const add = (file: object) => {
    const headers = { ...ada.headers, 'idempotency-key': 'a-key' }
    return send('POST', `/v1/sites/${production.id}/deployments`, { file }, headers)
  }

  it('is made once for a key, which is refused with another file', async () => {
    const made = await add(fileOf())
    expect(made.status).toBe(202)
    expect((await add(fileOf())).json).toEqual(made.json)
    expect((await add(fileOf({ title: 'Other' }))).status).toBe(422)
  })

  it('is refused with rights that the plan does not open', async () => {
    const { status, text } = await add(fileOf({ containers: [{ name: 'web', image, capabilities: ['CHOWN'] }] }))
    expect([status, text]).toEqual([422, expect.stringContaining("is not in the plan 'Enterprise'")])
  })
})

describe('promote and rollback', () => {
  it('move the version, not variables, and share the images', async () => {
    await deploy(production.id)
    const qa = await created('qa')
    const push = await send('POST', `/v1/sites/${qa.id}/deployments/push`)
    expect(push.json).toMatchObject({ repository: production.id })
    await deploy(qa.id, fileOf({ title: 'Better' }))
    expect(kept).toEqual([production.id, 'one', 'one'])
    const promoted = await send('POST', `/v1/sites/${production.id}/deployments/promote`, { from: 'qa' })
    expect([promoted.status, promoted.json]).toMatchObject([202, { deployment: { promotedFrom: 'qa' } }])
    const after = await run(production.id)
    expect(await runs(after)).toMatchObject({
      ...{ title: 'Better', access: 'public' },
      containers: [{ environment: { LEVEL: 'warn' } }],
    })
    const none = await send('POST', `/v1/sites/${production.id}/deployments/promote`, { from: 'other' })
    expect(none.status).toBe(404)
  })

  const promote = async (from = 'qa') => {
    expect((await send('POST', `/v1/sites/${production.id}/deployments/promote`, { from })).status).toBe(202)
    await advanceDeploymentsOf(ports(), production.id, 'an-event')
    const { operation } = await read(production.id)
    await run(production.id)
    return operation
  }
  const rollback = (body: object = {}) => send('POST', `/v1/sites/${production.id}/deployments/rollback`, body)
  const migrating = (title: string, release: object = {}) =>
    fileOf({ title, release: { migrates: true, backwardCompatible: false, ...release } })

  it('start on a copy where a version that is skipped migrates the data, and such data is not rolled back', async () => {
    await deploy(production.id)
    const qa = await created('qa')
    await deploy(qa.id, migrating('Two'))
    await deploy(qa.id, fileOf({ title: 'Three' }))
    expect(await promote()).toHaveProperty('copy')
    expect((await rollback()).json['detail']).toContain('no copy of the data')
    await deploy(qa.id, fileOf({ title: 'Four' }))
    expect(await promote()).not.toHaveProperty('copy')
    expect((await rollback()).status).toBe(202)
  })

  const other = { title: 'Other' }
  const otherMigrates = { ...other, release: { migrates: true, backwardCompatible: false } }
  it.each([
    ['none migrates', 'qa', other, 202, false],
    ['one migrates', 'qa', otherMigrates, 409, true],
    ['none migrates, one environment further', 'copy', other, 202, false],
    ['one migrates, one environment further', 'copy', otherMigrates, 409, true],
  ])('count all versions of the source if both have none in common: %s', async (_, from, fields, back, isCopied) => {
    await deploy(production.id)
    const { json } = await create({ name: 'qa', deployment: { file: fileOf(fields), images: {} } })
    const { id } = json as unknown as View
    await run(id)
    await deploy(id, fileOf({ title: 'Newest' }))
    if (from === 'copy') await created('copy', { from: 'qa' })
    const operation = await promote(from)
    expect([operation && 'copy' in operation, (await rollback()).status]).toEqual([isCopied, back])
  })

  it('start on a copy where a promotion to the source skipped a version that migrates the data', async () => {
    await deploy(production.id)
    const [qa, staging] = [await created('qa'), await created('staging')]
    await deploy(qa.id, migrating('Two', { backwardCompatible: true }))
    await deploy(qa.id, fileOf({ title: 'Three' }))
    await send('POST', `/v1/sites/${staging.id}/deployments/promote`, { from: 'qa' })
    await run(staging.id)
    await run(staging.id)
    expect(await promote('staging')).toHaveProperty('copy')
    expect((await rollback()).status).toBe(202)
  })

  it('migrates a copy again after the data from before has come back', async () => {
    await deploy(production.id)
    const archive = await copied(production.id)
    await deploy(production.id, migrating('Two'))
    expect((await rollback({ data: true })).json).toMatchObject({ deployment: { back: { archiveId: archive.id } } })
    await run(production.id)
    await run(production.id)
    await send('POST', `/v1/sites/${production.id}/deployments`, { file: fileOf({ title: 'Two again' }) })
    await advanceDeploymentsOf(ports(), production.id, 'an-event')
    expect((await read(production.id)).operation).toMatchObject({ target: { blueprint: { version: 4 } }, copy: {} })
  })

  it('begins again what a crash kept from beginning, whatever has happened to the site since, and goes back when it fails', async () => {
    await deploy(production.id)
    const newest = async () => (await stage.store.deployments.list(production.id, 1))[0]
    const crash = async (title: string) => {
      vi.spyOn(stage.store.sites, 'commit').mockRejectedValueOnce(new Error('cut off'))
      await send('POST', `/v1/sites/${production.id}/deployments`, { file: fileOf({ title }) })
      expect(await newest()).toMatchObject({ status: 'deploying', blueprint: { title } })
      expect((await read(production.id)).operation).toBeUndefined()
    }
    await crash('Two')
    await copied(production.id)
    await advanceDeploymentsOf(ports(), production.id, 'a-tick')
    expect(await newest()).toMatchObject({ status: 'deploying' })
    await run(production.id)
    expect(await newest()).toMatchObject({ status: 'live', version: 2 })
    // Another operation has the id that its own would have had.
    await crash('Three')
    const values = { variables: { API_URL: 'one' }, secrets: {} }
    expect((await send('POST', `/v1/sites/${production.id}/configuration`, values)).status).toBe(202)
    expect((await read(production.id)).operation?.id).toBe((await newest())?.operationId)
    await run(production.id)
    expect(await newest()).toMatchObject({ status: 'deploying', version: 3 })
    const before = (await read(production.id)) as SwappingSite
    const { operation, ...site } = before
    expect(operation).toMatchObject({ target: { blueprint: { version: 3 } } })
    const details = { operation: 'upgrade', outcome: 'failed', because: 'SiteNotReady' } as const
    const after = { ...site, version: site.version + 1 }
    await given.commit(siteChange({ transition: 'endOperation', before, after, details }, given.context))
    await copied(production.id)
    await advanceDeploymentsOf(ports(), production.id, 'a-tick')
    expect(await newest()).toMatchObject({ status: 'went-back', version: 3 })
  })

  it('brings the version before back with its variables, and goes on from there', async () => {
    const variablesOf = (LEVEL: string) => fileOf({ environments: { production: { variables: { LEVEL } } } })
    for (const level of ['one', 'two', 'three']) await deploy(production.id, variablesOf(level))
    const back = async (body: object = {}) => {
      const answer = await send('POST', `/v1/sites/${production.id}/deployments/rollback`, body)
      const site = answer.status === 202 ? await run(production.id) : await read(production.id)
      return [answer, (await runs(site))?.containers[0]?.environment['LEVEL']] as const
    }
    expect((await back())[1]).toBe('two')
    expect((await back())[1]).toBe('one')
    const [{ status, json }] = await back()
    expect([status, json['detail']]).toEqual([409, expect.stringContaining('nothing to go back to')])
    // A version that did not work stays behind, also when a later one does not work either.
    await deploy(production.id, variablesOf('four'))
    expect((await back())[1]).toBe('one')
  })

  it('wait for each other: ten deployments at most, and a way back for none', async () => {
    for (const title of ['One', 'Two']) await deploy(production.id, fileOf({ title }))
    const add = () => send('POST', `/v1/sites/${production.id}/deployments`, { file: fileOf() })
    expect((await add()).status).toBe(202)
    expect((await rollback()).json['detail']).toContain('Version 3 is being deployed')
    for (let open = 2; open <= 10; open += 1) expect((await add()).status).toBe(202)
    expect((await add()).json['detail']).toContain('10 deployments wait already')
  })

  it('brings the values back that people set while the version ran', async () => {
    const deploying = async (title: string) => deploy(production.id, fileOf({ title }))
    const change = (values: object) =>
      send('POST', `/v1/sites/${production.id}/configuration`, { variables: {}, secrets: {}, ...values })
    const set = async (API_URL: string) => {
      expect((await change({ variables: { API_URL } })).status).toBe(202)
      await run(production.id)
    }
    const back = async () => {
      expect((await send('POST', `/v1/sites/${production.id}/deployments/rollback`, {})).status).toBe(202)
      return run(production.id)
    }
    const setIn = async ({ id, configuration = 0 }: Site) => {
      const { variables, secrets } = (await stage.store.configurations.read(id, configuration)) ?? noValues
      return [variables['API_URL'], secrets['STRIPE_KEY']?.version]
    }
    await deploying('One')
    await set('one')
    await deploying('Two')
    await set('two')
    await deploying('Three')
    await set('three')
    expect(await setIn(await back())).toEqual(['two', undefined])
    await set('four')
    // The secret is being set meanwhile.
    await deploying('Two again')
    const { configuration: before = 0 } = await read(production.id)
    await change({ secrets: { STRIPE_KEY: 'sk_test_4711' } })
    await back()
    expect(await setIn(await run(production.id))).toEqual(['four', before + 1])
    expect(await setIn(await back())).toEqual(['one', before + 1])
  })

  it('is not done if the values that it goes on from did not work', async () => {
    for (const title of ['One', 'Two']) await deploy(production.id, fileOf({ title }))
    const values = { variables: { API_URL: 'none' }, secrets: {} }
    expect((await send('POST', `/v1/sites/${production.id}/configuration`, values)).status).toBe(202)
    const { json } = await send('POST', `/v1/sites/${production.id}/deployments/rollback`, {})
    expect(json).toMatchObject({ deployment: { status: 'proving' } })
    await given.commit(endOperation((await read<KeptSite>(production.id)) as never, 'failed', given.context))
    expect((await run(production.id)).blueprint.version).toBe(2)
    const { json: after } = await send('GET', `/v1/sites/${production.id}/deployments`)
    const [newest] = (after as { deployments: object[] }).deployments
    expect(newest).toMatchObject({ status: 'failed', cause: expect.stringContaining('Roll back again') })
  })

  it('find what runs, and what ran before it, however many deployments did not work since', async () => {
    for (const title of ['One', 'Two']) await deploy(production.id, fileOf({ title }))
    const { deployments } = stage.store
    const [two, one] = await deployments.list(production.id, 2)
    if (one === undefined || two === undefined) throw new Error('both are live')
    await deployments.change(one, { ...one, images: { web: `sha256:${'b'.repeat(64)}` } })
    for (let version = 3; version <= 103; version += 1) {
      const id = `dpl_${String(version).padStart(26, '0')}` as const
      const blueprint = { ...two.blueprint, version }
      const open = { ...two, id, version, blueprint, status: 'proving' as const }
      await deployments.add(open)
      await deployments.change(open, { ...open, status: 'failed' })
    }
    await send('POST', `/v1/sites/${production.id}/deployments/push`)
    expect(kept).toEqual([production.id, 'one', 'one'])
    expect(await runs(await created('qa'))).toMatchObject({ title: 'Two' })
    expect((await send('POST', `/v1/sites/${production.id}/export`)).status).toBe(200)
    const { status, json } = await send('POST', `/v1/sites/${production.id}/deployments/rollback`, {})
    expect([status, json]).toMatchObject([202, { deployment: { version: 104, back: { to: 1 } } }])
  })

  it('does not bring back a version that was left for the copy of an earlier one', async () => {
    for (const title of ['One', 'Two']) await deploy(production.id, fileOf({ title }))
    const { blueprint } = await read(production.id)
    const archive = await copied(production.id, { blueprint: { ...blueprint, version: 1 } })
    await given.commit(beginDataRestore(await read(production.id), { archive }, given.context))
    await run(production.id)
    await deploy(production.id, fileOf({ title: 'Three' }))
    const { status, json } = await send('POST', `/v1/sites/${production.id}/deployments/rollback`, {})
    expect([status, json]).toMatchObject([202, { deployment: { version: 4, back: { to: 1 } } }])
    expect(await runs(await run(production.id))).toMatchObject({ title: 'One' })
  })

  it.each([
    ['', { mode: 'exclusive' }],
    [', also to a former owner', { mode: 'exclusive', owner: { uid: 999, gid: 999 } }],
  ])('is refused where data is incompatible, unless the data goes back too%s', async (_, data) => {
    await given.commit(changePlan(await read(production.id), { plan: 'unlimited', reason: 'Root' }, given.context))
    await deploy(production.id, fileOf())
    await deploy(production.id, fileOf({ title: 'New', release: { migrates: true }, data }))
    const rollback = (body: object) => send('POST', `/v1/sites/${production.id}/deployments/rollback`, body)
    expect((await rollback({})).json['detail']).toContain('no copy of the data')
    const site = await read(production.id)
    const before = { name: site.blueprint.name, version: 1 }
    const id = given.context.randomness.id('arc')
    const archive = { id, at: stage.now(), kind: 'release' as const, bytes: 1, files: 1, blueprint: before }
    const after = { ...site, version: site.version + 1, archives: [archive] }
    await given.commit(
      siteChange({ transition: 'recordCopy', before: site, after, details: { archiveId: id } }, given.context),
    )
    const refused = await rollback({})
    expect([refused.status, refused.json['detail']]).toEqual([409, expect.stringContaining(stage.now())])
    const { status, json } = await rollback({ data: true })
    expect([status, json]).toMatchObject([202, { deployment: { back: { to: 1, archiveId: id } } }])
    expect((await read(production.id)).operation).toMatchObject({ kind: 'upgrade', copy: { restores: id } })
  })
})

describe('the values that an owner sets', () => {
  it('change at most so many times a day, and refused changes do not count', async () => {
    await deploy(production.id)
    const set = async (index: number) => {
      const values = { variables: {}, secrets: { STRIPE_KEY: `sk_test_${index}` } }
      const { status, json } = await send('POST', `/v1/sites/${production.id}/configuration`, values)
      return [status, json['detail']]
    }
    for (let change = 1; change <= changesPerDay; change += 1) {
      expect(await set(change)).toEqual([202, undefined])
      if (change === 1) expect((await set(change))[0]).toBe(409)
      await run(production.id)
    }
    expect(await set(0)).toEqual([429, expect.stringContaining(`changed ${changesPerDay} times a day. Try again in`)])
    expect((await read(production.id)).configuration).toBe(changesPerDay)
  })
  it('are not taken for the present ones while others are being applied', async () => {
    await deploy(production.id)
    const set = async (API_URL: string) => {
      const values = { variables: { API_URL }, secrets: {} }
      return (await send('POST', `/v1/sites/${production.id}/configuration`, values)).status
    }
    expect(await set('one')).toBe(202)
    await run(production.id)
    expect([await set('two'), await set('one')]).toEqual([202, 409])
    await run(production.id)
    expect(await set('one')).toBe(202)
    const { configuration = 0 } = await run(production.id)
    expect(await stage.store.configurations.read(production.id, configuration)).toMatchObject({
      variables: { API_URL: 'one' },
    })
  })
})
