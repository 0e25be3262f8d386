import { describe, expect, it } from 'vitest'
import { type SiteEvent, siteEventSchema } from '../../../core/events/event.ts'
import { plusDays, plusMilliseconds } from '../../../core/instant.ts'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'
import { dueStep, isDestructive, nextStep } from '../../../core/site/next-step.ts'
import { type Site, siteSchema } from '../../../core/site/site.ts'
import { siteMail } from '../../../lambdas/sites/mail-owner.ts'
import config from '../../../sitewright.config.ts'
import { active, archived, suspended } from '../../core/site/kept-sites.ts'
import { type AnyEventData, requiredData } from '../../support/event-data.ts'
import { domainNow, fixedContext } from '../../support/fixed-ports.ts'
import { samplePolicy as policy, samplePolicies } from '../../support/sample-policy.ts'

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

import { remindOwner, skipNotices, warnOwner } from '../../../lambdas/trials/act-on-deadlines.ts'
import events from '../../fixtures/event.json' with { type: 'json' }

const claimed = events['site-claimed']

const end = '2026-07-15T12:00:00.000Z'

const mailOf = (type: SiteEvent['type'], site: Site, data: AnyEventData = {}, now = end) => {
  return siteMail({
    now,
    event: siteEventSchema.parse({ ...claimed, type, data: { ...claimed.data, ...requiredData(type), ...data } }),
    site,
    to: 'robin@example.com',
    timeZone: 'Europe/Berlin',
    policies: samplePolicies,
    plans: planCatalogue(config.plans),
    brand: 'Sitewright',
    contact: 'hello@example.com',
    consoleUrl: 'https://try.example.com',
    siteUrl: (hostname) => `https://${hostname}/`,
  })
}

const purged = (): Site => {
  const {
    trialEndsAt: _,
    reminded: __,
    extensionsUsed: ___,
    archives: ____,
    archivedAt: _____,
    warned: ______,
    ...kept
  } = archived()
  return { ...kept, status: 'purged', purgedAt: end }
}

