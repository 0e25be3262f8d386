import { afterAll, describe, expect, it } from 'vitest'
import { SitewrightError } from '../../../core/errors.ts'
import type { OperatorRole } from '../../../core/events/actor.ts'
import type { MailStatus } from '../../../core/ports/delivery.ts'
import { allowanceSlot } from '../../../core/site/ownership.ts'
import type { ActiveSite, FailedSite, Site } from '../../../core/site/site.ts'
import { listed } from '../../../lambdas/billing/reconciliation/billing-report.ts'
import {
  consequencesSchema,
  operatorBillingSchema,
  overviewSchema,
  settingsViewSchema,
  timelineSchema,
} from '../../../lambdas/operators/insight-answers.ts'
import { retryOf } from '../../../lambdas/operators/retry-failed.ts'
import { failBuild } from '../../../lambdas/sites/build/build-failure.ts'
import type { FailureEvidence } from '../../../lambdas/sites/evidence/evidence.ts'
import { openBillingScene } from '../billing-scene.ts'

let isStripeAway = false
const sent = new Map<string, Pick<MailStatus, 'status' | 'reason'>>()
const scene = await openBillingScene((ports) => ({
  sentMails: {
    find: async (id) => {
      const mail = sent.get(id)
      return mail && { ...mail, at: ports.clocks.wall() }
    },
  },
  payments: {
    ...ports.payments,
    subscriptionsOf: async (customerId) => {
      if (isStripeAway) throw new SitewrightError('Unavailable', 'Stripe does not answer.')
      return ports.payments.subscriptionsOf(customerId)
    },
  },
}))
afterAll(async () => scene?.stage[Symbol.asyncDispose]())

const ask = async (path: string, query: Readonly<Record<string, string>> = {}, role: OperatorRole = 'support') => {
  const headers = await scene.stage.operator(`${role}@example.com`, role)
  return scene.stage.send({ path: `/v1/operator${path}`, query, headers })
}
const act = async (path: string, body: object) => {
  const headers = await scene.stage.operator('support@example.com', 'support')
  return scene.stage.send({ method: 'POST', path: `/v1/operator${path}`, headers, body })
}

const failureOf = (site: Site, during: FailureEvidence['during'], id: string): FailureEvidence => ({
  schemaVersion: 1,
  id,
  siteId: site.id,
  at: scene.stage.now(),
  during,
  error: 'LaunchFailed',
  cause: 'crash',
  detail: "'web' ended 3 times.",
  blueprint: site.blueprint,
})

