import { describe, expect, it } from 'vitest'
import { type DomainEvent, type SiteEvent, siteEventSchema, siteEventTypes } from '../../../core/events/event.ts'
import { plusMilliseconds } from '../../../core/instant.ts'
import { mailIdOf, messageIdOf } from '../../../core/mail/mail-message.ts'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'
import type { MailMessage } from '../../../core/ports/delivery.ts'
import type { Relocation } from '../../../core/site/relocation.ts'
import type { FailedSite, Site } from '../../../core/site/site.ts'
import type { Account } from '../../../lambdas/accounts/account.ts'
import { type MailOwnerPorts, mailOwner, siteMail } from '../../../lambdas/sites/mail-owner.ts'
import config from '../../../sitewright.config.ts'
import events from '../../fixtures/event.json' with { type: 'json' }
import { requiredData } from '../../support/event-data.ts'
import { noOffers } from '../../support/no-offers.ts'
import { samplePolicies } from '../../support/sample-policy.ts'
import { siteSamples } from '../../support/site-samples.ts'
import { billing } from '../billing/subscriptions.ts'

const start = '2026-01-31T09:30:00.000Z'
const siteId = 'site_01jq3v5k8m0000000000000000'
const accountId = 'acct_01jq3v5k8m0000000000000000'

const base = {
  schemaVersion: 1,
  id: siteId,
  version: 2,
  cell: 'local',
  plan: 'trial',
  blueprint: { name: 'welcome', version: 1 },
  policyVersion: 1,
  createdAt: start,
  completedSteps: [],
  generation: 1,
  ownership: { accountId, slug: 'ada', hostname: 'ada.localhost', name: 'Ada <3', since: start },
} as const
const active: Site = {
  ...base,
  status: 'active',
  endpoint: { host: '127.0.0.1', port: 1 },
  trialEndsAt: start,
  reminded: [],
  extensionsUsed: 0,
  archives: [],
}
const building: Site = { ...siteSamples.building, id: siteId, ownership: base.ownership }
const failed: FailedSite = {
  ...base,
  status: 'failed',
  failure: { step: 'ready', reason: 'It did not come up.', at: start },
}

const eventOf = (type: SiteEvent['type'], status: string, owned = true): SiteEvent =>
  siteEventSchema.parse({
    schemaVersion: 1,
    id: 'evt_01jq3v5k8m0000000000000000',
    type,
    aggregate: { type: 'site', id: siteId },
    version: 2,
    at: start,
    actor: { kind: 'system' },
    causationId: 'req_1',
    data: {
      status,
      plan: 'trial',
      cell: 'local',
      blueprint: { name: 'welcome', version: 1 },
      ...requiredData(type),
      ...(owned ? { accountId } : {}),
    },
  })

/** The mails of this event, delivered so many times. */
const mailsFor = async (
  event: DomainEvent,
  {
    site = active,
    hasOwner = true,
    times = 1,
    closure,
  }: { site?: Site; hasOwner?: boolean; times?: number; closure?: Account['closure'] } = {},
): Promise<readonly MailMessage[]> => {
  const sent: MailMessage[] = []
  const ports = {
    sites: { get: async () => site },
    accounts: {
      getOwner: async () => (hasOwner ? { email: 'ada@example.com' } : undefined),
      get: async () => ({ closure }),
    },
    mailer: { send: async (message: MailMessage) => sent.push(message) },
    brand: 'Sitewright',
    contact: 'hello@example.com',
    consoleUrl: 'https://console.example',
    offers: noOffers,
    siteUrl: (hostname: string) => `https://${hostname}`,
    policies: samplePolicies,
    clocks: { domain: () => start },
  } as unknown as MailOwnerPorts
  for (let time = 0; time < times; time += 1) {
    await mailOwner(ports, event)
  }
  return sent
}

const rehearsedOf = (relocation: Relocation): Relocation => ({
  ...relocation,
  forecast: { seconds: 60, rehearsedAt: start, blueprint: siteSamples.active.blueprint },
})

