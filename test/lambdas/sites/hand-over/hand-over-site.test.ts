import { describe, expect, it } from 'vitest'
import { oneTimePassword } from '../../../../core/blueprint/handing-over.ts'
import { plusMilliseconds } from '../../../../core/instant.ts'
import type { HookAnswer, HookCall } from '../../../../core/ports/hooks.ts'
import { type ActiveSite, isKept, type Site } from '../../../../core/site/site.ts'
import { changeUrl } from '../../../../lambdas/domains/follow-url.ts'
import { beginCopy } from '../../../../lambdas/endings/copy/take-copy.ts'
import { suspendSite } from '../../../../lambdas/endings/end-site.ts'
import { resumeSite } from '../../../../lambdas/endings/resume-site.ts'
import { isPlanChangeDue } from '../../../../lambdas/releases/swap/follow-plan.ts'
import { beginUrlHook } from '../../../../lambdas/sites/hand-over/hand-over-changes.ts'
import {
  failHandOver,
  handOverSite,
  longestHandOver,
  retryHandOverAsOperator,
  retryOwnHandOver,
} from '../../../../lambdas/sites/hand-over/hand-over-site.ts'
import { retryOperation } from '../../../../lambdas/sites/heal-work.ts'
import { welcome } from '../../../support/provisioning.ts'
import { attemptAt } from '../../../support/reclaim-scene.ts'
import { samplePolicy } from '../../../support/sample-policy.ts'
import { handOverScene } from './hand-over-scene.ts'

const superseded = expect.objectContaining({ name: 'OperationSuperseded' })
const notReady = expect.objectContaining({ name: 'SiteNotReady' })
const at = '2026-03-01T12:00:00.000Z'

/** A site that waits for its product to take its owner; `answers` are the product's, the last one for ever. */
const scene = async (...answers: readonly HookAnswer[]) => {
  const { reclaim, site, accounts } = await handOverScene({
    ...welcome(7),
    handOver: { hook: { path: '/owner', secret: 'HOOK_SECRET' } },
  })
  const calls: HookCall[] = []
  let passed = 0
  const ports = {
    ...reclaim.ports,
    clocks: { domain: reclaim.now, wall: () => plusMilliseconds(reclaim.now(), passed) },
    secrets: { valueOf: async (_: string, name: string) => `value-of-${name}` },
    accounts,
    hooks: {
      call: async (_: unknown, call: HookCall) => {
        calls.push(call)
        return answers[Math.min(calls.length, answers.length) - 1] ?? { status: 204, text: '' }
      },
    },
  }
  const record = async (): Promise<Site> => {
    const found = await ports.sites.get(site.id)
    if (found === undefined) throw new Error('the site is gone')
    return found
  }
  const act = { siteId: site.id, actor: { kind: 'system' as const }, causationId: 'req_1' }
  const { accountId } = site.ownership
  return {
    ...reclaim,
    ports,
    site,
    calls,
    record,
    wait: (milliseconds: number) => {
      passed += milliseconds
    },
    handOver: async () => handOverSite(ports, attemptAt(await record())),
    giveUp: async () => failHandOver(ports, attemptAt(await record())),
    retry: (owner = accountId) => retryOwnHandOver(ports, { ...act, accountId: owner }),
    retryAsOperator: () => retryHandOverAsOperator(ports, act, 'The product was corrected.'),
  }
}

