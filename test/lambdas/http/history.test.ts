import { afterAll, describe, expect, it } from 'vitest'
import { createRandomness } from '../../../adapters/randomness.ts'
import { siteEventTypes } from '../../../core/events/event.ts'
import { plusDays } from '../../../core/instant.ts'
import { endOperation, type SiteUnder } from '../../../core/site/change-site.ts'
import { siteChange } from '../../../core/site/lifecycle.ts'
import { toldTypes } from '../../../core/site/owner-history.ts'
import type { ActiveSite, KeptSite, Site } from '../../../core/site/site.ts'
import { type SiteBilling, siteBillingSchema } from '../../../core/site/site-billing.ts'
import { changePlan } from '../../../lambdas/endings/act-on-site.ts'
import { beginCopy, recordCopy } from '../../../lambdas/endings/copy/take-copy.ts'
import { suspendSite } from '../../../lambdas/endings/end-site.ts'
import { historySchema } from '../../../lambdas/http/past-answers.ts'
import { beginDataRestore } from '../../../lambdas/releases/swap/begin-swap.ts'
import { moveOver } from '../../../lambdas/releases/swap/swap-changes.ts'
import { changeAddress } from '../../../lambdas/sites/run/run-changes.ts'
import { remindOwner } from '../../../lambdas/trials/act-on-deadlines.ts'
import { ownerHistory } from '../../../web/texts/catalogues/owner-history.ts'
import { unlimited } from '../../support/signing-up.ts'
import { openApiStage } from '../api-stage.ts'
import { givenSites } from '../given-site.ts'
import { type SignedIn, signIn } from '../sign-in.ts'

const stage = await openApiStage(() => ({ abuse: unlimited }))
const given = givenSites(stage)
const ada = await signIn(stage, 'ada@example.com')
const site = await given.active(ada.accountId, 'engines')
afterAll(() => stage[Symbol.asyncDispose]())

const ask = (who: SignedIn, { id }: { readonly id: string } = site, query: Record<string, string> = {}) =>
  stage.send({ path: `/v1/sites/${id}/history`, query, headers: who.headers })
const historyOf = async (of: Pick<Site, 'id'>, query: Record<string, string> = {}) =>
  historySchema.parse((await ask(ada, of, query)).json)