describe('an owner', () => {
  const cancelled = 'The change of Ada <3 is cancelled'
  const draft: Relocation = {
    ...{ revision: 2, state: 'draft', target: { cell: 'fast' }, confirmDays: 14, draftedBy: 'op-1' },
    window: { from: plusMilliseconds(start, 1), until: plusMilliseconds(start, 2), timeZone: 'UTC' },
  }
  const late: Relocation = { ...rehearsedOf(draft), window: { from: start, until: start, timeZone: 'UTC' } }
  const rehearsed = rehearsedOf(draft)
  it.each([
    ['RelocationWithdrawn', 'was accepted', { wasAccepted: true }, undefined, [cancelled]],
    ['RelocationWithdrawn', 'was not accepted', {}, undefined, []],
    ['RelocationDrafted', 'was accepted before another target', { wasAccepted: true }, draft, [cancelled]],
    ['RelocationDrafted', 'was accepted, and is withdrawn by now', { wasAccepted: true }, undefined, [cancelled]],
    ['RelocationDrafted', 'was not accepted', {}, draft, []],
    [
      'RelocationDrafted',
      'was rehearsed',
      { wasAccepted: true },
      rehearsed,
      [expect.stringContaining('Please accept')],
    ],
    ['RelocationDrafted', 'was rehearsed, too late to be accepted', {}, late, []],
    ['RelocationDrafted', 'is accepted again', { wasAccepted: true }, { ...rehearsed, state: 'accepted' as const }, []],
  ] as const)('hears by %s of a relocation that %s', async (type, _, detail, relocation, subjects) => {
    const event = eventOf(type, 'active')
    const told = siteEventSchema.parse({ ...event, data: { ...event.data, ...detail } })
    const site = { ...active, ...(relocation && { relocation }) }
    expect((await mailsFor(told, { site })).map(({ subject }) => subject)).toEqual(subjects)
  })

  it.each([
    ['SiteClaimed', active, 'Your site Ada <3 is ready', 'https://ada.localhost'],
    ['SiteRequested', building, 'We are building your site Ada <3', 'https://ada.localhost'],
    ['PreparedSiteClaimed', building, 'We are building your site Ada <3', 'https://ada.localhost'],
    ['SiteFailed', failed, 'Your site Ada <3 could not be built', 'https://console.example'],
  ] as const)('gets a mail about %s with a link', async (type, site, subject, link) => {
    const [mail, ...others] = await mailsFor(eventOf(type, site.status), { site })
    expect(others).toEqual([])
    expect(mail).toMatchObject({ to: 'ada@example.com', siteId, subject, links: [link] })
    expect(mail?.html).not.toContain('<3')
  })

  it('is promised no trial when the import of a site failed', async () => {
    const imported: Site = { ...failed, failure: { ...failed.failure, cause: 'unknown' } }
    const [mail] = await mailsFor(eventOf('SiteFailed', 'failed'), { site: imported })
    expect(mail?.text).toContain('Contact us to have it built again.')
    expect(mail?.text).not.toContain('trial')
  })

  it.each(['SiteClaimed', 'SiteRequested', 'SiteRestored'] as const)(
    'is not told by %s that a site runs which does not',
    async (type) => {
      const down: Site = { ...siteSamples.suspended, ownership: base.ownership }
      expect(await mailsFor(eventOf(type, 'active'), { site: down })).toEqual([])
    },
  )

  it('gets one mail for a repeated event', async () => {
    const mails = await mailsFor(eventOf('SiteClaimed', 'active'), { times: 3 })
    expect(new Set(mails.map(({ id }) => id))).toEqual(new Set(['msg_01jq3v5k8m0000000000000000']))
  })

  it.each(['SiteOpened', 'SiteMoved', 'SiteBuildAdvanced'] as const)('gets no mail about %s', async (type) => {
    expect(await mailsFor(eventOf(type, 'active'))).toEqual([])
  })
})

