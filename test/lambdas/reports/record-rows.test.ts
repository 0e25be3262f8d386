import { beforeEach, describe, expect, it } from 'vitest'
import type { DomainEvent, SiteEvent } from '../../../core/events/event.ts'
import { plusMilliseconds } from '../../../core/instant.ts'
import type { ActiveSite } from '../../../core/site/site.ts'
import type { SiteBilling } from '../../../core/site/site-billing.ts'
import type { Session } from '../../../lambdas/accounts/session/session-facts.ts'
import { recordEvent } from '../../../lambdas/reports/record-rows.ts'
import { reportStage } from './report-stage.ts'

let stage: Awaited<ReturnType<typeof reportStage>>
let ada: Session
let site: ActiveSite

beforeEach(async () => {
  stage = await reportStage()
  ada = await stage.signUp('ada@example.com')
  site = (await stage.siteOf(ada.accountId, 'shop', 'Shop')) as ActiveSite
})

const billing: SiteBilling = {
  ...{ subscriptionId: 'sub_1', state: 'active', plan: 'starter', interval: 'month', currency: 'EUR' },
  ...{ cancelsAtPeriodEnd: false, endsWithDeletion: false, isDisputed: false },
}

const paidEvent = (more: Partial<SiteBilling> = {}, type: SiteEvent['type'] = 'SiteBillingChanged'): DomainEvent =>
  ({
    ...{ schemaVersion: 1, id: stage.ports.randomness.id('evt'), type, version: 9, actor: { kind: 'system' } },
    ...{ at: '2026-03-01T13:30:00.000Z', causationId: 'test', aggregate: { type: 'site', id: site.id } },
    data: {
      ...{ status: 'active', plan: 'growth', previousPlan: 'trial', cell: 'local', accountId: ada.accountId },
      ...{ blueprint: { name: 'welcome', version: 1 }, billing: { ...billing, ...more } },
    },
  }) as DomainEvent

const rows = async () => {
  await stage.write()
  return stage.rows('events')
}

describe('the row of an event', () => {
  it('says where its account came from, and names neither account, person nor site', async () => {
    const events = (await stage.eventsOf(ada, site.id)).map((event) =>
      event.type === 'SiteOpened' ? ({ ...event, type: 'SiteClaimed' } as DomainEvent) : event,
    )
    await stage.record(...events)
    const found = await rows()
    expect(found.map(({ type }) => type).toSorted()).toEqual(['AccountOpened', 'SiteClaimed'])
    const [opened, requested] = ['AccountOpened', 'SiteClaimed'].map((type) =>
      found.find((row) => row['type'] === type),
    )
    expect(opened).toMatchObject({ at: '2026-03-01 12:00:00', offer: 'default', signed_up_at: '2026-03-01 12:00:00' })
    expect(requested).toMatchObject({ account: opened?.['account'], plan: 'trial', monthly_amount: '0' })
    const text = JSON.stringify([found, (await stage.everything()).filter((item) => item.includes('"report-row"'))])
    for (const id of [ada.accountId, ada.personId, site.id, ...events.map((event) => event.id), 'ada@']) {
      expect(text).not.toContain(id)
    }
  })

  it('is not written for an account that came with an invitation, until it is opened', async () => {
    const colleague = (await stage.store.accounts.get(ada.accountId))!
    const accounts = { ...stage.ports.accounts, get: async () => ({ ...colleague, invited: true as const }) }
    for (const event of await stage.eventsOf(ada, site.id)) await recordEvent({ ...stage.ports, accounts }, event)
    await stage.record(...(await stage.eventsOf(ada)))
    expect((await rows()).map(({ type }) => type)).toEqual(['AccountOpened'])
  })

  it('is written once, however often and by how many its event is recorded', async () => {
    const events = await stage.eventsOf(ada, site.id)
    await Promise.all([stage.record(...events), stage.record(...events.toReversed()), stage.record(...events)])
    expect(await rows()).toHaveLength(2)
  })

  it.each<[string, Partial<SiteBilling>, string]>([
    ['of a month', {}, '1900'],
    ['of a year as a twelfth', { interval: 'year' }, '1583'],
    ['of a subscription whose payment is overdue', { state: 'past-due' }, '1900'],
    ['of one that has ended as nothing', { state: 'ended' }, '0'],
    ['of one that is paused as nothing', { state: 'paused' }, '0'],
    ['of a plan that is not sold any more as nothing', { plan: 'gone' }, '0'],
    ['of a subscription that keeps an older one', { amount: 1500 }, '1500'],
    [
      'of one whose plan is not sold any more, and that still pays',
      { amount: 9000, interval: 'year', plan: 'gone' },
      '750',
    ],
  ])('has the price %s', async (_, more, amount) => {
    await stage.record(paidEvent(more))
    expect(await rows()).toMatchObject([
      { monthly_amount: amount, currency: 'EUR', plan: 'growth', previous_plan: 'trial', site: expect.any(String) },
    ])
  })

  it('has an amount when an operation began with a payment, and none without a change', async () => {
    await stage.record(paidEvent({}, 'SiteOperationBegun'))
    const [row] = await rows()
    expect(row).toMatchObject({ type: 'SiteOperationBegun', monthly_amount: '1900' })
    const event = paidEvent()
    const { billing: _, ...data } = event.data as SiteEvent['data'] & { billing: unknown }
    await stage.record({ ...event, id: 'evt_01jq3v5k8m0000000000000009', type: 'SiteSuspended', data } as DomainEvent)
    expect((await rows()).find(({ type }) => type === 'SiteSuspended')).not.toHaveProperty('monthly_amount')
    await stage.record({ ...event, id: 'evt_01jq3v5k8m0000000000000008', type: 'SitePurged', data } as DomainEvent)
    expect((await rows()).find(({ type }) => type === 'SitePurged')).toMatchObject({ monthly_amount: '0' })
  })

  it('leaves out a source that looks like the address of a person', async () => {
    const account = (await stage.store.accounts.get(ada.accountId))!
    const ports = {
      ...stage.ports,
      accounts: {
        get: async () => ({
          ...{ ...account, offer: 'schools', variant: 'short' },
          attribution: { source: 'ada@example.com', campaign: 'spring', term: 'not a column' },
        }),
      },
    }
    const { recordEvent } = await import('../../../lambdas/reports/record-rows.ts')
    await recordEvent(ports, paidEvent())
    const [row] = await rows()
    expect(row).toMatchObject({ offer: 'schools', variant: 'short', campaign: 'spring' })
    expect(row).not.toHaveProperty('source')
    expect(row).not.toHaveProperty('term')
  })

  it('is not written for an event of nobody, or of an erased account', async () => {
    await stage.record(...(await stage.eventsOf(ada)))
    const erased = {
      ...(await stage.store.accounts.get(ada.accountId))!,
      closure: { state: 'erased', at: '' },
    } as const
    const reportsUntil = '2026-03-15T12:00:00.000Z'
    await stage.store.personEraser.erasePerson({ ...ada, reportsUntil })
    await stage.store.removeExpired(plusMilliseconds(reportsUntil, 1000))
    const { recordEvent } = await import('../../../lambdas/reports/record-rows.ts')
    await recordEvent({ ...stage.ports, accounts: { get: async () => erased } }, paidEvent())
    const { accountId: _, ...data } = paidEvent().data as SiteEvent['data']
    await stage.record({ ...paidEvent(), data } as DomainEvent)
    expect((await rows()).map(({ type }) => type)).toEqual(['AccountOpened'])
  })
})
