import { describe, expect, it } from 'vitest'
import { plusDays } from '../../../core/instant.ts'
import { entitledUntil } from '../../../core/site/next-step.ts'
import { type KeptSite, siteSchema } from '../../../core/site/site.ts'
import { changeBilling } from '../../../lambdas/billing/change-billing.ts'
import { requireBuyable } from '../../../lambdas/billing/purchase/purchase-terms.ts'
import { active, archived, operations, suspended, under } from '../../core/site/kept-sites.ts'
import { domainNow, fixedContext, wallNow } from '../../support/fixed-ports.ts'
import { samplePolicy as policy } from '../../support/sample-policy.ts'
import { billing } from './subscriptions.ts'

const change = (site: KeptSite, to = billing()) => changeBilling(site, to, policy, fixedContext())
const deletion = { requestedAt: wallNow, by: 'owner' } as const
const paid = { plan: 'growth', billing: billing() }
const overdue = billing({ state: 'past-due', pastDueSince: domainNow, paidThrough: domainNow })
const over = billing({ state: 'ended', paidThrough: domainNow, endedSince: domainNow })

describe('a subscription that is bought', () => {
  const plans = { plans: [], find: () => undefined } as never

  it('is not a second one, and not ours to sell while there is one that is paused', () => {
    for (const [state, said] of [
      ['active', 'Change its plan instead'],
      ['paused', 'is paused. Contact us'],
    ] as const) {
      expect(() => requireBuyable(active({ ...paid, billing: billing({ state }) }), plans)).toThrow(said)
    }
  })

  it('is not one of an environment', () => {
    const environmentOf = { siteId: active().id, name: 'qa', hours: 12 } as const
    expect(() => requireBuyable(active({ environmentOf }), plans)).toThrow('it is not paid for')
  })

  it('changes plan and billing in one event', () => {
    const made = change(active())
    expect(made?.after).toEqual({ ...active(), ...paid, version: active().version + 1 })
    expect(made?.event).toMatchObject({
      type: 'SitePlanChanged',
      data: { plan: 'growth', previousPlan: 'trial', billing: billing() },
    })
  })

  it('changes nothing where it is written already', () => {
    expect(change(active(paid))).toBeUndefined()
  })

  it('ends what the clock had begun and not decided, and what was postponed', () => {
    const after = change(under(active({ reprievedUntil: wallNow }), 'suspend'))?.after
    expect(after).toMatchObject({ status: 'active', ...paid })
    for (const name of ['operation', 'reprievedUntil']) expect(after).not.toHaveProperty(name)
  })

  it('lets an owner’s copy continue', () => {
    expect(change(under(active(), 'copy'))?.after).toMatchObject({ operation: operations.copy })
  })

  it.each(['trial-ended', 'payment-overdue', 'subscription-ended', 'storage-full', 'owner-deletion'] as const)(
    'takes up a site at once that is suspended for: %s',
    (suspendedBecause) => {
      for (const site of [suspended({ suspendedBecause }), under(suspended({ suspendedBecause }), 'archive')]) {
        const made = change(site)
        expect(made?.after).toMatchObject({ status: 'active', ...paid })
        expect(made?.after).not.toHaveProperty('operation')
        expect(made?.event).toMatchObject({ type: 'SiteResumed', data: { billing: billing(), previousPlan: 'trial' } })
        expect(siteSchema.parse(made?.after)).toEqual(made?.after)
      }
    },
  )

  it('begins to restore one that is archived, also while it is about to be purged', () => {
    for (const site of [archived(), under(archived(), 'purge')]) {
      const made = change(site)
      expect(made?.after).toMatchObject({ status: 'archived', ...paid, operation: { kind: 'restore', generation: 2 } })
      expect(siteSchema.parse(made?.after)).toEqual(made?.after)
    }
  })

  it('is the plan to which a relocated site may go back, also where it takes the site up', () => {
    const plan = 'enterprise'
    const switched = { at: wallNow, archiveId: 'arc_01jq3v5k8m0000000000000000', back: { plan: 'trial' } } as const
    const drafted = { target: { plan }, revision: 1, confirmDays: 14, draftedBy: 'op_1', draftedAt: wallNow }
    const window = { from: wallNow, until: plusDays(wallNow, 1), timeZone: 'UTC' }
    const relocation = { ...drafted, window, state: 'switched', switched } as const
    const back = { relocation: { switched: { ...switched, back: { plan: 'growth' } } }, plan }
    const stopped = { plan, relocation, suspendedBecause: 'trial-ended' } as const
    for (const site of [active({ plan, relocation }), suspended(stopped), archived(stopped)]) {
      expect(change(site)?.after).toMatchObject(back)
    }
    // A relocation to another cell alone leaves the plan to payments, on both sides.
    for (const state of ['switched', 'returned'] as const) {
      const moved = active({ relocation: { ...relocation, state, target: { cell: 'large' } } })
      expect(change(moved)?.after).toMatchObject({ ...paid, relocation: { switched: { back: { plan: 'growth' } } } })
    }
  })

  it('ends a deletion that was requested before', () => {
    for (const by of ['owner', 'operators'] as const) {
      expect(change(suspended({ deletion: { ...deletion, by } }))?.after).toMatchObject({ status: 'active' })
      expect(change(archived({ deletion: { ...deletion, by } }))?.after).not.toHaveProperty('deletion')
    }
  })

  it('is noted where the site is just being stopped, or its disk given back, and waits for that', () => {
    for (const site of [under(suspended(), 'suspend'), under(archived(), 'archive')]) {
      const noted = change(site)?.after
      expect(noted).toMatchObject({ status: site.status, ...paid, operation: site.operation })
      if (noted?.status !== 'suspended' && noted?.status !== 'archived') throw new Error('it is not asleep')
      expect(change(noted)).toBeUndefined()
      const { operation: _, ...idle } = noted
      const again = change(idle)
      expect(again?.event.type).toBe(site.status === 'suspended' ? 'SiteResumed' : 'SiteOperationBegun')
    }
  })

  it('of a larger plan for a full site waits for its stop or its archive, and then brings it up', () => {
    const full = { suspendedBecause: 'storage-full', plan: 'starter', billing: billing({ plan: 'starter' }) } as const
    for (const site of [under(suspended(full), 'suspend'), under(archived(full), 'archive')]) {
      expect(change(site)).toBeUndefined()
      const { operation: _, ...idle } = site
      const again = change(idle)
      expect(again?.event.type).toBe(site.status === 'suspended' ? 'SiteResumed' : 'SiteOperationBegun')
      expect(again?.after).toMatchObject(paid)
    }
    const written = [under(archived(full), 'restore'), under(suspended({ ...full, deletion }), 'suspend')]
    for (const site of written) {
      const bought = billing({ subscriptionId: 'sub_2' })
      expect(change(site, bought)?.after).toMatchObject({ plan: 'growth', billing: bought, operation: site.operation })
    }
  })

  it('does not give back what an operator has removed', () => {
    for (const site of [suspended({ suspendedBecause: 'operator' }), archived({ suspendedBecause: 'operator' })]) {
      expect(change(site)?.after).toMatchObject({ status: site.status, ...paid, suspendedBecause: 'operator' })
    }
  })
})

