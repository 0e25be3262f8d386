import { describe, expect, it } from 'vitest'
import { billingFacts } from '../../../core/billing/entitled-until.ts'
import type { SiteBilling } from '../../../core/billing/site-billing.ts'
import { plusDays } from '../../../core/instant.ts'
import { domainNow } from '../../support/fixed-ports.ts'
import { samplePolicies as policies } from '../../support/sample-policy.ts'
import { active } from '../site/kept-sites.ts'
import { billing } from './subscriptions.ts'

const nothing = { paymentDueBy: null, endsAt: null }
const paidThrough = plusDays(domainNow, 20)
const paid = (facts: Partial<SiteBilling> = {}) => active({ plan: 'growth', billing: billing(facts) })

describe('what there is to know of how a site is paid for', () => {
  it('is nothing of a trial, of a plan by arrangement, and of a subscription that goes on', () => {
    for (const site of [active(), active({ plan: 'enterprise' }), paid()]) {
      expect(billingFacts(site, policies)).toEqual(nothing)
    }
  })

  it('is nothing where its owner has cancelled, and it runs to the end of its period', () => {
    expect(billingFacts(paid({ cancelsAtPeriodEnd: true }), policies)).toEqual(nothing)
  })

  it('is the end of the grace while a payment is overdue', () => {
    const site = paid({ state: 'past-due', pastDueSince: domainNow })
    expect(billingFacts(site, policies)).toEqual({ ...nothing, paymentDueBy: plusDays(domainNow, 7) })
  })

  it.each(['ended', 'paused'] as const)('is the end of what was paid for where it is %s', (state) => {
    const site = paid({ state, paidThrough, endedSince: domainNow })
    expect(billingFacts(site, policies)).toEqual({ ...nothing, endsAt: paidThrough })
  })

  it('is the end of the grace also where Stripe gives up before that', () => {
    const pastDueSince = plusDays(domainNow, -3)
    const site = paid({ state: 'ended', paidThrough: pastDueSince, pastDueSince, endedSince: domainNow })
    expect(billingFacts(site, policies)).toEqual({ ...nothing, endsAt: plusDays(domainNow, 4) })
  })

  it('is nothing where an operator has given it another plan', () => {
    const site = { ...paid({ state: 'past-due', pastDueSince: domainNow }), plan: 'enterprise' }
    expect(billingFacts(site, policies)).toEqual(nothing)
  })

  it('asks for no policy where nothing ends', () => {
    const site = { ...paid(), policyVersion: 99 }
    expect(billingFacts(site, policies)).toEqual(nothing)
    expect(() => billingFacts({ ...site, billing: billing({ state: 'past-due' }) }, policies)).toThrow('version 99')
  })
})
