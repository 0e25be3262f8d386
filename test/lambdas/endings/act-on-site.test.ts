import { describe, expect, it } from 'vitest'
import { plusDays } from '../../../core/instant.ts'
import { dueStep, nextStep } from '../../../core/site/next-step.ts'
import { type Site, siteSchema } from '../../../core/site/site.ts'
import { changePlan, endHold, holdSite } from '../../../lambdas/endings/act-on-site.ts'
import { revokeDeletion } from '../../../lambdas/endings/delete-site.ts'
import { skipNotices } from '../../../lambdas/trials/act-on-deadlines.ts'
import { changePolicy } from '../../../lambdas/trials/move-policy.ts'
import { active, archived, operations, suspended, under } from '../../core/site/kept-sites.ts'
import { domainNow, fixedContext, wallNow } from '../../support/fixed-ports.ts'
import { samplePolicy } from '../../support/sample-policy.ts'

const all = [active, suspended, archived] as const
const reason = 'A lawyer asked.'

describe('a hold', () => {
  it('is noted with its reason, and gives up what the clock had begun', () => {
    for (const make of all) {
      const { after, event } = holdSite(make(), reason, fixedContext())
      expect(after).toEqual({ ...make(), version: make().version + 1, heldSince: domainNow })
      expect(event).toMatchObject({ type: 'SiteHeld', data: { reason, status: make().status } })
    }
    for (const site of [under(suspended(), 'archive'), under(archived(), 'purge'), under(active(), 'suspend')]) {
      expect(holdSite(site, reason, fixedContext()).after).not.toHaveProperty('operation')
    }
  })

  it('lets decided operations continue, and counts from when they began', () => {
    expect(holdSite(under(archived(), 'archive'), reason, fixedContext()).after).toMatchObject({
      operation: operations.archive,
    })
    expect(holdSite(archived({ heldSince: wallNow }), reason, fixedContext()).after).toMatchObject({
      heldSince: wallNow,
    })
  })

  it('ends, and the site is where time had left it', () => {
    for (const make of all) {
      const { after, event } = endHold(make({ heldSince: wallNow }), reason, fixedContext())
      expect(after).toEqual({ ...make(), version: make().version + 1 })
      expect(event).toMatchObject({ type: 'SiteHoldEnded', data: { reason } })
      expect(nextStep(after, samplePolicy)).toEqual(nextStep(make(), samplePolicy))
    }
  })
})

describe('another plan', () => {
  it('is noted with the one before, and ends what was due for want of it', () => {
    for (const make of all) {
      const site = make({ reprievedUntil: wallNow })
      const { after, event } = changePlan(site, { plan: 'growth', reason: 'Signed.' }, fixedContext())
      expect(after).toEqual({ ...make(), version: site.version + 1, plan: 'growth' })
      expect(event).toMatchObject({ type: 'SitePlanChanged', data: { plan: 'growth', previousPlan: 'trial' } })
      expect(nextStep(after, samplePolicy)).toBeUndefined()
    }
  })

  it('wins over what the clock has begun and not decided', () => {
    const bought = { plan: 'starter', reason: 'Paid.' }
    expect(changePlan(under(active(), 'suspend'), bought, fixedContext()).after).not.toHaveProperty('operation')
    expect(changePlan(under(archived(), 'purge'), bought, fixedContext()).after).not.toHaveProperty('operation')
    expect(changePlan(under(archived(), 'restore'), bought, fixedContext()).after).toMatchObject({
      operation: operations.restore,
    })
  })
})

