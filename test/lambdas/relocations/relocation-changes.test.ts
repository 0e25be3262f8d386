import { describe, expect, it } from 'vitest'
import { createRandomness } from '../../../adapters/randomness.ts'
import { type Instant, plusDays, plusMilliseconds } from '../../../core/instant.ts'
import type { Subscription } from '../../../core/ports/payments.ts'
import { dueEntry, dueStep, entitledUntil, nextStep } from '../../../core/site/next-step.ts'
import { latestBegin, type Relocation } from '../../../core/site/relocation.ts'
import { type ActiveSite, isLive, type LiveSite } from '../../../core/site/site.ts'
import type { SiteBilling } from '../../../core/site/site-billing.ts'
import { changeBilling } from '../../../lambdas/billing/change-billing.ts'
import { nextBillingStep } from '../../../lambdas/billing/next-billing-step.ts'
import { suspendSite } from '../../../lambdas/endings/end-site.ts'
import { beginSwap } from '../../../lambdas/releases/swap/begin-swap.ts'
import { beginSwitchBack } from '../../../lambdas/relocations/begin-relocation.ts'
import { noteForecast } from '../../../lambdas/relocations/note-rehearsal.ts'
import {
  acceptRelocation,
  announceRelocation,
  changeContract,
  confirmRelocation,
  draftRelocation,
  missRelocation,
  withdrawRelocation,
} from '../../../lambdas/relocations/relocation-changes.ts'
import { relocationView } from '../../../lambdas/relocations/relocation-view.ts'
import {
  afterFailedSwitch,
  afterSwitch,
  requireNoAgreement,
  sideAhead,
  switchDetails,
  withoutPlan,
} from '../../../lambdas/relocations/switch-sides.ts'
import config from '../../../sitewright.config.ts'
import { archiveNumbered } from '../../core/site/kept-sites.ts'
import { samplePolicies } from '../../support/sample-policy.ts'
import { siteSamples } from '../../support/site-samples.ts'

const now = '2026-12-01T12:00:00.000Z'
const night = { from: '2026-12-05T21:00:00.000Z', until: '2026-12-06T03:00:00.000Z', timeZone: 'Europe/Berlin' }
const personId = 'prsn_01jq3v5k8m0000000000000000'
const plan = { target: { plan: 'enterprise' }, window: night, confirmDays: 14 }
const policy = samplePolicies.find(1)

const contextAt = (at: Instant) => ({
  actor: { kind: 'system' as const },
  causationId: 'req_1',
  clocks: { wall: () => at, domain: () => at },
  randomness: createRandomness(),
})
const context = contextAt(now)
const { operation: _, billing: __, ...idle } = siteSamples.active
const site: ActiveSite = { ...idle, plan: 'trial', trialEndsAt: '2026-12-04T00:00:00.000Z', reminded: [7, 3, 1] }

const drafted = draftRelocation(site, plan, 'op_1', context).after
const rehearse = (one: LiveSite, seconds = 100): LiveSite => {
  const change = noteForecast(one, { ...one, target: plan.target, seconds, at: now }, context)
  if (change === undefined) throw new Error('the rehearsal was of another target')
  return change.after
}
const rehearsed = rehearse(drafted)
const accept = (one: LiveSite, revision = 1, at = now) =>
  acceptRelocation(one, { revision, personId }, policy, contextAt(at))
const acceptedOf = (one: LiveSite): LiveSite => {
  const after = accept(one)?.after
  if (after === undefined) throw new Error('it was accepted before')
  return after
}
const accepted = acceptedOf(rehearsed)
const switched = (one: LiveSite, state: 'switched' | 'returned' = 'switched'): LiveSite => ({
  ...one,
  relocation: {
    ...(one.relocation ?? { ...plan, revision: 1, draftedBy: 'op_1', state }),
    state,
    contract: { number: 'C-1', firstDay: '2027-01-01', lastDay: '2027-12-31' },
    switched: { at: night.from, archiveId: 'arc_01jq3v5k8m0000000000000000', back: { plan: 'trial' } },
  },
})

