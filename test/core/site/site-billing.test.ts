import { describe, expect, it } from 'vitest'
import { plusDays } from '../../../core/instant.ts'
import { type Subscription, subscriptionStatuses } from '../../../core/ports/payments.ts'
import { billingFacts, dueStep, entitledUntil, isEntitled, nextStep } from '../../../core/site/next-step.ts'
import {
  type BillingState,
  billingStateOf,
  isCancellable,
  isNewlyDisputed,
  mapSubscription,
  type SiteBilling,
  siteBillingSchema,
} from '../../../core/site/site-billing.ts'
import { billing, sold, subscription } from '../../lambdas/billing/subscriptions.ts'
import { domainNow } from '../../support/fixed-ports.ts'
import { samplePolicies as policies, samplePolicy as policy } from '../../support/sample-policy.ts'
import { active, archived, suspended } from './kept-sites.ts'

describe('each of Stripe’s statuses', () => {
  it.each([
    ['incomplete', undefined, false],
    ['incomplete_expired', undefined, false],
    ['trialing', 'active', true],
    ['active', 'active', true],
    ['past_due', 'past-due', true],
    ['paused', 'paused', true],
    ['unpaid', 'ended', true],
    ['canceled', 'ended', false],
  ] as const)('%s comes down to %s, and is to be cancelled where it is not wanted: %s', (status, state, isToCancel) => {
    expect([billingStateOf(status), isCancellable(status)]).toEqual([state, isToCancel])
    expect(mapSubscription(subscription({ status }), { ...sold, recorded: undefined })?.state).toBe(state)
  })

  it('is one of eight', () => {
    expect(subscriptionStatuses).toHaveLength(8)
  })
})

describe('a subscription as a site’s billing', () => {
  it('maps Stripe’s fields', () => {
    expect(mapSubscription(subscription(), { ...sold, recorded: undefined })).toEqual(billing())
    const other = { cancelsAtPeriodEnd: true, isDisputed: true }
    expect(mapSubscription(subscription(other), { ...sold, recorded: billing() })).toEqual(billing(other))
  })

  it('says that staff gave an unpaid invoice up', () => {
    const mapped = mapSubscription(subscription({ unusual: ['written-off'] }), { ...sold, recorded: billing() })
    expect(mapped).toEqual(billing({ isWrittenOff: true }))
    expect(siteBillingSchema.parse(mapped)).toEqual(mapped)
  })

  it('has a change that waits for the owner’s bank, until its time has ended', () => {
    const price = { plan: 'growth', interval: 'year', currency: 'EUR' } as const
    const pendingOf = (pendingChange: Subscription['pendingChange'], now: string = domainNow) =>
      mapSubscription(subscription({ ...(pendingChange && { pendingChange }) }), { ...sold, now, recorded: billing() })
        ?.pendingChange
    const expiresAt = plusDays(domainNow, 1)
    expect(pendingOf({ price, expiresAt })).toEqual({ plan: 'growth', interval: 'year', expiresAt })
    expect(pendingOf({ price, expiresAt }, expiresAt)).toBeUndefined()
    expect(pendingOf({ price: { ...price, plan: 'theirs' }, expiresAt })).toBeUndefined()
    expect(pendingOf(undefined)).toBeUndefined()
    const mapped = mapSubscription(subscription({ pendingChange: { price, expiresAt } }), {
      ...sold,
      recorded: billing(),
    })
    expect(siteBillingSchema.parse(mapped)).toEqual(mapped)
  })

  it('can be stored', () => {
    for (const status of subscriptionStatuses) {
      const mapped = mapSubscription(subscription({ status }), { ...sold, recorded: undefined })
      if (mapped !== undefined) expect(siteBillingSchema.parse(mapped)).toEqual(mapped)
    }
  })

  it('remembers since when it is past due, also once Stripe has given up, and forgets it when it is paid', () => {
    const first = mapSubscription(subscription({ status: 'past_due' }), { ...sold, recorded: billing() })
    expect(first?.pastDueSince).toBe(domainNow)
    const later = { ...sold, now: '2026-05-09T12:00:00.000Z' }
    expect(mapSubscription(subscription({ status: 'past_due' }), { ...later, recorded: first })?.pastDueSince).toBe(
      domainNow,
    )
    expect(mapSubscription(subscription({ status: 'unpaid' }), { ...later, recorded: first })).toMatchObject({
      pastDueSince: domainNow,
      endedSince: later.now,
    })
    expect(mapSubscription(subscription(), { ...later, recorded: first })).toEqual(billing())
  })

  it('has of another subscription nothing but that it was there', () => {
    const before = billing({ subscriptionId: 'sub_0', state: 'past-due', pastDueSince: '2026-01-01T00:00:00.000Z' })
    const mapped = mapSubscription(subscription({ status: 'past_due' }), { ...sold, recorded: before })
    expect(mapped).toMatchObject({ pastDueSince: domainNow, former: ['sub_0'] })
    expect(mapSubscription(subscription(), { ...sold, recorded: mapped })?.former).toEqual(['sub_0'])
  })

  it('keeps the amount of its own price, and follows that alone', () => {
    const recorded = billing({ amount: 5900 })
    expect(mapSubscription(subscription({ amount: 5900 }), { ...sold, recorded })).toEqual(recorded)
    expect(mapSubscription(subscription({ amount: 7900 }), { ...sold, recorded })).toEqual(billing({ amount: 7900 }))
    expect(mapSubscription(subscription(), { ...sold, recorded })).toEqual(billing())
    const foreign = { price: undefined, amount: 100 }
    expect(mapSubscription(subscription(foreign), { ...sold, recorded })).toEqual(recorded)
  })

  it('keeps the recorded price if the present one is unknown', () => {
    for (const price of [undefined, { plan: 'theirs', interval: 'year', currency: 'USD' } as const]) {
      expect(mapSubscription(subscription({ price }), { ...sold, recorded: billing() })).toEqual(billing())
      expect(mapSubscription(subscription({ price }), { ...sold, recorded: undefined })).toBeUndefined()
    }
  })
})

