import { describe, expect, it } from 'vitest'
import type { SiteEvent } from '../../../core/events/event.ts'
import { siteEventSchema, siteEventTypes } from '../../../core/events/event.ts'
import type { Site } from '../../../core/site/site.ts'
import { siteMail } from '../../../core/site/site-mail.ts'
import events from '../../fixtures/event.json' with { type: 'json' }
import { requiredData } from '../../support/event-data.ts'
import { samplePolicies } from '../../support/sample-policy.ts'
import { siteSamples } from '../../support/site-samples.ts'

const claimed = events['site-claimed']

const mailOf = (type: SiteEvent['type'], site: Site) =>
  siteMail({
    event: siteEventSchema.parse({ ...claimed, type, data: { ...claimed.data, ...requiredData(type) } }),
    site,
    to: 'robin@example.com',
    brand: 'Sitewright',
    contact: 'hello@example.com',
    policies: samplePolicies,
    consoleUrl: 'http://localhost:4000',
    siteUrl: (hostname) => `http://${hostname}:4000/`,
  })

describe('the mail about a site', () => {
  it('points to the site when it was claimed, and is one message per event', () => {
    const mail = mailOf('SiteClaimed', siteSamples.active)
    expect(mail).toMatchObject({
      id: claimed.id.replace('evt_', 'msg_'),
      to: 'robin@example.com',
      subject: 'Your site Meadow & Co is ready',
      links: ['http://meadow.localhost:4000/'],
    })
    expect(mail?.html).toContain('Meadow &amp; Co')
  })

  it('links to the site that is being built', () => {
    expect(mailOf('SiteRequested', siteSamples.building)).toMatchObject({
      subject: 'We are building your site Harbour & Co',
      links: ['http://harbour.localhost:4000/'],
    })
  })

  it('gives the reason of a failed build and offers another trial', () => {
    const mail = mailOf('SiteFailed', siteSamples.failed)
    expect(mail?.text).toContain(siteSamples.failed.failure.reason)
    expect(mail?.text).toContain('Your trial is still available')
    expect(mail?.links).toEqual(['http://localhost:4000'])
  })

  it('is not sent about an outdated failure', () => {
    expect(mailOf('SiteFailed', siteSamples.active)).toBeUndefined()
  })

  it.each(siteEventTypes)('is not sent for a pooled site: %s', (type) => {
    expect(mailOf(type, siteSamples.ready)).toBeUndefined()
  })

  const telling = [
    'SiteClaimed',
    'SiteRequested',
    'SiteFailed',
    'SiteReminded',
    'SiteSuspended',
    'SiteDeletionRequested',
    'SiteArchived',
    'SiteWarned',
    'SitePurged',
    'SiteRestored',
    'TrialExtended',
    'SiteStorageNoted',
  ]
  it.each(siteEventTypes.filter((type) => !telling.includes(type)))('is not sent for %s', (type) => {
    for (const site of Object.values(siteSamples)) expect(mailOf(type, site)).toBeUndefined()
  })
})