describe('a planned relocation', () => {
  it('has a new revision with every change, and keeps the forecast of the same target', () => {
    const later = { ...plan, window: { ...night, until: '2026-12-06T04:00:00.000Z' } }
    const moved = draftRelocation(rehearsed, later, 'op_1', context).after
    expect(moved.relocation).toMatchObject({ revision: 2, state: 'draft', forecast: { seconds: 100 } })
    const other = draftRelocation(rehearsed, { ...plan, target: { cell: 'fast' } }, 'op_1', context).after
    expect(other.relocation?.forecast).toBeUndefined()
  })

  it('is not due as a draft', () => {
    expect(nextStep(rehearsed, policy)).toEqual(nextStep(site, policy))
  })

  it('takes no forecast of another target', () => {
    expect(noteForecast(drafted, { ...site, target: { cell: 'fast' }, seconds: 1, at: now }, context)).toBeUndefined()
  })

  it('needs a new rehearsal once the site has another version than the data that was rehearsed', () => {
    const named = { ...plan, target: { blueprint: { name: site.blueprint.name, version: 9 } } }
    const noted = (one: LiveSite) => noteForecast(one, { ...site, target: named.target, seconds: 1, at: now }, context)
    const upgraded = (one: LiveSite): LiveSite => ({ ...one, blueprint: { ...one.blueprint, version: 10 } })
    const planned = draftRelocation(site, named, 'op_1', context).after
    const tried = noted(planned)?.after as LiveSite
    expect(acceptedOf(tried).relocation?.state).toBe('accepted')
    expect(relocationView(tried, config)?.interruption).toMatchObject({ seconds: 1 })
    expect(() => accept(upgraded(tried))).toThrow('We will rehearse it again')
    expect(relocationView(upgraded(tried), config)?.interruption).toBeNull()
    expect(draftRelocation(upgraded(tried), named, 'op_1', context).after.relocation?.forecast).toBeUndefined()
    expect(noted(upgraded(planned))).toBeUndefined()
    // A target that keeps the version of the site does nothing to its data.
    expect(acceptedOf(upgraded(rehearsed)).relocation?.state).toBe('accepted')
  })

  it('needs a new acceptance after a change', () => {
    const changed = draftRelocation(accepted, plan, 'op_1', context).after
    expect(changed.relocation).toMatchObject({ revision: 2, state: 'draft' })
    expect(changed.relocation?.acceptedBy).toBeUndefined()
    expect(() => accept(changed, 1)).toThrow('The plan has changed since')
  })
})

describe('the acceptance', () => {
  it('extends a trial to the end of the window, with its reminders', () => {
    expect(accepted).toMatchObject({
      trialEndsAt: night.until,
      relocation: { state: 'accepted', acceptedBy: personId },
    })
    expect(accepted.reminded).toEqual(policy.reminderDaysBefore)
  })

  it('leaves the end of another plan alone', () => {
    expect(acceptedOf({ ...rehearsed, plan: 'starter' }).trialEndsAt).toBe(site.trialEndsAt)
  })

  it('happens once', () => {
    expect(accept(accepted)).toBeUndefined()
  })

  it.each([
    ['of another revision', rehearsed, 2, now, 'The plan has changed since'],
    ['without a rehearsal', drafted, 1, now, 'has not been rehearsed'],
    ['after the window has begun', rehearsed, 1, night.from, 'has passed'],
    ['of a window that is too short', rehearse(drafted, 5 * 3600), 1, now, 'too short'],
    ['of a site that was switched', switched(rehearsed), 1, now, 'has happened already'],
    ['of nothing', site, 1, now, 'No relocation'],
  ])('%s is refused', (_name, one, revision, at, message) => {
    expect(() => accept(one, revision, at)).toThrow(message)
  })
})