describe('a direct debit', () => {
  const notice = (type: string, about: object = { siteId }) =>
    ({
      ...{ schemaVersion: 1, id: 'evt_01jq3v5k8m0000000000000000', version: 1, at: start, causationId: 'evt_1' },
      ...{ type: 'PaymentNoticed', aggregate: { type: 'payment', id: 'evt_1' }, actor: { kind: 'system' } },
      data: { type, isLive: true, ...about },
    }) as DomainEvent
  const failure = 'checkout.session.async_payment_failed'
  const paid: Site = { ...active, billing: billing() }

  it('that the bank declined is told to the owner, once for a repeated event', async () => {
    for (const site of [active, { ...active, billing: billing({ state: 'ended' }) }]) {
      const mails = await mailsFor(notice(failure), { site, times: 2 })
      expect(new Set(mails.map(({ id, subject }) => `${id} ${subject}`))).toEqual(
        new Set(['msg_01jq3v5k8m0000000000000000 The payment for Ada <3 was declined']),
      )
      expect(mails[0]?.links).toEqual([`https://console.example/#/sites/${siteId}?part=plans`])
    }
  })

  const deletion = { requestedAt: start, by: 'owner' } as const
  it.each([
    ['is accepted', notice('checkout.session.async_payment_succeeded'), active],
    ['is of no site', notice(failure, {}), active],
    ['failed for a site that is paid for by now', notice(failure), paid],
    ['failed for a site that is deleted', notice(failure), { ...siteSamples.suspended, deletion }],
    ['failed for a site that is gone', notice(failure), siteSamples.purged],
  ] as const)('has no mail if it %s', async (_, event, site) => {
    expect(await mailsFor(event, { site })).toEqual([])
  })
})

describe('a deletion', () => {
  const ended: Site = { ...siteSamples.suspended, ownership: base.ownership, suspendedBecause: 'owner-deletion' }
  const site: Site = { ...ended, deletion: { requestedAt: start, by: 'owner' } }
  const suspension = eventOf('SiteSuspended', 'suspended')
  const of = siteEventSchema.parse({ ...suspension, data: { ...suspension.data, because: 'owner-deletion' } })
  const closure = { state: 'closed', at: start, until: '2026-02-07T09:30:00.000Z' } as const
  const events = [of, eventOf('SiteDeletionRequested', 'suspended')] as const

  it.each(events)('of one site is told to its owner: $type', async (event) => {
    const subjects = ['Your site Ada <3 will be deleted']
    expect((await mailsFor(event, { site })).map(({ subject }) => subject)).toEqual(subjects)
    // It was requested before the closure, and stays if that is cancelled.
    const later = { ...closure, at: plusMilliseconds(start, 1) }
    expect((await mailsFor(event, { site, closure: later })).map(({ subject }) => subject)).toEqual(subjects)
    // That has no mail.
    const { until: _, ...silent } = closure
    expect((await mailsFor(event, { site, closure: silent })).map(({ subject }) => subject)).toEqual(subjects)
  })

  it.each(events)('of all sites of an account is told by the mail about that alone: $type', async (event) => {
    expect(await mailsFor(event, { site, closure })).toEqual([])
  })

  it('hides no suspension that has another reason', async () => {
    const overdue: Site = { ...site, suspendedBecause: 'trial-ended' }
    const subjects = (await mailsFor(suspension, { site: overdue, closure })).map(({ subject }) => subject)
    expect(subjects).toEqual(['Your site Ada <3 is suspended: its trial has ended'])
  })
})