const paid = (state: BillingState, facts: Partial<SiteBilling> = {}) =>
  active({ plan: 'growth', billing: billing({ state, ...facts }), reminded: [1] })
const until = (site: Parameters<typeof entitledUntil>[0]) => entitledUntil(site, policy)
const paidThrough = '2026-06-10T12:00:00.000Z'

describe('a dispute of a payment', () => {
  it.each([
    ['one is open', {}, { isDisputed: true }, true],
    ['one is lost at once', {}, { lostDisputes: 1 }, true],
    ['the open one goes on', { isDisputed: true }, { isDisputed: true }, false],
    ['the open one is lost', { isDisputed: true }, { lostDisputes: 1 }, false],
    ['the open one is won', { isDisputed: true, lostDisputes: 1 }, { lostDisputes: 1 }, false],
    ['another is lost at once beside it', { isDisputed: true }, { isDisputed: true, lostDisputes: 1 }, true],
    ['it is lost, and so is another', { isDisputed: true }, { lostDisputes: 2 }, true],
    ['another is open after a lost one', { lostDisputes: 1 }, { isDisputed: true, lostDisputes: 1 }, true],
  ])('is news or not where %s', (_, before, after, isNews) => {
    expect(isNewlyDisputed(billing(after), billing(before))).toBe(isNews)
  })

  it('is news of a subscription, whatever was open on the one before', () => {
    const former = billing({ subscriptionId: 'sub_former', isDisputed: true })
    expect(isNewlyDisputed(billing(), former)).toBe(false)
    expect(isNewlyDisputed(billing({ isDisputed: true }), former)).toBe(true)
  })
})

describe('until when a site may run', () => {
  it('ends with the trial, and never by arrangement', () => {
    expect(until(active())).toBe(active().trialEndsAt)
    expect(until(active({ plan: 'enterprise' }))).toBeUndefined()
  })

  it('has no end while it is paid for, also where it is cancelled with its period', () => {
    expect(until(paid('active'))).toBeUndefined()
    expect(until(paid('active', { cancelsAtPeriodEnd: true }))).toBeUndefined()
  })

  it('is the end of the grace where it is past due', () => {
    const overdue = paid('past-due', { pastDueSince: domainNow, paidThrough: domainNow })
    expect(until(overdue)).toBe(plusDays(domainNow, 7))
    expect(entitledUntil(overdue, { ...policy, pastDueDays: 30 })).toBe(plusDays(domainNow, 30))
  })

  it('is no sooner than what was paid where a payment within that time is past due', () => {
    const half = plusDays(domainNow, 180)
    expect(until(paid('past-due', { pastDueSince: domainNow, paidThrough: half }))).toBe(half)
  })

  it.each(['ended', 'paused'] as const)('is the paid end where it is %s, otherwise when that was seen', (state) => {
    expect(until(paid(state, { paidThrough, endedSince: domainNow }))).toBe(paidThrough)
    const { paidThrough: _, ...unpaid } = billing({ state, endedSince: domainNow })
    expect(until(active({ plan: 'growth', billing: unpaid }))).toBe(domainNow)
  })

  it('keeps the announced grace period if Stripe gives up earlier', () => {
    const gaveUp = paid('ended', { paidThrough: plusDays(domainNow, -3), pastDueSince: plusDays(domainNow, -3) })
    expect(until(gaveUp)).toBe(plusDays(domainNow, 4))
  })

  it('is no sooner than what was paid on a subscription before, that has ended', () => {
    const since = { pastDueSince: plusDays(domainNow, -30), formerPaidThrough: paidThrough }
    expect(until(paid('past-due', since))).toBe(paidThrough)
    expect(until(paid('ended', { ...since, paidThrough: domainNow }))).toBe(paidThrough)
  })

  it('is no sooner than it was before anything was bought', () => {
    const trialEndsAt = plusDays(domainNow, 10)
    expect(until({ ...paid('ended', { paidThrough: domainNow }), trialEndsAt })).toBe(trialEndsAt)
  })

  it('has no end on a plan that an operator has set', () => {
    const site = paid('ended', { paidThrough })
    expect(until({ ...site, plan: 'enterprise' })).toBeUndefined()
    expect(until({ ...site, plan: 'trial' })).toBe(paidThrough)
    expect(until({ ...paid('active'), plan: 'trial' })).toBeUndefined()
  })

  it('ends to the moment', () => {
    const site = paid('ended', { paidThrough })
    expect(isEntitled(site, policy, plusDays(paidThrough, -1))).toBe(true)
    expect(isEntitled(site, policy, paidThrough)).toBe(false)
  })
})