describe('the clock of an accepted relocation', () => {
  it('announces it a day before, and begins it with its window', () => {
    const dayBefore = plusDays(night.from, -1)
    expect(nextStep(accepted, policy)).toEqual({ step: 'announce', dueAt: dayBefore })
    expect(dueEntry(accepted, policy)).toEqual({ kind: 'relocation', at: dayBefore })
    const announced = announceRelocation(accepted, context).after
    expect(dueStep(announced, policy, plusMilliseconds(night.from, -1))).toBeUndefined()
    expect(dueStep(announced, policy, night.from)).toEqual({ step: 'relocate', dueAt: night.from })
  })

  it('announces nothing that was accepted on the last day', () => {
    const late = accept(rehearsed, 1, '2026-12-05T08:00:00.000Z')?.after
    expect(late?.relocation?.announced).toBe(true)
  })

  it('lets it begin as long as one and a half times the forecast fit', () => {
    const { relocation } = accepted
    expect(relocation && latestBegin(relocation)).toBe(plusMilliseconds(night.until, -150_000))
  })

  it('goes on with the trial where that ends first', () => {
    const soon: LiveSite = { ...accepted, trialEndsAt: plusDays(now, 1), reminded: [7, 3, 1] }
    expect(nextStep(soon, policy)).toEqual({ step: 'suspend', dueAt: plusDays(now, 1) })
  })

  it('confirms it days after the switch, if nobody answers', () => {
    const { trialEndsAt: _end, ...rest } = switched({ ...accepted, plan: 'enterprise' })
    const paid: LiveSite = { ...rest, trialEndsAt: site.trialEndsAt }
    expect(nextStep(paid, policy)).toEqual({ step: 'confirm', dueAt: plusDays(night.from, 14) })
  })
})

describe('a relocation that does not happen', () => {
  it('leaves a trial a week to plan it anew', () => {
    const late = { ...context, clocks: { wall: () => night.until, domain: () => night.until } }
    expect(missRelocation(accepted, 'window-passed', late).after).toMatchObject({
      trialEndsAt: plusDays(night.until, 7),
      reminded: [],
    })
  })

  const ended = [
    ['withdrawn', (one: LiveSite, at: Instant) => withdrawRelocation(one, 'A test.', contextAt(at)).after],
    ['planned anew', (one: LiveSite, at: Instant) => draftRelocation(one, plan, 'op_1', contextAt(at)).after],
    ['missed', (one: LiveSite, at: Instant) => missRelocation(one, 'cell-full', contextAt(at)).after],
  ] as const
  it.each(ended)('reminds of the end of a trial again, at least a week before it, once it is %s', (_how, end) => {
    expect(end(accepted, now)).toMatchObject({ trialEndsAt: plusDays(now, 7), reminded: [] })
    const early = end(acceptedOf({ ...rehearsed, trialEndsAt: now }), plusDays(night.until, -8))
    expect(early).toMatchObject({ trialEndsAt: night.until, reminded: [] })
    expect(end({ ...accepted, plan: 'starter' }, now)).toMatchObject({ trialEndsAt: night.until, reminded: [7, 3, 1] })
    const longer = acceptedOf({ ...rehearsed, trialEndsAt: plusDays(now, 20), reminded: [] })
    expect(end({ ...longer, reminded: [7] }, now)).toMatchObject({ trialEndsAt: plusDays(now, 20), reminded: [7] })
  })

  it('extends no trial that nobody accepted it for', () => {
    expect(withdrawRelocation(rehearsed, 'A test.', context).after).toMatchObject({ trialEndsAt: site.trialEndsAt })
  })

  it('is a draft again, with the reason', () => {
    expect(missRelocation(accepted, 'window-passed', context).after.relocation).toMatchObject({
      state: 'draft',
      missed: { because: 'window-passed' },
      forecast: { seconds: 100 },
    })
  })

  it('is withdrawn or planned anew before the switch alone', () => {
    expect(withdrawRelocation(accepted, 'A test.', context).after.relocation).toBeUndefined()
    expect(() => withdrawRelocation(site, 'A test.', context)).toThrow('No relocation')
    const swap = { target: plan.target, copies: true, runs: false, relocates: true } as const
    for (const [one, why] of [
      [switched(accepted), 'Confirm it first'],
      [beginSwap(accepted, swap, context).after, 'in progress'],
    ] as const) {
      expect(() => withdrawRelocation(one, 'A test.', context)).toThrow(why)
      expect(() => draftRelocation(one, plan, 'op_1', context)).toThrow(why)
    }
  })

  it('says which side it is on, or on its way to: a repeated request goes no further', () => {
    expect([accepted, switched(accepted), switched(accepted, 'returned')].map(sideAhead)).toEqual([
      'accepted',
      'switched',
      'returned',
    ])
    const { after: onItsWay, event } = beginSwitchBack(switched(accepted), 'A test.', context)
    expect(event.data).toMatchObject({ reason: 'A test.' })
    expect(onItsWay.operation).toMatchObject({ relocates: true, copy: { restores: 'arc_01jq3v5k8m0000000000000000' } })
    expect(sideAhead(onItsWay)).toBe('returned')
    const there = { ...onItsWay, relocation: switched(accepted, 'returned').relocation }
    expect(sideAhead({ ...there, operation: { ...there.operation, moved: true } } as LiveSite)).toBe('returned')
  })

  it('is cancelled by a suspension, but not once it has happened', () => {
    expect(suspendSite(accepted, { because: 'operator' }, context).after.relocation).toBeUndefined()
    expect(suspendSite(switched(accepted), { because: 'operator' }, context).after.relocation?.state).toBe('switched')
  })

  it('is cancelled by a dispute, but not once it has happened', () => {
    expect(withoutPlan(accepted).relocation).toBeUndefined()
    expect(withoutPlan(switched(accepted)).relocation?.state).toBe('switched')
  })
})

