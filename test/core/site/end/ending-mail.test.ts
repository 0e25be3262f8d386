import { describe, expect, it } from 'vitest'
import type { SiteEvent } from '../../../../core/events/event.ts'
import { siteEventSchema } from '../../../../core/events/event.ts'
import { siteMail } from '../../../../core/site/mail-owner.ts'
import type { Site } from '../../../../core/site/site.ts'
import events from '../../../fixtures/event.json' with { type: 'json' }
import type { AnyEventData } from '../../../support/event-data.ts'
import { requiredData } from '../../../support/event-data.ts'
import { samplePolicies } from '../../../support/sample-policy.ts'
import { active, archived, suspended } from '../kept-sites.ts'

const claimed = events['site-claimed']

const end = '2026-07-15T12:00:00.000Z'

const mailOf = (type: SiteEvent['type'], site: Site, data: AnyEventData = {}) => {
  return siteMail({
    event: siteEventSchema.parse({ ...claimed, type, data: { ...claimed.data, ...requiredData(type), ...data } }),
    site,
    to: 'robin@example.com',
    timeZone: 'Europe/Berlin',
    policies: samplePolicies,
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

describe('deadlineMail', () => {
  it.each([
    [7, 'ends in 7 days'],
    [3, 'ends in 3 days'],
    [1, 'ends in 1 day'],
  ])('%i days before the end: the deadline in their time zone, and one thing to do', (daysBefore, subject) => {
    const mail = mailOf('SiteReminded', active({ trialEndsAt: end, reminded: [daysBefore] }), { daysBefore })
    expect(mail?.subject).toMatch(new RegExp(`^The trial of .* ${subject}$`))
    for (const part of [mail?.text, mail?.html]) expect(part).toContain('Wednesday, 15 July 2026 at 14:00 CEST')
    expect(mail?.links).toEqual(['https://try.example.com'])
  })

  it.each([
    ['paid for since', active({ plan: 'starter', reminded: [3] })],
    ['extended since', active({ reminded: [] })],
    ['suspended since', suspended()],
  ])('sends no outdated reminder: %s', (_, site) => {
    expect(mailOf('SiteReminded', site, { daysBefore: 3 })).toBeUndefined()
  })

  it.each([
    ['trial-ended', 'is suspended', 'Then we archive the site'],
    ['operator', 'is suspended', 'We have suspended'],
    ['storage-full', 'is suspended', 'uses more storage'],
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
    const mail = mailOf('SiteWarned', site, { daysBefore })
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