describe('another version of the policy', () => {
  const to = { ...samplePolicy, version: 2, trialDays: 30, reminderDaysBefore: [10, 2], warningDaysBefore: [30] }
  const move = { from: samplePolicy, to }

  it('gives a running trial the days that the versions differ by', () => {
    const site = active({ trialEndsAt: plusDays(domainNow, 1), reminded: [7, 3, 1] })
    const { after, event } = changePolicy(site, move, fixedContext())
    expect(after).toMatchObject({ policyVersion: 2, trialEndsAt: plusDays(domainNow, 17), reminded: [] })
    expect(event).toMatchObject({ type: 'SitePolicyChanged', data: { previousPolicyVersion: 1, policyVersion: 2 } })
    expect(siteSchema.parse(after)).toEqual(after)
  })

  it('takes them from it where it has fewer, though that ends it', () => {
    const site = active({ trialEndsAt: plusDays(domainNow, 10) })
    const { after } = changePolicy(site, { from: to, to: samplePolicy }, fixedContext())
    expect(after).toMatchObject({ trialEndsAt: plusDays(domainNow, -6), reminded: [7, 3, 1] })
  })

  it('does not bring a trial back that is over', () => {
    for (const site of [active({ trialEndsAt: domainNow }), suspended(), archived()]) {
      expect(changePolicy(site, move, fixedContext()).after).toMatchObject({
        policyVersion: 2,
        trialEndsAt: site.trialEndsAt,
      })
    }
  })

  it('lets those warnings go out whose time is still to come', () => {
    const site = archived({
      archivedAt: plusDays(domainNow, -80),
      trialEndsAt: plusDays(domainNow, -101),
      warned: [14],
    })
    const { after } = changePolicy(site, { from: samplePolicy, to: { ...to, retentionDays: 120 } }, fixedContext())
    expect(after).toMatchObject({ warned: [] })
    expect(nextStep(after, { ...to, retentionDays: 120 })).toMatchObject({ step: 'warn', daysBefore: 30 })
  })

  it('warns again before a shortened retention ends', () => {
    const site = archived({
      archivedAt: plusDays(domainNow, -80),
      trialEndsAt: plusDays(domainNow, -101),
      warned: [14],
    })
    const short = { ...to, retentionDays: 40, warningDaysBefore: [14, 3] }
    const { after } = changePolicy(site, { from: samplePolicy, to: short }, fixedContext())
    const put = after.status === 'archived' ? skipNotices(after, short, fixedContext()).after : after
    expect(nextStep(put, short)).toMatchObject({ step: 'warn', daysBefore: 14 })
  })
})

describe('letting go of a site whose deadline is long past', () => {
  const overdue = { archivedAt: plusDays(domainNow, -300), trialEndsAt: plusDays(domainNow, -330), warned: [14, 3] }
  const never = (site: Site): void => expect(dueStep(site, samplePolicy, domainNow)?.step).not.toBe('purge')

  it.each([
    ['a hold that ends', () => endHold(archived({ ...overdue, heldSince: domainNow }), 'Settled.', fixedContext())],
    [
      'a plan that ends',
      () => changePlan(archived({ ...overdue, plan: 'starter' }), { plan: 'trial', reason: 'Over.' }, fixedContext()),
    ],
    [
      'a deletion that is revoked',
      () => revokeDeletion(archived({ ...overdue, deletion: { requestedAt: domainNow, by: 'owner' } }), fixedContext()),
    ],
  ])('warns its owner once more before anything is purged: %s', (_, letGo) => {
    const { after } = letGo()
    const put = after.status === 'archived' ? skipNotices(after, samplePolicy, fixedContext()).after : after
    never(put)
    expect(nextStep(put, samplePolicy)).toMatchObject({ step: 'warn', daysBefore: 14 })
  })

  it('leaves a week of trial to a site that goes back from a plan', () => {
    const site = active({ plan: 'starter', trialEndsAt: plusDays(domainNow, -200), reminded: [7, 3, 1] })
    const { after } = changePlan(site, { plan: 'trial', reason: 'Over.' }, fixedContext())
    expect(after).toMatchObject({ trialEndsAt: plusDays(domainNow, 7), reminded: [] })
  })
})

describe('a plan', () => {
  it.each([
    ['suspended', suspended({ deletion: { requestedAt: domainNow, by: 'owner' } })],
    ['archived', archived({ deletion: { requestedAt: domainNow, by: 'operators' } })],
  ])('that is paid for ends a deletion that was requested before: %s', (_, site) => {
    const { after } = changePlan(site, { plan: 'starter', reason: 'Paid.' }, fixedContext())
    expect(after).not.toHaveProperty('deletion')
    expect(nextStep(after, samplePolicy)).toBeUndefined()
  })
})
