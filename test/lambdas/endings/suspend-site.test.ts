import { describe, expect, it } from 'vitest'
import { plusDays } from '../../../core/instant.ts'
import { siteSchema, suspensionReasons } from '../../../core/site/site.ts'
import { suspendSite } from '../../../lambdas/endings/end-site.ts'
import { resumeSite } from '../../../lambdas/endings/resume-site.ts'
import { termsOfOperator, termsOfOwner } from '../../../lambdas/endings/resume-terms.ts'
import { active, archived, archiveNumbered, suspended, under } from '../../core/site/kept-sites.ts'
import { domainNow, fixedContext, wallNow } from '../../support/fixed-ports.ts'
import { samplePolicy as policy } from '../../support/sample-policy.ts'
import { billing } from '../billing/subscriptions.ts'

const full = active({
  generation: 2,
  extensionsUsed: 1,
  archives: [archiveNumbered(1)],
  heldSince: wallNow,
  storage: 'near',
  storageSince: wallNow,
  reprievedUntil: wallNow,
})

describe('a suspension', () => {
  it.each(suspensionReasons)('stops the site because of %s and keeps its data', (because) => {
    const { after, event } = suspendSite(active(), { because }, fixedContext())
    expect(after).toMatchObject({ status: 'suspended', suspendedAt: domainNow, suspendedBecause: because })
    expect(event).toMatchObject({ type: 'SiteSuspended', data: { because, previousStatus: 'active' } })
    expect(siteSchema.parse(after)).toEqual(after)
  })

  it('keeps the facts of the trial, the hold and the archives, and nothing that only a running site has', () => {
    const { after } = suspendSite(full, { because: 'trial-ended' }, fixedContext())
    const { trialEndsAt, extensionsUsed, archives, heldSince, generation, reminded } = full
    expect(after).toMatchObject({ trialEndsAt, extensionsUsed, archives, heldSince, generation, reminded })
    for (const gone of ['endpoint', 'storage', 'storageSince', 'reprievedUntil']) expect(after).not.toHaveProperty(gone)
  })

  it('has an operation running until nothing of it runs', () => {
    const { after } = suspendSite(active(), { because: 'operator' }, fixedContext())
    expect(after.operation).toEqual({
      id: `suspend-site-${after.id}-${after.version}`,
      kind: 'suspend',
      fence: 1,
      startedAt: wallNow,
    })
  })

  it('by the clock continues with the operation that asked for it', () => {
    const site = under(active(), 'suspend')
    expect(suspendSite(site, { because: 'trial-ended' }, fixedContext()).after.operation).toBe(site.operation)
  })

  it('gives up a copy that is being taken', () => {
    const { after } = suspendSite(under(active(), 'copy'), { because: 'storage-full' }, fixedContext())
    expect(after.operation).toMatchObject({ kind: 'suspend', id: `suspend-site-${after.id}-${after.version}` })
  })

  it('keeps an operator’s words, and an owner’s request to delete it', () => {
    const deletion = { requestedAt: domainNow, by: 'owner' } as const
    const { after } = suspendSite(active(), { because: 'owner-deletion', deletion }, fixedContext())
    expect(after.deletion).toEqual(deletion)
    const { event } = suspendSite(active(), { because: 'operator', reason: 'It serves malware.' }, fixedContext())
    expect(event.data).toMatchObject({ because: 'operator', reason: 'It serves malware.' })
  })
})

const goesOn = { trialEndsAt: plusDays(domainNow, 3) }
const both = [suspended, archived] as const
const ofOwner = (site: ReturnType<(typeof both)[number]>) => termsOfOwner(site, policy, fixedContext())
const ofOperator = (site: ReturnType<(typeof both)[number]>) => termsOfOperator(site, policy, fixedContext())