describe('siteMail about deadlines', () => {
  it.each([
    [7, 'ends in 7 days'],
    [3, 'ends in 3 days'],
    [1, 'ends in 1 day'],
  ])('%i days before the end: the deadline in their time zone, and one thing to do', (daysBefore, subject) => {
    const site = active({ trialEndsAt: end, reminded: [daysBefore] })
    const mail = mailOf('SiteReminded', site, { daysBefore }, plusDays(end, -daysBefore))
    expect(mail?.subject).toMatch(new RegExp(`^The trial of .* ${subject}$`))
    for (const part of [mail?.text, mail?.html]) expect(part).toContain('Wednesday, 15 July 2026 at 14:00 CEST')
    expect(mail?.links).toEqual([`https://try.example.com/#/sites/${site.id}?part=plans`])
  })

  it('says of a reminder that is late how much is left', () => {
    const site = active({ trialEndsAt: end, reminded: [1] })
    expect(mailOf('SiteReminded', site, { daysBefore: 1 }, plusMilliseconds(end, -3_000_000))?.subject).toMatch(
      /^The trial of .* ends in less than a day$/,
    )
  })

  it.each([
    ['paid for since', active({ plan: 'starter', reminded: [3] })],
    ['extended since', active({ reminded: [] })],
    ['suspended since', suspended()],
  ])('sends no outdated reminder: %s', (_, site) => {
    expect(mailOf('SiteReminded', site, { daysBefore: 3 })).toBeUndefined()
  })

  it.each([
    ['trial-ended', 'is suspended: its trial has ended', 'Then we archive the site'],
    ['operator', 'is suspended', 'We have suspended'],
    ['storage-full', 'is suspended: its storage is full', 'used more storage'],
  ] as const)('of a suspension because of: %s', (suspendedBecause, subject, said) => {
    const site = suspended({ suspendedAt: end, trialEndsAt: end, suspendedBecause })
    const mail = mailOf('SiteSuspended', site)
    expect(mail?.subject).toContain(subject)
    expect(mail?.text).toContain(said)
    expect(mail?.text).toContain('Wednesday, 5 August 2026 at 14:00 CEST')
  })

  it.each(['SiteSuspended', 'SiteDeletionRequested'] as const)(
    'of a deletion, until when it can be revoked: %s',
    (type) => {
      const deletion = { requestedAt: end, by: 'owner' } as const
      const mail = mailOf(type, suspended({ suspendedBecause: 'owner-deletion', deletion }))
      expect(mail?.subject).toContain('will be deleted')
      expect(mail?.text).toContain('Wednesday, 22 July 2026 at 14:00 CEST')
      expect(mail?.text).toContain('Keep your site')
    },
  )

  it('of the archive, and until when it is kept', () => {
    const mail = mailOf('SiteArchived', archived({ archivedAt: end, trialEndsAt: end }))
    expect(mail?.subject).toContain('is archived')
    expect(mail?.text).toContain('Tuesday, 13 October 2026 at 14:00 CEST')
  })

  it.each([14, 3])('%i days before the purge', (daysBefore) => {
    const site = archived({ archivedAt: end, trialEndsAt: end, warned: [daysBefore] })
    const mail = mailOf('SiteWarned', site, { daysBefore }, plusDays(end, 90 - daysBefore))
    expect(mail?.subject).toContain(`will be deleted in ${daysBefore} days`)
    expect(mail?.text).toContain('Tuesday, 13 October 2026 at 14:00 CEST')
  })

  it.each([
    ['held since', archived({ heldSince: end, warned: [3] })],
    ['restored since', active()],
  ])('sends no outdated warning: %s', (_, site) => {
    expect(mailOf('SiteWarned', site, { daysBefore: 3 })).toBeUndefined()
  })

  it('that it is deleted, that it is back, that its trial is longer', () => {
    expect(mailOf('SitePurged', purged())?.subject).toContain('is deleted')
    const back = mailOf('SiteRestored', active({ trialEndsAt: end }))
    expect(back?.text).toContain('Its trial ends on Wednesday, 15 July 2026 at 14:00 CEST')
    expect(back?.links[0]).toMatch(/^https:\/\/.*localhost\/$/)
    const longer = mailOf('TrialExtended', suspended({ trialEndsAt: end }))
    expect(longer?.text).toContain('now ends on Wednesday, 15 July 2026')
    expect(longer?.text).toContain('still suspended')
    expect(mailOf('TrialExtended', archived({ trialEndsAt: end }))?.text).toContain(
      'still archived. You can restore it',
    )
  })

  it.each([
    ['SiteSuspended', suspended, 'we archive it. Then only we can restore it.', '5 August 2026'],
    ['SiteArchived', archived, 'Contact us to keep it.', '13 October 2026'],
    ['SiteWarned', archived, 'Contact us to keep it.', '13 October 2026'],
    ['TrialExtended', suspended, 'still suspended. Contact us to resume it.', '15 July 2026'],
    ['TrialExtended', archived, 'still archived. Contact us to restore it.', '15 July 2026'],
  ] as const)('of a site that an operator suspended, without what its owner cannot do: %s', (type, kept, said, day) => {
    const at = { suspendedAt: end, archivedAt: end, trialEndsAt: end, warned: [14] }
    const data = type === 'SiteWarned' ? { daysBefore: 14 } : {}
    const mail = mailOf(type, kept({ ...at, suspendedBecause: 'operator' }), data)
    expect(mail?.text).toContain(said)
    expect(mail?.text).toContain(day)
    expect(mail?.text).toContain('See your site')
    expect(mail?.text).not.toMatch(/[Yy]ou can|Restore your site|restore it before/)
  })

  it('of the archive of a paid site that an operator suspended', () => {
    const mail = mailOf('SiteArchived', archived({ plan: 'starter', suspendedBecause: 'operator' }))
    expect(mail?.text).toContain('Contact us to restore it.')
    expect(mail?.text).not.toContain('You can restore')
  })

  it.each([
    ['near', 'is almost full'],
    ['full', 'is full'],
  ] as const)('of storage that is %s', (storage, subject) => {
    expect(mailOf('SiteStorageNoted', active({ storage }))?.subject).toContain(subject)
  })

  it('nothing of storage that has room again', () => {
    expect(mailOf('SiteStorageNoted', active())).toBeUndefined()
  })

  it('whom to write to', () => {
    const mail = mailOf('SiteSuspended', suspended({ suspendedBecause: 'operator' }))
    expect(mail?.text).toContain('Questions? Write to hello@example.com.')
  })

  it('with the name of the site in everything, harmless in HTML', () => {
    const mail = mailOf('SitePurged', purged())
    expect(mail?.html).toContain('&amp;')
    expect(mail?.html).not.toMatch(/Meadow & Co|<script/)
  })
})
