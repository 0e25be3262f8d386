import { describe, expect, it } from 'vitest'
import { plusDays } from '../../../../core/instant.ts'
import { remindOwner, skipNotices, warnOwner } from '../../../../core/site/end/notices.ts'
import { dueStep, isDestructive, nextStep } from '../../../../core/site/next-step.ts'
import { siteSchema } from '../../../../core/site/site.ts'
import { domainNow, fixedContext } from '../../../support/fixed-ports.ts'
import { samplePolicy as policy } from '../../../support/sample-policy.ts'
import { active, archived } from '../kept-sites.ts'

describe('a notice', () => {
  it('is noted for the deadline that it is about, with those before it', () => {
    const reminder = remindOwner(active({ reminded: [7] }), 3, fixedContext())
    expect(reminder.after.reminded).toEqual([7, 3])
    expect(reminder.event).toMatchObject({ type: 'SiteReminded', data: { daysBefore: 3, status: 'active' } })
    const warning = warnOwner(archived(), 14, fixedContext())
    expect(warning.after.warned).toEqual([14])
    expect(warning.event).toMatchObject({ type: 'SiteWarned', data: { daysBefore: 14, status: 'archived' } })
  })
  it('that is late is passed over together with the others, and its deadline is next', () => {
    const delayed = [
      active({ reminded: [], trialEndsAt: domainNow }),
      archived({ archivedAt: plusDays(domainNow, -90), warned: [14] }),
    ]
    for (const site of delayed) {
      const { after, event } = skipNotices(site, policy, fixedContext())
      expect(event).toMatchObject({ type: 'SiteNoticesSkipped', data: { status: site.status } })
      expect(nextStep(after, policy)).toEqual(dueStep(site, policy, plusDays(domainNow, 60)))
      expect(nextStep(after, policy)).toSatisfy(isDestructive)
      expect(siteSchema.parse(after)).toEqual(after)
    }
  })

  it('that an archive’s owner never got postpones the purge, and is still sent', () => {
    const site = archived({ archivedAt: plusDays(domainNow, -300), trialEndsAt: plusDays(domainNow, -330), warned: [] })
    const { after } = skipNotices(site, policy, fixedContext())
    expect(nextStep(after, policy)).toEqual({ step: 'warn', daysBefore: 14, dueAt: domainNow })
    expect(dueStep(after, policy, plusDays(domainNow, 13))).toMatchObject({ step: 'warn', daysBefore: 3 })
    expect(dueStep(after, policy, plusDays(domainNow, 14))).toMatchObject({ step: 'purge' })
    expect(siteSchema.parse(after)).toEqual(after)
  })
})