describe('the time that a site has left after the switch', () => {
  const contract = { number: 'C-1', firstDay: '2026-12-05', lastDay: '2027-12-31' }
  const leftOf = (one: LiveSite, terms: Pick<Relocation, 'target'> & Partial<Relocation>, at = night.from) => {
    const planned: LiveSite = { ...one, relocation: { ...(accepted.relocation as Relocation), ...terms } }
    const swap = { target: terms.target, copies: true, runs: false, relocates: true } as const
    const { operation } = beginSwap(planned, swap, contextAt(at)).after
    if (operation?.kind !== 'upgrade') throw new Error('it is not switched')
    const after = afterSwitch({ ...planned, status: 'active', operation } as never, archiveNumbered(1), contextAt(at))
    return { ...planned, ...after } as LiveSite
  }
  const target = { cell: 'fast' }
  const cancelled: SiteBilling = { ...subscription, state: 'ended', paidThrough: now }

  it.each([
    ['a trial', accepted],
    ['a subscription that ends', { ...accepted, plan: 'starter', billing: cancelled }],
  ])('under %s reaches a week beyond the confirmation, from which the contract counts', (_name, one) => {
    const switchedOver = leftOf(one, { target, contract })
    expect(entitledUntil(switchedOver, policy)).toBe(plusDays(night.from, 14 + 7))
    // It went back, and goes forward again later.
    const { relocation } = switchedOver
    const switchedAt = { switched: { ...relocation?.switched, at: night.from } } as Partial<Relocation>
    const again = { ...relocation, target, contract, ...switchedAt, state: 'returned' as const }
    expect(entitledUntil(leftOf(one, again, plusDays(night.from, 3)), policy)).toBe(plusDays(night.from, 14 + 7))
    expect(entitledUntil(leftOf(one, again, plusDays(night.from, 15)), policy)).toBe(plusDays(night.from, 15 + 7))
  })

  it.each([undefined, contract])('is a week of a subscription that it goes back to, from %j', (left) => {
    const one: LiveSite = { ...accepted, plan: 'starter', billing: cancelled }
    const terms = { ...(switched(accepted).relocation as Relocation), target, contract: left }
    expect(entitledUntil(leftOf(one, terms, plusDays(night.from, 3)), policy)).toBe(plusDays(night.from, 3 + 7))
  })

  it('is at least a week of a trial without a contract', () => {
    expect(leftOf(accepted, { target })).toMatchObject({ trialEndsAt: plusDays(night.from, 7), reminded: [] })
    const long = plusDays(night.from, 30)
    expect(leftOf({ ...accepted, trialEndsAt: long }, { target }).trialEndsAt).toBe(long)
  })
})

describe('a swap that is no relocation', () => {
  const swapped = (one: LiveSite, more: object = {}) =>
    beginSwap(one, { target: { configuration: 2 }, copies: true, runs: false, ...more }, context).after

  it('leaves what was agreed on, whether it works or not', () => {
    const under = swapped(accepted) as never
    expect(afterSwitch(under, archiveNumbered(1), context)).toEqual({})
    expect(switchDetails(under)).toEqual({})
    expect(afterFailedSwitch(under, 'LaunchFailed')).toEqual({})
    expect(confirmRelocation(swapped(switched(accepted)), {}, context).after.relocation).toBeUndefined()
  })

  it('ends the relocation where it has the data of the way back, because that of now was lost', () => {
    const rescued = (restores: string) => swapped(switched(accepted), { restores, isLost: true }) as never
    const [back, other] = [rescued('arc_01jq3v5k8m0000000000000000'), rescued('arc_01jq3v5k8m0000000000000001')]
    expect(afterSwitch(back, undefined, context)).toMatchObject({ relocation: undefined })
    expect(switchDetails(back)).toEqual({ relocation: 'returned', isLost: true })
    expect(afterSwitch(other, undefined, context)).toEqual({})
    expect(switchDetails(other)).toEqual({})
  })
})