describe('the overview', () => {
  const check = async (role?: OperatorRole) => {
    const { status, json } = await ask('/overview', {}, role)
    expect(status).toBe(200)
    return overviewSchema.parse(json)
  }

  it('says what it does not know yet', async () => {
    expect(await check()).toMatchObject({
      sites: { byStatus: {}, byPlan: {}, awake: 0, asleep: 0 },
      countedSince: null,
      revenue: null,
      failures: [],
      due: { steps: { remind: 0, suspend: 0 }, isComplete: true },
    })
    expect((await check()).days[0]).toMatchObject({ signups: null, conversions: null })
  })

  it('has sites, days, pools, deadlines, revenue and failures', async () => {
    const { stage, given, newOwner } = scene
    const { totals, reconciliations, evidence } = stage.store
    await given.ready()
    const { owner, site } = await newOwner()
    const at = stage.now()
    await totals.count({ id: site.id, version: 1, status: 'active', plan: 'trial', at })
    await totals.count({ id: site.id, version: 2, status: 'active', plan: 'starter', at })
    const failed = await given.failed(owner.accountId, 'broken')
    await totals.count({ id: failed.id, version: 1, status: 'failed', plan: 'trial', at })
    await evidence.keep(failureOf(failed, 'build', `provision-site-${failed.id}-1-1`))
    const run = await reconciliations.begin(at)
    const none = listed<never>([])
    await reconciliations.finish({
      ...{ schemaVersion: 1, run, beganAt: at, endedAt: at, answers: 0, subscriptions: 1 },
      ...{ repaired: none, withoutSite: none, withoutSubscription: none, byArrangement: none },
      ...{ disputed: none, unreturned: none, refused: none, unusual: none, left: none },
      revenue: [{ currency: 'EUR', amount: 1900, subscriptions: 1 }],
    })
    const found = await check()
    expect(found.sites).toEqual({
      byStatus: { active: 1, failed: 1 },
      byPlan: { starter: 1, trial: 1 },
      awake: 1,
      asleep: 0,
    })
    expect(found.days).toHaveLength(30)
    expect(found.days.at(-1)).toEqual({ day: at.slice(0, 10), signups: 2, conversions: 1 })
    expect(found.days.at(-2)).toMatchObject({ signups: null })
    expect(found.countedSince).toBe(at.slice(0, 10))
    expect(found.revenue).toEqual({ at, monthly: [{ currency: 'EUR', amount: 1900, subscriptions: 1 }] })
    expect(found.pools[0]).toMatchObject({ blueprint: 'welcome', ready: 1, builds: { builds: 2, median: 0 } })
    expect(found.failures).toEqual([
      expect.objectContaining({
        siteId: failed.id,
        hostname: 'broken.localhost',
        cause: 'crash',
        detail: "'web' ended 3 times.",
        evidence: `/v1/operator/sites/${failed.id}/failures`,
        retry: { method: 'POST', path: `/v1/operator/sites/${failed.id}/retry` },
      }),
    ])
    expect((await check('sales')).failures[0]?.detail).toBeNull()
  })

  it('counts the deadlines of the next day by their step', async () => {
    const { stage, newOwner } = scene
    const { site } = await newOwner()
    const before = (await check()).due.steps
    stage.turnClock(Date.parse(site.trialEndsAt) - Date.parse(stage.now()) - 7 * 86_400_000 - 3_600_000)
    expect((await check()).due.steps.remind).toBeGreaterThan(before.remind)
  })
})

describe('the timeline of a site', () => {
  it('joins events with their mails and failures, newest first, in pages', async () => {
    const { stage, given, newOwner } = scene
    const { owner } = await newOwner()
    const site = await given.failed(owner.accountId, 'timeline')
    await stage.store.evidence.keep(failureOf(site, 'build', `provision-site-${site.id}-1-1`))
    const events = await stage.store.siteLists.pageOfEvents(site.id, { limit: 10 })
    const [latest] = events.items
    const id = latest!.id.replace(/^evt_/, 'msg_')
    sent.set(id, { status: 'sent' })
    const page = timelineSchema.parse((await ask(`/sites/${site.id}/timeline`)).json)
    expect(page.entries.map(({ kind }) => kind)).toEqual(['mail', 'event', 'failure', 'operation'])
    expect(page.entries.map(({ title }) => title)).toEqual([
      'Mail to the owner (sent) about: Build failed at the step start',
      'Build failed at the step start',
      "The build failed: 'web' ended 3 times.",
      'Build requested',
    ])
    const first = timelineSchema.parse((await ask(`/sites/${site.id}/timeline`, { limit: '1' })).json)
    expect(first.entries).toHaveLength(3)
    const rest = await ask(`/sites/${site.id}/timeline`, { limit: '1', cursor: first.cursor! })
    expect(timelineSchema.parse(rest.json)).toEqual({ entries: [page.entries[3]] })
    sent.set(id, { status: 'undeliverable', reason: 'bounce: Permanent, General' })
    const undelivered = timelineSchema.parse((await ask(`/sites/${site.id}/timeline`, { limit: '1' })).json)
    expect(undelivered.entries[0]).toMatchObject({
      title: 'Mail to the owner (undeliverable) about: Build failed at the step start',
      details: { status: 'undeliverable', reason: 'bounce: Permanent, General' },
    })
    const sales = timelineSchema.parse((await ask(`/sites/${site.id}/timeline`, {}, 'sales')).json)
    expect(sales.entries.map(({ kind }) => kind)).not.toContain('failure')
  })
})