describe('a site that does not run', () => {
  const { endpoint: _, ...down } = active
  const { endpoint: __, ...rest } = active
  const asleep: Site = { ...rest, status: 'asleep', asleepSince: start }
  const ended = (operation: string, outcome: string, at = start): SiteEvent => {
    const event = eventOf('SiteOperationEnded', 'asleep')
    return siteEventSchema.parse({ ...event, at, data: { ...event.data, operation, outcome } })
  }

  it('is told to its owner after five minutes', async () => {
    const [mail] = await mailsFor(eventOf('SiteDown', 'active'), { site: down })
    expect(mail).toMatchObject({
      subject: 'Your site Ada <3 does not answer',
      links: [`https://console.example/#/sites/${down.id}`],
    })
  })

  it('is not told if it answers by now', async () => {
    expect(await mailsFor(eventOf('SiteDown', 'active'))).toEqual([])
  })

  it('is told once a day if it did not wake', async () => {
    const mails = [
      ...(await mailsFor(ended('wake', 'failed'), { site: asleep })),
      ...(await mailsFor(ended('wake', 'failed', '2026-01-31T23:00:00.000Z'), { site: asleep })),
      ...(await mailsFor(ended('wake', 'failed', '2026-02-01T00:00:00.000Z'), { site: asleep })),
    ]
    expect(mails[0]?.subject).toBe('Your site Ada <3 did not wake')
    // A blueprint's own times or a plan that never sleeps wake it as well.
    expect(mails[0]?.text).not.toContain('visitor')
    expect(new Set(mails.map(({ id }) => id)).size).toBe(2)
  })

  it.each([
    ['a wake that was done', ended('wake', 'done'), asleep],
    ['another operation that failed', ended('copy', 'failed'), asleep],
    ['a failed wake of a site that runs by now', ended('wake', 'failed'), active],
  ])('is not told for %s', async (_case, event, site) => {
    expect(await mailsFor(event, { site })).toEqual([])
  })
})

describe('no mail', () => {
  it('is sent about a pool site', async () => {
    expect(await mailsFor(eventOf('SiteRequested', 'building', false))).toEqual([])
  })

  it('is sent if the owner is gone', async () => {
    expect(await mailsFor(eventOf('SiteClaimed', 'active'), { hasOwner: false })).toEqual([])
  })
})

const claimed = events['site-claimed']

const mailOf = (type: SiteEvent['type'], site: Site) =>
  siteMail({
    event: siteEventSchema.parse({ ...claimed, type, data: { ...claimed.data, ...requiredData(type) } }),
    site,
    now: start,
    to: 'robin@example.com',
    brand: 'Sitewright',
    contact: 'hello@example.com',
    policies: samplePolicies,
    plans: planCatalogue(config.plans),
    consoleUrl: 'http://localhost:4000',
    siteUrl: (hostname) => `http://${hostname}:4000/`,
  })

describe('the mail about a site', () => {
  it('gives the reason of a failed build and offers another trial', () => {
    const mail = mailOf('SiteFailed', siteSamples.failed)
    expect(mail?.text).toContain(siteSamples.failed.failure.reason)
    expect(mail?.text).toContain('Your trial is still available')
  })

  it('is not sent about an outdated failure', () => {
    expect(mailOf('SiteFailed', siteSamples.active)).toBeUndefined()
  })

  it.each(siteEventTypes)('is not sent for a pooled site: %s', (type) => {
    expect(mailOf(type, siteSamples.ready)).toBeUndefined()
  })

  it.each(siteEventTypes)('has an id that SES takes for a tag: %s', (type) => {
    // Source: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_MessageTag.html
    const tag = /^[A-Za-z0-9_-]{1,256}$/
    expect(mailIdOf(eventOf(type, 'active'))).toMatch(tag)
    expect(messageIdOf(type, 'ada@example.com', start)).toMatch(tag)
  })

  const telling = [
    'SiteClaimed',
    'PreparedSiteClaimed',
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
    'SiteDown',
    'SiteSupportEntered',
    'RelocationMissed',
  ]
  it('is sent for an entry of support into an environment', async () => {
    const site = { ...active, environmentOf: { siteId: active.id, name: 'qa' } }
    const [mail] = await mailsFor(eventOf('SiteSupportEntered', 'active', false), { site })
    expect(mail?.subject).toBe(`Our support team views your site ${active.ownership.name}`)
  })

  it.each(siteEventTypes.filter((type) => !telling.includes(type)))('is not sent for %s', (type) => {
    for (const site of Object.values(siteSamples)) expect(mailOf(type, site)).toBeUndefined()
  })
})