describe('the confirmation', () => {
  it('has the contract count, and ends the relocation', () => {
    const { after, event } = confirmRelocation(switched(accepted), { reason: 'All is well.' }, context)
    expect(after).toMatchObject({ contract: { number: 'C-1' } })
    expect(after.relocation).toBeUndefined()
    expect(event.data).toMatchObject({ side: 'relocated', reason: 'All is well.' })
  })

  it('of a site that went back has no contract', () => {
    const { after, event } = confirmRelocation(switched(accepted, 'returned'), {}, context)
    expect(after.contract).toBeUndefined()
    expect(event.data).toMatchObject({ side: 'returned' })
  })

  it('is refused before the switch, and on the way back', () => {
    expect(() => confirmRelocation(accepted, {}, context)).toThrow('has not happened yet')
    const { after } = beginSwitchBack(switched(accepted), 'A test.', context)
    expect(() => confirmRelocation(after, {}, context)).toThrow('right now')
  })
})

describe('a contract while a change of the plan waits for the bank of the owner', () => {
  const contract = { number: 'C-1', firstDay: '2026-12-01', lastDay: '2027-12-31' }
  const until = plusDays(now, 1)
  const pendingChange = { plan: 'growth', interval: 'month', expiresAt: until } as const
  const paid = (one: LiveSite): LiveSite => ({
    ...one,
    ...{ plan: 'starter', billing: { ...subscription, pendingChange } },
  })
  const begin = (one: LiveSite, at: Instant) => changeContract(one, { contract }, contextAt(at))?.after

  it('cannot begin before that has ended', () => {
    expect(() => begin(paid(site), now)).toThrow(`waits until ${until}`)
    expect(begin(paid(site), until)).toMatchObject({ contract })
    expect(begin({ ...paid(site), contract: { ...contract, number: 'C-0' } }, now)).toMatchObject({ contract })
  })

  it('does not begin by the confirmation of a relocation either', () => {
    const confirm = (one: LiveSite, at = now) => confirmRelocation(one, {}, contextAt(at)).after
    expect(() => confirm(paid(switched(accepted)))).toThrow(`waits until ${until}`)
    expect(confirm(paid(switched(accepted)), until)).toMatchObject({ contract: { number: 'C-1' } })
    expect(confirm(paid(switched(accepted, 'returned'))).contract).toBeUndefined()
  })
})

describe('the end of a contract', () => {
  const contract = { number: 'C-1', firstDay: '2026-01-01', lastDay: '2026-12-31' }
  const endedOf = (one: LiveSite): LiveSite => {
    const after = changeContract({ ...one, contract }, { contract: null }, context)?.after
    if (after === undefined) throw new Error('nothing was changed')
    return after
  }

  it('lets its owner buy again, and leaves at least a week for that', () => {
    const ended = endedOf(site)
    expect(() => requireNoAgreement(ended)).not.toThrow()
    expect(ended).toMatchObject({ trialEndsAt: plusDays(now, 7), reminded: [] })
    const lapsed: SiteBilling = { ...subscription, state: 'ended', paidThrough: now }
    const paid = endedOf({ ...site, plan: 'starter', billing: lapsed })
    expect(nextStep(paid, policy)).toMatchObject({ step: 'remind', daysBefore: 7 })
    const long = plusDays(now, 30)
    expect(endedOf({ ...site, trialEndsAt: long })).toMatchObject({ trialEndsAt: long, reminded: [] })
  })

  it('gives the plan of a subscription back that its contract had ended, and renews it again', () => {
    const ending: SiteBilling = { ...subscription, endsWithDeletion: true }
    const under: LiveSite = { ...site, plan: 'enterprise', contract, billing: { ...ending, cancelsAtPeriodEnd: true } }
    const stripes: Subscription[] = [
      {
        ...{ id: 'sub_1', siteId: site.id, customerId: 'cus_1', createdAt: '2026-11-01T00:00:00.000Z' },
        ...{ status: 'active', price: { plan: 'starter', interval: 'month', currency: 'EUR' } },
        ...{ cancelsAtPeriodEnd: true, paidThrough: '2027-01-01T00:00:00.000Z', isDisputed: false },
      },
    ]
    const terms = { policy, context, isSold: () => true }
    expect(nextBillingStep(under, stripes, terms)).toBeUndefined()
    const given = nextBillingStep(endedOf(under), stripes, terms)
    if (given?.kind !== 'change' || !isLive(given.change.after)) throw new Error('its plan is not given back')
    expect(given.change.after.plan).toBe('starter')
    expect(nextBillingStep(given.change.after, stripes, terms)).toMatchObject({ kind: 'renewal', cancels: false })
  })
})

