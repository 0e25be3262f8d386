import { describe, expect, it } from 'vitest'
import type { SiteEvent } from '../../../core/events/event.ts'
import { siteEventSchema } from '../../../core/events/event.ts'
import type { MailMessage } from '../../../core/ports/delivery.ts'
import type { Site } from '../../../core/site/site.ts'
import type { MailOwnerPorts } from '../../../lambdas/events/mail-owner.ts'
import { mailOwner } from '../../../lambdas/events/mail-owner.ts'
import { requiredData } from '../../support/event-data.ts'

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
const failed: Site = { ...base, status: 'failed', failure: { step: 'ready', reason: 'It did not come up.', at: start } }

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
  event: SiteEvent,
  { site = active, hasOwner = true, times = 1 }: { site?: Site | undefined; hasOwner?: boolean; times?: number } = {},
): Promise<readonly MailMessage[]> => {
  const sent: MailMessage[] = []
  const ports = {
    sites: { get: async () => site },
    accounts: { getOwner: async () => (hasOwner ? { email: 'ada@example.com' } : undefined) },
    mailer: { send: async (message: MailMessage) => sent.push(message) },
    brand: 'Sitewright',
    contact: 'hello@example.com',
    consoleUrl: 'https://console.example',
    siteUrl: (hostname: string) => `https://${hostname}`,
  } as unknown as MailOwnerPorts
  for (let time = 0; time < times; time += 1) {
    await mailOwner(ports, event)
  }
  return sent
}

describe('an owner', () => {
  it.each([
    ['SiteClaimed', active, 'Your site Ada <3 is ready', 'https://ada.localhost'],
    ['SiteRequested', active, 'We are building your site Ada <3', 'https://ada.localhost'],
    ['SiteFailed', failed, 'Your site Ada <3 could not be built', 'https://console.example'],
  ] as const)('gets a mail about %s with a link', async (type, site, subject, link) => {
    const [mail, ...others] = await mailsFor(eventOf(type, site.status), { site })
    expect(others).toEqual([])
    expect(mail).toMatchObject({ to: 'ada@example.com', subject, links: [link] })
    expect(mail?.html).not.toContain('<3')
  })

  it('gets the reason of a failed build', async () => {
    const [mail] = await mailsFor(eventOf('SiteFailed', 'failed'), { site: failed })
    expect(mail?.text).toContain('It did not come up.')
  })

  it('gets one mail for a repeated event', async () => {
    const mails = await mailsFor(eventOf('SiteClaimed', 'active'), { times: 3 })
    expect(new Set(mails.map(({ id }) => id))).toEqual(new Set(['msg_01jq3v5k8m0000000000000000']))
  })

  it.each(['SiteOpened', 'SiteMoved', 'SiteBuildAdvanced'] as const)('gets no mail about %s', async (type) => {
    expect(await mailsFor(eventOf(type, 'active'))).toEqual([])
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
