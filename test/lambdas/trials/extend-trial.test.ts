import { describe, expect, it } from 'vitest'
import { plusDays, plusMilliseconds } from '../../../core/instant.ts'
import { nextStep } from '../../../core/site/next-step.ts'
import { siteSchema } from '../../../core/site/site.ts'
import {
  extendByOperator,
  extendByOwner,
  hasExtensionLeft,
  ownerExtension,
} from '../../../lambdas/trials/extend-trial.ts'
import { active, archived, operations, suspended, under } from '../../core/site/kept-sites.ts'
import { domainNow, fixedContext } from '../../support/fixed-ports.ts'
import { samplePolicy as policy } from '../../support/sample-policy.ts'

const inTwoDays = plusDays(domainNow, 2)
const tenDays = { milliseconds: 10 * 86_400_000, reason: 'They are on holiday.' }

describe('an owner’s extension', () => {
  it('counts from the present end of a trial that continues', () => {
    const { after, event } = extendByOwner(active({ trialEndsAt: inTwoDays }), policy, fixedContext())
    const trialEndsAt = plusDays(inTwoDays, 7)
    expect(after).toMatchObject({ status: 'active', trialEndsAt, extensionsUsed: 1 })
    expect(event).toMatchObject({ type: 'TrialExtended', data: { trialEndsAt } })
    expect(siteSchema.parse(after)).toEqual(after)
  })

  it.each([suspended(), archived()])('of a site that is $status counts from now, and does not resume it', (site) => {
    const { after } = extendByOwner(site, policy, fixedContext())
    expect(after).toMatchObject({ status: site.status, trialEndsAt: plusDays(domainNow, 7), extensionsUsed: 1 })
    expect(siteSchema.parse(after)).toEqual(after)
  })

  it('can be used as often as the policy allows', () => {
    const used = active({ extensionsUsed: 1 })
    expect(hasExtensionLeft(used, policy)).toBe(false)
    expect(() => extendByOwner(used, policy, fixedContext())).toThrow(
      expect.objectContaining({ kind: 'ExtensionUsed' }),
    )
    expect(extendByOwner(used, { ...policy, ownerExtensions: 2 }, fixedContext()).after).toMatchObject({
      extensionsUsed: 2,
    })
    const none = { ...policy, ownerExtensions: 0 }
    expect(() => extendByOwner(active(), none, fixedContext())).toThrow('cannot be extended')
    expect(() => extendByOwner(used, none, fixedContext())).toThrow('extended already')
  })

  it('is nothing for a site that has a plan', () => {
    const notAllowed = expect.objectContaining({ kind: 'TransitionNotAllowed' })
    expect(() => extendByOwner(active({ plan: 'starter' }), policy, fixedContext())).toThrow(notAllowed)
    expect(() => extendByOperator(active({ plan: 'starter' }), tenDays, policy, fixedContext())).toThrow(notAllowed)
    expect(hasExtensionLeft(active({ plan: 'starter' }), policy)).toBe(false)
  })

  it.each([suspended, archived])('is refused for a site that an operator suspended', (kept) => {
    const locked = kept({ suspendedBecause: 'operator' })
    expect(() => extendByOwner(locked, policy, fixedContext())).toThrow('We have suspended this site. Contact us')
    expect(extendByOperator(locked, tenDays, policy, fixedContext()).after).toMatchObject({ extensionsUsed: 0 })
  })

  it('is as long as the policy says', () => {
    const longer = { ...policy, extensionDays: 30 }
    expect(ownerExtension(suspended(), longer, domainNow)).toEqual({
      trialEndsAt: plusDays(domainNow, 30),
      extensionsUsed: 1,
    })
  })
})

describe('an operator’s extension', () => {
  it('has the operator’s length and reason and keeps the owner’s extension', () => {
    const { after, event } = extendByOperator(suspended(), tenDays, policy, fixedContext())
    expect(after).toMatchObject({ trialEndsAt: plusDays(domainNow, 10), extensionsUsed: 0 })
    expect(event.data).toMatchObject({ trialEndsAt: plusDays(domainNow, 10), reason: tenDays.reason })
  })

  it('may follow upon others without an end', () => {
    let site = active({ trialEndsAt: inTwoDays, extensionsUsed: 1 })
    for (let count = 0; count < 5; count += 1) {
      const { after } = extendByOperator(site, tenDays, policy, fixedContext())
      if (after.status !== 'active') throw new Error('it is not active any more')
      site = after
    }
    expect(site.trialEndsAt).toBe(plusDays(inTwoDays, 50))
  })
})

describe('any extension', () => {
  it('lets those reminders go out again whose time is still to come', () => {
    const site = active({ trialEndsAt: plusMilliseconds(domainNow, 3_600_000), reminded: [7, 3, 1] })
    const extend = (days: number) =>
      extendByOperator(site, { milliseconds: days * 86_400_000, reason: 'Why not.' }, policy, fixedContext()).after
    expect(extend(10)).toMatchObject({ reminded: [] })
    expect(extend(5)).toMatchObject({ reminded: [7] })
    expect(extend(2)).toMatchObject({ reminded: [7, 3] })
    expect(nextStep(extend(5), policy)).toMatchObject({ step: 'remind', daysBefore: 3 })
  })

  it('lets the warnings of an archived site go out again before its new purge', () => {
    const site = archived({
      archivedAt: plusDays(domainNow, -80),
      trialEndsAt: plusDays(domainNow, -101),
      warned: [14],
    })
    const { after } = extendByOwner(site, policy, fixedContext())
    expect(after).toMatchObject({ warned: [] })
    expect(nextStep(after, policy)).toMatchObject({ step: 'warn', daysBefore: 14 })
  })

  it('gives up what the clock had begun, and the reprieve, which is of no more use', () => {
    const site = { ...under(active(), 'suspend'), reprievedUntil: inTwoDays }
    const { after } = extendByOwner(site, policy, fixedContext())
    expect(after).not.toHaveProperty('operation')
    expect(after).not.toHaveProperty('reprievedUntil')
    expect(extendByOwner(under(suspended(), 'archive'), policy, fixedContext()).after).not.toHaveProperty('operation')
  })

  it('leaves what is decided, and what the owner asked for', () => {
    const { restore, copy } = operations
    expect(extendByOwner(under(archived(), 'restore'), policy, fixedContext()).after).toMatchObject({
      operation: restore,
    })
    expect(extendByOwner(under(active(), 'copy'), policy, fixedContext()).after).toMatchObject({ operation: copy })
  })
})