describe('the plan of a site', () => {
  it('cannot be changed by its owner from the acceptance on until it goes back, nor under a contract', () => {
    for (const one of [rehearsed, switched(accepted, 'returned')]) expect(() => requireNoAgreement(one)).not.toThrow()
    expect(() => requireNoAgreement(accepted)).toThrow('agreed')
    expect(() => requireNoAgreement(switched(accepted))).toThrow('agreed')
    const { after } = confirmRelocation(switched(accepted), {}, context)
    if (!isLive(after)) throw new Error('it was live')
    expect(() => requireNoAgreement(after)).toThrow('contract')
  })
})

const subscription: SiteBilling = {
  ...{
    subscriptionId: 'sub_1',
    currency: 'EUR',
    interval: 'month',
    state: 'active',
    plan: 'starter',
    isDisputed: false,
  },
  ...{ paidThrough: '2027-01-01T00:00:00.000Z', cancelsAtPeriodEnd: false, endsWithDeletion: false },
}

describe('payments of a site that was relocated', () => {
  const mapped = (one: LiveSite, other = subscription): LiveSite => {
    const after = changeBilling(
      { ...one, billing: subscription },
      { ...other, paidThrough: '2027-02-01T00:00:00.000Z' },
      policy,
      context,
    )?.after
    if (!isLive(after)) throw new Error('nothing was changed')
    return after
  }
  const growth = { ...subscription, plan: 'growth' }

  it('change the plan of the side to which it may go back', () => {
    const after = mapped({ ...switched(accepted), plan: 'enterprise' }, growth)
    expect(after).toMatchObject({ plan: 'enterprise', relocation: { switched: { back: { plan: 'growth' } } } })
  })

  it('change no plan under a contract, which ends with no subscription', () => {
    const contract = { number: 'C-1', firstDay: '2026-01-01', lastDay: '2026-12-31' }
    const after = mapped({ ...site, plan: 'starter', contract }, growth)
    expect(after.plan).toBe('starter')
    expect(
      nextStep({ ...after, billing: { ...subscription, state: 'ended', paidThrough: now } }, policy),
    ).toBeUndefined()
  })

  it('that are disputed cancel a plan, but no relocation in progress', () => {
    const disputed = { ...subscription, isDisputed: true }
    expect(mapped({ ...accepted, plan: 'starter' }, disputed).relocation).toBeUndefined()
    const { after } = beginSwap(
      { ...accepted, plan: 'starter' },
      { target: plan.target, copies: true, runs: false, relocates: true },
      context,
    )
    expect(mapped(after, disputed).relocation?.state).toBe('accepted')
  })
})

describe('a deletion by the owner, or a suspension', () => {
  it('cancels a relocation in progress, with its operation', () => {
    const swap = { target: plan.target, copies: true, runs: false, relocates: true } as const
    const { after } = beginSwap(accepted, swap, context)
    const deletion = { requestedAt: now, by: 'owner' as const }
    for (const why of [{ because: 'operator' as const }, { because: 'owner-deletion' as const, deletion }]) {
      const stopped = suspendSite(after, why, context).after
      expect(stopped).toMatchObject({ status: 'suspended', plan: accepted.plan, operation: { kind: 'suspend' } })
      expect(stopped.relocation).toBeUndefined()
    }
  })
})