describe('a site with a claim hook', () => {
  it('tells its product who the owner is, and is done', async () => {
    const { handOver, calls, record, site, store } = await scene()
    await handOver()
    expect(await record()).toMatchObject({ status: 'active', handOver: { status: 'done' } })
    expect(await record()).not.toHaveProperty('operation')
    expect(calls).toEqual([
      {
        siteUrl: `https://${site.ownership.hostname}`,
        path: '/owner',
        idempotencyKey: `handover-${site.id}`,
        token: 'value-of-HOOK_SECRET',
        body: expect.any(String),
      },
    ])
    expect(JSON.parse(calls[0]?.body ?? '')).toEqual({
      siteId: site.id,
      siteUrl: `https://${site.ownership.hostname}`,
      email: 'ada@example.com',
      name: 'Ada',
      password: `value-of-${oneTimePassword}`,
    })
    const stored = JSON.stringify([await store.outbox.pending(), await record()])
    expect(stored).not.toContain('value-of-')
    expect(stored).not.toContain('ada@example.com')
  })

  it('is told with the secrets that the data of a clone has of its source', async () => {
    const { ports, calls, record } = await scene()
    const production = 'site_01jq3v5k8m0000000000000000'
    const dataSecrets = { HOOK_SECRET: production, [oneTimePassword]: production } as const
    const clone = { ...(await record()), environmentOf: { siteId: production, name: 'qa', dataSecrets } } as ActiveSite
    const secrets = { valueOf: async (id: string, name: string) => `${name} of ${id}` }
    const sites = { ...ports.sites, get: async () => clone }
    await handOverSite({ ...ports, sites, secrets }, attemptAt(clone))
    expect(calls).toMatchObject([{ token: `HOOK_SECRET of ${production}` }])
    expect(JSON.parse(calls[0]?.body ?? '')).toMatchObject({ password: `${oneTimePassword} of ${production}` })
  })

  it('asks again with the same key and password while its product refuses', async () => {
    const { handOver, calls, record, ports, commit } = await scene(
      { status: 500, text: '' },
      { failure: 'silent' },
      { status: 404, text: '' },
      { status: 200, text: '' },
    )
    for (let attempt = 0; attempt < 3; attempt += 1) await expect(handOver()).rejects.toThrow(notReady)
    const site = await record()
    if (!isKept(site)) throw new Error('no site')
    await commit(retryOperation(site, { actor: { kind: 'system' }, causationId: 'x', ...ports }))
    await handOver()
    expect(await record()).toMatchObject({ handOver: { status: 'done' } })
    expect(calls).toHaveLength(4)
    expect(new Set(calls.map((call) => JSON.stringify(call))).size).toBe(1)
  })

  it('is not asked before it runs', async () => {
    const { ports, calls, record } = await scene()
    const site = await record()
    if (site.status !== 'active') throw new Error('no site')
    const { endpoint: _, ...silent } = site
    const sites = { ...ports.sites, get: async () => silent }
    await expect(handOverSite({ ...ports, sites }, attemptAt(site))).rejects.toThrow(notReady)
    expect(calls).toEqual([])
  })

  it('fails when its time is up, with what the product answered and no secret', async () => {
    const { handOver, record, wait, log } = await scene({
      status: 422,
      text: `no ada@example.com, Ada, value-of-${oneTimePassword} or value-of-HOOK_SECRET here ${'x'.repeat(999)}`,
    })
    await expect(handOver()).rejects.toThrow(notReady)
    wait(longestHandOver)
    await handOver()
    const { handOver: ended } = await record()
    expect(ended).toMatchObject({ status: 'failed', reason: 'The site answered 422.', answer: { status: 422 } })
    const excerpt = ended?.status === 'failed' ? ended.answer?.excerpt : undefined
    expect(excerpt).toMatch(/^no …, …, … or … here x+$/)
    expect(excerpt).toHaveLength(300)
    expect(JSON.stringify(log.lines)).not.toContain('value-of-')
  })

  it('fails without an answer', async () => {
    const { handOver, record, wait } = await scene({ failure: 'refused' })
    wait(longestHandOver)
    await handOver()
    expect(await record()).toMatchObject({ handOver: { status: 'failed', reason: 'The site did not answer.' } })
  })

  it('is recorded as failed by its workflow', async () => {
    const { giveUp, record } = await scene()
    await giveUp()
    expect(await record()).toMatchObject({ status: 'active', handOver: { status: 'failed' } })
    expect(await record()).not.toHaveProperty('operation')
  })

  it('is tried again by its owner and by operators, and by no stranger', async () => {
    const { giveUp, retry, retryAsOperator, handOver, record, wait } = await scene()
    await giveUp()
    wait(longestHandOver)
    await expect(retry('acct_01jq3v5k8m0000000000000009')).rejects.toMatchObject({ name: 'NotFound' })
    expect(await retry()).toMatchObject({ handOver: { status: 'pending' }, operation: { kind: 'handover' } })
    const { version } = await record()
    expect((await retry()).version).toBe(version)
    await giveUp()
    await retryAsOperator()
    await handOver()
    expect(await record()).toMatchObject({ handOver: { status: 'done' } })
    await expect(retry()).rejects.toMatchObject({ name: 'TransitionNotAllowed' })
  })

  it('is not tried again during another operation', async () => {
    const { giveUp, retry, commit, record, context } = await scene()
    await giveUp()
    const site = await record()
    if (site.status !== 'active') throw new Error('no site')
    await commit(beginCopy(site, context()))
    await expect(retry()).rejects.toMatchObject({ name: 'OperationInProgress' })
  })

  it('that changes its URL is told it without the password, and stays open meanwhile', async () => {
    const { handOver, calls, record, commit, context } = await scene()
    await handOver()
    const change = async (urlHostname: string | undefined) => {
      const site = await record()
      if (site.status !== 'active') throw new Error('no site')
      const changed = changeUrl(site, { urlHostname, urlChange: 'hook' }, context())
      await commit(changed)
      await commit(beginUrlHook(await active(), context()))
      await handOver()
    }
    const active = async () => {
      const site = await record()
      if (site.status !== 'active') throw new Error('no site')
      return site
    }
    await change('www.example.com')
    expect(await record()).toMatchObject({ handOver: { status: 'done' }, urlHostname: 'www.example.com' })
    expect(await record()).not.toHaveProperty('urlDue')
    expect(await record()).not.toHaveProperty('operation')
    const own = calls[0]?.siteUrl
    expect(calls[1]).toMatchObject({ siteUrl: own, token: 'value-of-HOOK_SECRET' })
    const told = { siteId: (await record()).id, email: 'ada@example.com', name: 'Ada' }
    expect(JSON.parse(calls[1]?.body ?? '')).toEqual({ ...told, siteUrl: 'https://www.example.com' })
    await change(undefined)
    expect(JSON.parse(calls[2]?.body ?? '')).toEqual({ ...told, siteUrl: own })
    expect(new Set(calls.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(3)
  })

  it('that does not take its URL stays open, and is asked again in an hour', async () => {
    const { handOver, record, commit, context, wait, ports, log } = await scene({ status: 500, text: '' })
    const site = await record()
    if (site.status !== 'active') throw new Error('no site')
    const { operation: _, ...idle } = site
    const open = { ...idle, handOver: { status: 'done', at } as const }
    const changed = changeUrl(open, { urlHostname: 'www.example.com', urlChange: 'hook' }, context())
    await commit({ ...changed, before: site })
    await commit(beginUrlHook({ ...open, ...changed.after, status: 'active' } as ActiveSite, context()))
    await expect(handOver()).rejects.toThrow(notReady)
    wait(longestHandOver)
    await handOver()
    const failed = await record()
    expect(failed).toMatchObject({ handOver: { status: 'done' }, urlDue: 'hook' })
    expect(isPlanChangeDue(failed, ports.plans, ports.clocks.wall())).toBe(false)
    wait(60 * 60_000)
    expect(isPlanChangeDue(failed, ports.plans, ports.clocks.wall())).toBe(true)
    expect(log.lines.map(({ fields }) => fields['event'])).toContain('url-not-taken')
  })

  it('gives way to a suspension, also while its product answers, and begins again when it is resumed', async () => {
    const { ports, handOver, record, commit, context, meanwhile, calls } = await scene()
    meanwhile(async () => {
      const site = await record()
      if (site.status === 'active') await commit(suspendSite(site, { because: 'operator' }, context()))
    })
    const attempt = attemptAt(await record())
    await expect(handOver()).rejects.toMatchObject({ name: 'VersionConflict' })
    await expect(handOverSite(ports, attempt)).rejects.toThrow(superseded)
    const site = await record()
    expect(site).toMatchObject({ status: 'suspended', handOver: { status: 'pending' } })
    if (site.status !== 'suspended') throw new Error('no site')
    const resumed = resumeSite(site, { trialEndsAt: site.trialEndsAt, extensionsUsed: 0 }, samplePolicy, context())
    await commit(resumed)
    expect(resumed.event.data).toMatchObject({ operation: 'handover' })
    // It has to start first.
    await expect(handOver()).rejects.toThrow(notReady)
    const started = { ...resumed.after, endpoint: { host: '127.0.0.1', port: 1 } }
    const sites = { ...ports.sites, get: async () => started }
    await handOverSite({ ...ports, sites }, attemptAt(started))
    expect(await record()).toMatchObject({ status: 'active', handOver: { status: 'done' } })
    expect(calls).toHaveLength(2)
  })

  it('stops an attempt that was superseded', async () => {
    const { ports, record, commit } = await scene()
    const site = await record()
    const late = attemptAt(site)
    if (!isKept(site)) throw new Error('no site')
    await commit(retryOperation(site, { actor: { kind: 'system' }, causationId: 'x', ...ports }))
    await expect(handOverSite(ports, late)).rejects.toThrow(superseded)
    await expect(failHandOver(ports, late)).rejects.toThrow(superseded)
  })
})