describe('the billing of a site', () => {
  const check = async (site: Pick<Site, 'id'>, stripe = 'true') => {
    const { status, json } = await ask(`/sites/${site.id}/billing`, { stripe })
    expect(status).toBe(200)
    return operatorBillingSchema.parse(json)
  }

  it('shows our record and Stripe’s, with the differences', async () => {
    const { newOwner, buy, stage } = scene
    const { owner, site } = await newOwner()
    expect(await check(site)).toMatchObject({
      record: null,
      stripe: { failure: null, subscriptions: [], differences: [] },
    })
    const { id } = await buy(owner, site)
    expect(await check(site, 'false')).toMatchObject({ plan: 'starter', record: { state: 'active' }, stripe: null })
    expect((await check(site)).stripe).toMatchObject({
      failure: null,
      subscriptions: [{ subscriptionId: id, state: 'active', plan: 'starter' }],
      differences: [],
    })
    await stage.stripe.payments.setCancelAtPeriodEnd(id, true)
    expect((await check(site)).stripe?.differences).toEqual([
      { field: 'cancelsAtPeriodEnd', ours: 'false', stripe: 'true' },
    ])
  })

  it('shows the record although Stripe does not answer', async () => {
    const { owner, site } = await scene.newOwner()
    await scene.buy(owner, site)
    isStripeAway = true
    const found = await check(site)
    isStripeAway = false
    expect(found).toMatchObject({ record: { plan: 'starter' }, stripe: { failure: 'Stripe does not answer.' } })
  })
})

describe('the consequences of an act', () => {
  const check = async (site: Pick<Site, 'id'>, query: Readonly<Record<string, string>>) => {
    const { status, json } = await ask(`/sites/${site.id}/consequences`, query)
    expect(status).toBe(200)
    return consequencesSchema.parse(json)
  }

  it('are what the act then does, and nothing has changed before', async () => {
    const { stage, newOwner } = scene
    const { site, email } = await newOwner()
    const would = await check(site, { action: 'suspend' })
    expect(would).toMatchObject({
      refusal: null,
      changes: { status: { before: 'active', after: 'suspended' }, operation: 'suspend' },
      mails: [{ to: email, subject: expect.stringContaining(site.ownership.slug) }],
    })
    expect(await stage.store.sites.get(site.id)).toEqual(site)
    expect(stage.executions.filter((name) => name.includes(site.id))).toEqual([])
    const { json } = await act(`/sites/${site.id}/suspend`, { reason: 'a test' })
    expect(json['status']).toBe(would.changes?.status.after)
    expect(json['nextStep']).toEqual(would.changes?.nextStep.after)
  })

  it.each([
    ['extend', { by: 'P7D' }, 'trialEndsAt'],
    ['plan', { plan: 'starter' }, 'plan'],
  ] as const)('of %s show the change', async (action, query, field) => {
    const { site } = await scene.newOwner()
    const { changes } = await check(site, { action, ...query })
    expect(changes?.[field].after).not.toEqual(changes?.[field].before)
  })

  it('say why an act would be refused', async () => {
    const { site } = await scene.newOwner()
    for (const query of [{ action: 'restore' }, { action: 'purge' }, { action: 'plan', plan: 'none' }]) {
      const { refusal, changes } = await check(site, query)
      expect(refusal).toEqual(expect.any(String))
      expect(changes).toBeNull()
    }
    expect((await check(site, { action: 'unhold' })).changes).toBeNull()
  })
})