describe('what it costs an owner to come back', () => {
  it('is nothing while the trial lasts', () => {
    for (const make of both) expect(ofOwner(make(goesOn))).toEqual({ ...goesOn, extensionsUsed: 0 })
  })

  it('is nothing where the site has a plan', () => {
    for (const make of both) {
      const site = make({ plan: 'starter', extensionsUsed: 1 })
      expect(ofOwner(site)).toEqual({ trialEndsAt: site.trialEndsAt, extensionsUsed: 1 })
    }
  })

  it('is the extension where the trial has ended, to the moment', () => {
    for (const trialEndsAt of [domainNow, plusDays(domainNow, -40)]) {
      for (const make of both) {
        expect(ofOwner(make({ trialEndsAt }))).toEqual({ trialEndsAt: plusDays(domainNow, 7), extensionsUsed: 1 })
      }
    }
  })

  it('is a plan where that is used', () => {
    const payment = expect.objectContaining({ kind: 'PaymentRequired' })
    for (const make of both) expect(() => ofOwner(make({ extensionsUsed: 1 }))).toThrow(payment)
  })

  it('is ours to say where the subscription is paused, because there is no plan to choose', () => {
    const paused = billing({ state: 'paused', paidThrough: domainNow, endedSince: domainNow })
    for (const make of both) {
      for (const suspendedBecause of ['subscription-ended', 'storage-full', 'owner-deletion'] as const) {
        const site = make({ plan: 'growth', billing: paused, suspendedBecause })
        expect(() => ofOwner(site)).toThrow('is paused. Contact us')
      }
    }
  })

  it('is not his to say where an operator suspended the site, also once it is archived', () => {
    const notAllowed = expect.objectContaining({ kind: 'TransitionNotAllowed' })
    for (const make of both) {
      expect(() => ofOwner(make({ suspendedBecause: 'operator', ...goesOn }))).toThrow(notAllowed)
    }
  })
})

describe('what an operator needs to bring a site back', () => {
  it('is a trial that lasts, or a plan', () => {
    for (const make of both) {
      expect(ofOperator(make({ ...goesOn, suspendedBecause: 'operator' }))).toMatchObject(goesOn)
      expect(ofOperator(make({ plan: 'starter', extensionsUsed: 1 }))).toMatchObject({ extensionsUsed: 1 })
    }
  })

  it('is to extend it first otherwise, even where the owner could', () => {
    for (const make of both) expect(() => ofOperator(make())).toThrow(/extend it first/)
  })
})

describe('a resumption', () => {
  const site = {
    ...under(suspended({ generation: 2, archives: [archiveNumbered(1)], heldSince: wallNow }), 'archive'),
    deletion: { requestedAt: wallNow, by: 'owner' } as const,
    purgeRequest: { operatorId: 'staff-7', at: wallNow },
    reprievedUntil: wallNow,
  }
  const facts = { trialEndsAt: plusDays(domainNow, 7), extensionsUsed: 1 }
  const { after, event } = resumeSite(site, facts, policy, fixedContext(), { reason: 'They called.' })

  it('makes the site active at once, without an address until it answers', () => {
    expect(after).toMatchObject({ status: 'active', version: site.version + 1, ...facts })
    expect(after).not.toHaveProperty('endpoint')
    expect(siteSchema.parse(after)).toEqual(after)
    expect(event).toMatchObject({
      type: 'SiteResumed',
      data: { previousStatus: 'suspended', trialEndsAt: facts.trialEndsAt, reason: 'They called.' },
    })
  })

  it('revokes a deletion, gives up what was begun, and forgets why it slept', () => {
    const gone = ['deletion', 'purgeRequest', 'operation', 'reprievedUntil', 'suspendedAt', 'suspendedBecause']
    for (const name of gone) expect(after).not.toHaveProperty(name)
  })

  it('keeps its data directory, its archives and an operator’s hold', () => {
    const { generation, archives, heldSince } = site
    expect(after).toMatchObject({ generation, archives, heldSince })
  })

  it('lets the reminders go out whose time is still to come', () => {
    expect(after.reminded).toEqual([7])
    const later = { ...facts, trialEndsAt: plusDays(domainNow, 30) }
    expect(resumeSite(site, later, policy, fixedContext()).after.reminded).toEqual([])
  })
})