describe('a renewal', () => {
  const renewed = billing({ paidThrough: '2026-06-30T12:00:00.000Z' })

  it('leaves the plan that an operator has given besides', () => {
    const site = active({ ...paid, plan: 'enterprise' })
    expect(change(site, renewed)?.after).toMatchObject({ plan: 'enterprise', billing: renewed })
    const other = billing({ plan: 'starter' })
    expect(change(site, other)?.after).toMatchObject({ plan: 'starter' })
  })

  it('does not revoke the deletion that its owner has asked for', () => {
    const site = suspended({ ...paid, suspendedBecause: 'owner-deletion', deletion })
    expect(change(site, renewed)?.after).toMatchObject({ status: 'suspended', deletion, billing: renewed })
    expect(change(under(site, 'purge'), renewed)?.after).toMatchObject({ operation: operations.purge })
  })

  it('does not resume a full site that stays too large', () => {
    const site = suspended({ ...paid, suspendedBecause: 'storage-full' })
    expect(change(site, renewed)?.after).toMatchObject({ status: 'suspended' })
    expect(change(site, billing({ plan: 'starter' }))?.after).toMatchObject({ status: 'active' })
  })
})

describe('a payment that is overdue', () => {
  it('keeps the plan, and has its reminders by the end of the grace', () => {
    const after = change(active({ ...paid, reminded: [7, 3, 1] }), overdue)?.after
    // The first of them would go out at once: its owner gets it anyway.
    expect(after).toMatchObject({ status: 'active', plan: 'growth', billing: overdue, reminded: [7] })
  })

  it('takes the site up again once it has come in', () => {
    const site = suspended({ plan: 'growth', billing: overdue, suspendedBecause: 'payment-overdue' })
    expect(change(site)?.after).toMatchObject({ status: 'active', plan: 'growth', billing: billing() })
  })
})

describe('a subscription that has ended', () => {
  it('leaves the site its plan until it is suspended', () => {
    const after = change(active(paid), over)?.after
    expect(after).toMatchObject({ status: 'active', plan: 'growth', billing: over })
  })

  it('takes along the plan that its price had become before it ended, so that it ends there too', () => {
    for (const state of ['ended', 'paused'] as const) {
      const elsewhere = { ...over, state, plan: 'starter' }
      const after = change(active(paid), elsewhere)?.after
      expect(after).toMatchObject({ plan: 'starter', billing: elsewhere })
      if (after?.status !== 'active') throw new Error('it is not active')
      expect(entitledUntil(after, policy)).toBeDefined()
    }
  })

  it('leaves what an operator has given besides, whatever its price had become', () => {
    const site = active({ ...paid, plan: 'enterprise' })
    expect(change(site, { ...over, plan: 'starter' })?.after).toMatchObject({ plan: 'enterprise' })
  })

  it('resumes nothing, and ends no deletion', () => {
    expect(change(suspended({ ...paid, deletion }), over)?.after).toMatchObject({ status: 'suspended', deletion })
    expect(change(archived(paid), over)?.after).toMatchObject({ status: 'archived' })
  })

  it('counts a resumed subscription as bought', () => {
    const site = archived({ plan: 'growth', billing: over, suspendedBecause: 'subscription-ended' })
    expect(change(site)?.after).toMatchObject({ operation: { kind: 'restore' }, billing: billing() })
  })

  it('brings no plan of its own to a site that had none of it', () => {
    expect(change(active(), over)?.after).toMatchObject({ plan: 'trial', billing: over })
    const lasts = billing({ state: 'ended', paidThrough: plusDays(domainNow, 20), endedSince: domainNow })
    expect(change(active(), lasts)?.after).toMatchObject({ plan: 'growth', billing: lasts })
  })
})