describe('retrying a failure', () => {
  it('builds another site for the owner of a failed one, with the same name', async () => {
    const alone = await scene.given.failed((await lonely()).accountId, 'alone')
    const { status, json } = await act(`/sites/${alone.id}/retry`, { reason: 'a test' })
    expect(status).toBe(202)
    expect(json).toMatchObject({ hostname: 'alone.localhost', accountId: alone.ownership?.accountId })
    expect(json['id']).not.toBe(alone.id)
  })

  const lonely = async () => {
    const { signIn } = await import('../sign-in.ts')
    return signIn(scene.stage, 'lonely@example.com')
  }

  it.each<[string, string, (site: FailedSite) => Partial<FailedSite>]>([
    [
      'a site from a bundle',
      'import it again',
      ({ createdAt: at, blueprint }) => {
        const archive = {
          id: 'arc_01jq3v5k8m0000000000000001' as const,
          at,
          kind: 'owner' as const,
          bytes: 5,
          files: 2,
          blueprint,
        }
        return { imported: { archive, trialEndsAt: at } }
      },
    ],
    ['an environment', 'create the environment again', ({ id }) => ({ environmentOf: { siteId: id, name: 'qa' } })],
    [
      'a site under an allowance',
      'create the site again',
      ({ ownership }) => ({ ownership: { ...ownership!, trialOf: allowanceSlot(1) } }),
    ],
  ])('does not build %s as a trial', async (kind, advice, more) => {
    const { stage, given } = scene
    const { signIn } = await import('../sign-in.ts')
    const slug = kind.replaceAll(' ', '-')
    const { accountId } = await signIn(stage, `${slug}@example.com`)
    const failed = await given.failed(accountId, slug)
    const failure = { step: 'start', reason: 'It could not be started.' } as const
    const change = failBuild(await given.building(accountId, `${slug}-2`), failure, given.context)
    const site = await given.commit({ ...change, after: { ...change.after, ...more(change.after) } })
    expect(retryOf({ during: 'build' }, failed)).toBe('retry')
    expect(retryOf({ during: 'build' }, site)).toBeNull()
    const { status, json } = await act(`/sites/${site.id}/retry`, { reason: 'a test' })
    expect([status, json['type']]).toEqual([409, 'urn:sitewright:problem:transition-not-allowed'])
    expect(json['detail']).toContain(advice)
    expect(await stage.store.sites.isHostnameHeld(`${slug}-2.localhost`)).toBe(false)
  })

  it('wakes a site and ends the pause of a change of size, with the operator in the history', async () => {
    const { stage, given, newOwner } = scene
    const { site } = await newOwner()
    const { endpoint: _, ...rest } = site
    const asleep = { ...rest, status: 'asleep' as const, version: site.version + 1, asleepSince: stage.now() }
    const { siteChange } = await import('../../../core/site/lifecycle.ts')
    await given.commit(siteChange({ transition: 'sleep', before: site, after: asleep }, given.context))
    expect((await act(`/sites/${site.id}/retry`, { reason: 'it was down' })).json['operation']).toBe('wake')
    const [latest] = (await stage.store.siteLists.pageOfEvents(site.id, { limit: 1 })).items
    expect(latest).toMatchObject({
      type: 'SiteOperationBegun',
      actor: { kind: 'operator' },
      data: { operation: 'wake', reason: 'it was down' },
    })
    expect((await act(`/sites/${site.id}/retry`, { reason: 'again' })).status).toBe(409)

    const { site: paused } = await newOwner()
    const after: ActiveSite = { ...paused, version: paused.version + 1, planNotBefore: '2099-01-01T00:00:00.000Z' }
    const details = { operation: 'upgrade' }
    await given.commit(siteChange({ transition: 'retryOperation', before: paused, after, details }, given.context))
    expect((await act(`/sites/${paused.id}/retry`, { reason: 'a test' })).status).toBe(202)
    expect(await stage.store.sites.get(paused.id)).not.toHaveProperty('planNotBefore')
    expect((await act(`/sites/${paused.id}/retry`, { reason: 'a test' })).json['detail']).toContain('nothing to retry')
  })
})

describe('the further pages', () => {
  it('have the cells with their room', async () => {
    await scene.stage.store.cellCounts.write([{ cell: 'local', sites: 3, ready: { welcome: 1 } }])
    expect((await ask('/cells')).json).toEqual({
      cells: [
        {
          name: 'local',
          sites: 3,
          capacity: 1_000_000,
          room: 999_997,
          ready: 1,
          placement: 'any',
          state: 'open',
          isMounted: true,
        },
      ],
      quotas: [],
    })
  })

  it('have the settings without secrets', async () => {
    const { json, text } = await ask('/settings')
    expect(settingsViewSchema.parse(json).plans.map(({ id }) => id)).toContain('trial')
    expect(text).not.toMatch(/pepper|secret|sk_test/i)
  })
})