describe('the history of an owner', () => {
  it('has what happened to the site, newest first, in pages', async () => {
    const headers = ada.headers
    await stage.send({ method: 'POST', path: `/v1/sites/${site.id}/extend`, headers })
    const { entries } = await historyOf(site)
    expect(entries).toMatchObject([
      { type: 'TrialExtended', by: 'owner', until: expect.any(String) },
      { type: 'SiteOpened', by: 'system' },
      { type: 'SiteRequested', by: 'system' },
    ])
    const first = await historyOf(site, { limit: '2' })
    const rest = await historyOf(site, { limit: '2', cursor: first.cursor ?? '' })
    expect([...first.entries, ...rest.entries]).toEqual(entries)
    expect(rest.cursor).toBeUndefined()
  })

  it('names no operator, and has no acts of operators that change nothing for the owner', async () => {
    const watched = await given.active(ada.accountId, 'watched')
    const operator = { headers: await stage.operator('sue@example.com', 'admin') }
    const path = `/v1/operator/sites/${watched.id}`
    const reason = 'a question of the owner'
    await stage.send({ method: 'POST', path: `${path}/hold`, ...operator, body: { reason: 'kept secret' } })
    await stage.send({ method: 'POST', path: `${path}/entrance`, ...operator, body: { reason } })
    await stage.send({ method: 'POST', path: `${path}/suspend`, ...operator, body: { reason: 'kept secret' } })
    const { text } = await ask(ada, watched)
    expect(text).not.toMatch(/op_|secret|prsn_|acct_/)
    expect((await historyOf(watched)).entries.slice(0, 2)).toMatchObject([
      { type: 'SiteSuspended', by: 'staff', about: 'operator', reason: null },
      { type: 'SiteSupportEntered', by: 'staff', reason, until: expect.any(String) },
    ])
  })

  it('calls a copy the act of its owner, and does not tell that the site runs at another place', async () => {
    const copied = await given.active(ada.accountId, 'copied')
    const elsewhere = changeAddress(copied, { host: '127.0.0.1', port: 4002 }, given.context)
    if (elsewhere === undefined) throw new Error('the site did not move')
    const moved = (await given.commit(elsewhere)) as ActiveSite
    const begun = (await given.commit(beginCopy(moved, given.context))) as ActiveSite & SiteUnder<'copy'>
    const { archiveId: id } = begun.operation
    const archive = { id, at: stage.now(), kind: 'owner', bytes: 1, files: 1, blueprint: begun.blueprint } as const
    await given.commit(recordCopy(begun, archive, given.context))
    expect((await historyOf(copied)).entries).toMatchObject([
      { type: 'SiteCopied', by: 'owner' },
      { type: 'SiteOpened', by: 'system' },
      { type: 'SiteRequested', by: 'system' },
    ])
  })

  it('does not say that a relocation was paid for', async () => {
    const before = await given.active(ada.accountId, 'relocated')
    const after = { ...before, version: before.version + 1, plan: 'growth' }
    const change = { transition: 'changePlan', before, after, details: { relocation: 'switched' } } as const
    await given.commit(siteChange(change, given.context))
    expect((await historyOf(before)).entries[0]).toMatchObject({ type: 'SitePlanChanged', by: 'system' })
  })

  it('says that an owner restored a copy, although a workflow does it', async () => {
    const site = await given.active(ada.accountId, 'restored')
    const archive = { id: `arc_${'0'.repeat(26)}`, at: stage.now(), kind: 'owner', bytes: 1, files: 1 } as const
    const known = { ...archive, blueprint: site.blueprint }
    const owner = { kind: 'owner', personId: `prsn_${'0'.repeat(26)}` } as const
    const begun = await given.commit(beginDataRestore(site, { archive: known }, { ...given.context, actor: owner }))
    const launch = { blueprint: {}, size: { cpu: 0.5, memoryMiB: 256, processes: 64 } }
    const there = { endpoint: { host: '127.0.0.1', port: 4001 }, launch }
    await given.commit(moveOver(begun as ActiveSite & SiteUnder<'upgrade'>, there, given.context))
    const [newest] = (await historyOf(site)).entries
    expect(newest).toMatchObject({ type: 'SiteUpgraded', about: 'restored', by: 'owner' })
  })

  it('says whether a plan was changed by support or by a payment', async () => {
    const bought = await given.active(ada.accountId, 'bought')
    const change = { plan: 'starter', reason: 'a payment' }
    await given.commit(changePlan(bought, change, given.context))
    expect((await historyOf(bought)).entries[0]).toMatchObject({ type: 'SitePlanChanged', by: 'payment' })
    const agreed = await given.active(ada.accountId, 'agreed')
    const actor = { kind: 'operator', operatorId: 'op_1', role: 'admin' } as const
    await given.commit(changePlan(agreed, change, { ...given.context, actor }))
    expect((await historyOf(agreed)).entries[0]).toMatchObject({ type: 'SitePlanChanged', by: 'staff' })
  })

  it('says of what an owner was reminded', async () => {
    const trial = await given.active(ada.accountId, 'trial')
    await given.commit(remindOwner(trial, 3, given.context))
    expect((await historyOf(trial)).entries[0]).toMatchObject({ type: 'SiteReminded', about: 'trial' })
    const overdue = await given.active(ada.accountId, 'overdue')
    await given.commit(remindOwner({ ...overdue, plan: 'starter' }, 3, given.context))
    expect((await historyOf(overdue)).entries[0]).toMatchObject({ type: 'SiteReminded', about: 'subscription' })
  })

  it('says what a change of a subscription means, and of a dispute only that it changed', async () => {
    const subscribed = await given.active(ada.accountId, 'subscribed')
    const price = { subscriptionId: 'sub_1', plan: 'starter', interval: 'month', currency: 'EUR' } as const
    const first = siteBillingSchema.parse({ ...price, state: 'active', cancelsAtPeriodEnd: false })
    const pendingChange = { plan: 'growth', interval: 'month', expiresAt: stage.now() } as const
    const told: readonly (readonly [Partial<SiteBilling>, string | null])[] = [
      [{}, 'started'],
      [{ paidThrough: plusDays(stage.now(), 30) }, null],
      [{ paidThrough: plusDays(stage.now(), 60) }, 'renewed'],
      [{ pendingChange }, null],
      [{ isDisputed: true }, null],
      [{ cancelsAtPeriodEnd: true }, 'cancelled'],
      [{}, 'reactivated'],
      [{ state: 'past-due' }, 'overdue'],
      [{}, 'recovered'],
      [{ state: 'paused' }, 'paused'],
      [{ state: 'ended' }, 'ended'],
    ]
    let before: KeptSite = subscribed
    for (const [facts, about] of told) {
      const after: KeptSite = { ...before, version: before.version + 1, billing: { ...first, ...facts } }
      await given.commit(siteChange({ transition: 'noteBilling', before, after }, given.context))
      before = after
      const [newest] = (await historyOf(subscribed)).entries
      expect([facts, newest?.type, newest?.about]).toEqual([facts, 'SiteBillingChanged', about])
      expect(ownerHistory).toHaveProperty([`history.SiteBillingChanged${about === null ? '' : `.${about}`}`])
    }
  })

  it('says that an operation failed, and not how', async () => {
    const failing = await given.active(ada.accountId, 'failing')
    const context = {
      actor: { kind: 'system' },
      causationId: 'test',
      clocks: { domain: stage.now, wall: stage.now },
      randomness: createRandomness(),
    } as const
    const stopping = suspendSite(failing, { because: 'trial-ended' }, context)
    await stage.store.sites.commit(stopping)
    await stage.store.sites.commit(endOperation(stopping.after, 'failed', context, { because: 'a cause of ours' }))
    const { text } = await ask(ada, failing)
    expect((await historyOf(failing)).entries[0]).toMatchObject({ type: 'SiteOperationEnded', about: 'suspend' })
    expect(text).not.toContain('a cause of ours')
  })

  it("is not found for others' sites, and refuses a wrong cursor", async () => {
    const bob = await signIn(stage, 'bob@example.com')
    expect((await ask(bob)).status).toBe(404)
    expect((await ask(ada, { id: 'site_none' })).status).toBe(404)
    expect((await ask(ada, site, { cursor: 'x' })).status).toBe(400)
  })

  it('decides about each type of event', () => {
    const kept = siteEventTypes.filter((type) => !toldTypes.some((told) => told === type))
    expect(kept).toEqual([
      'SiteBuildAdvanced',
      'SiteBuildRetried',
      'SiteStocked',
      'SiteRetired',
      'SiteMoved',
      'SiteVersionAssigned',
      'SiteRehearsalEnded',
      'SiteNoticesSkipped',
      'SitePolicyChanged',
      'SiteHeld',
      'SiteHoldEnded',
      'SiteOperationBegun',
      'SiteOperationRetried',
      'SitePurgeRequested',
      'SiteCopySkipped',
      'RelocationDrafted',
      'RelocationAnnounced',
      'RelocationWithdrawn',
    ])
  })
})