describe('what time does to a site whose subscription has ended', () => {
  const over = billing({ state: 'ended', paidThrough, endedSince: domainNow })

  it('is what it does to a trial: remind, suspend, archive, warn, purge', () => {
    const site = { plan: 'growth', billing: over }
    expect(nextStep(active({ ...site, reminded: [] }), policy)).toMatchObject({ step: 'remind', daysBefore: 7 })
    expect(nextStep(active({ ...site, reminded: [1] }), policy)).toEqual({ step: 'suspend', dueAt: paidThrough })
    expect(nextStep(suspended({ ...site, suspendedAt: paidThrough }), policy)).toEqual({
      step: 'archive',
      dueAt: plusDays(paidThrough, policy.graceDays),
    })
    const rests = archived({ ...site, archivedAt: paidThrough })
    expect(nextStep(rests, policy)).toMatchObject({ step: 'warn', daysBefore: 14 })
    expect(nextStep({ ...rests, warned: [3] }, policy)).toEqual({
      step: 'purge',
      dueAt: plusDays(paidThrough, policy.retentionDays),
    })
  })

  it('counts from the end of the paid period, also where it was suspended before', () => {
    const early = suspended({ plan: 'growth', billing: over, suspendedAt: domainNow })
    expect(nextStep(early, policy)?.dueAt).toBe(plusDays(paidThrough, policy.graceDays))
  })

  it('is nothing while it is paid for', () => {
    for (const site of [active, suspended, archived]) {
      expect(dueStep(site({ plan: 'growth', billing: billing() }), policy, '2036-01-01T00:00:00.000Z')).toBeUndefined()
    }
  })
})

const nothing = { paymentDueBy: null, endsAt: null }
const boughtThrough = plusDays(domainNow, 20)
const bought = (facts: Partial<SiteBilling> = {}) => active({ plan: 'growth', billing: billing(facts) })

describe('what there is to know of how a site is paid for', () => {
  it('is absent for a trial, a plan by arrangement, and a subscription that continues', () => {
    for (const site of [active(), active({ plan: 'enterprise' }), bought()]) {
      expect(billingFacts(site, policies)).toEqual(nothing)
    }
  })

  it('is nothing where its owner has cancelled, and it runs to the end of its period', () => {
    expect(billingFacts(bought({ cancelsAtPeriodEnd: true }), policies)).toEqual(nothing)
  })

  it('is the end of the grace while a payment is overdue', () => {
    const site = bought({ state: 'past-due', pastDueSince: domainNow, paidThrough: domainNow })
    expect(billingFacts(site, policies)).toEqual({ ...nothing, paymentDueBy: plusDays(domainNow, 7) })
  })

  it.each(['ended', 'paused'] as const)('is the end of what was paid for where it is %s', (state) => {
    const site = bought({ state, paidThrough: boughtThrough, endedSince: domainNow })
    expect(billingFacts(site, policies)).toEqual({ ...nothing, endsAt: boughtThrough })
  })

  it('is the end of the grace also where Stripe gives up before that', () => {
    const pastDueSince = plusDays(domainNow, -3)
    const site = bought({ state: 'ended', paidThrough: pastDueSince, pastDueSince, endedSince: domainNow })
    expect(billingFacts(site, policies)).toEqual({ ...nothing, endsAt: plusDays(domainNow, 4) })
  })

  it('is nothing where an operator has given it another plan', () => {
    const site = { ...bought({ state: 'past-due', pastDueSince: domainNow }), plan: 'enterprise' }
    expect(billingFacts(site, policies)).toEqual(nothing)
  })

  it('asks for no policy where nothing ends', () => {
    const site = { ...bought(), policyVersion: 99 }
    expect(billingFacts(site, policies)).toEqual(nothing)
    expect(() => billingFacts({ ...site, billing: billing({ state: 'past-due' }) }, policies)).toThrow('version 99')
  })
})
