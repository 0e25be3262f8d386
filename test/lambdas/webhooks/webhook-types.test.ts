import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type DomainEvent, eventSchema } from '../../../core/events/event.ts'
import { matchesPattern } from '../../../core/events/event-pattern.ts'
import { siteChange } from '../../../core/site/lifecycle.ts'
import { type SiteBilling, siteBillingSchema } from '../../../core/site/site-billing.ts'
import { purgeSite } from '../../../lambdas/endings/purge-site.ts'
import { eventsOf } from '../../../lambdas/manifest.ts'
import { sendWebhooks } from '../../../lambdas/webhooks/functions.ts'
import { webhookBodySchema, webhooksOf, webhookTypes } from '../../../lambdas/webhooks/webhook-types.ts'
import { archived, under } from '../../core/site/kept-sites.ts'
import { fixedContext } from '../../support/fixed-ports.ts'

const stored = JSON.parse(readFileSync(new URL('../../fixtures/event.json', import.meta.url), 'utf8')) as object
const events: readonly DomainEvent[] = Object.values(stored).map((event) => eventSchema.parse(event))
const accountId = 'acct_01jq3v5k8m0000000000000000' as const
const typesOf = (event: DomainEvent) => webhooksOf(event).map(({ type }) => type)

const eventOf = (type: DomainEvent['type'], data: object = {}): DomainEvent => {
  const found = events.find((event) => event.type === type)
  return { ...found, data: { ...found?.data, accountId, ...data } } as DomainEvent
}

const billing = {
  ...{ subscriptionId: 'sub_1', state: 'active', plan: 'starter', interval: 'month', currency: 'EUR' },
  ...{ cancelsAtPeriodEnd: false, endsWithDeletion: false, isDisputed: false },
}

const simple: readonly (readonly [DomainEvent['type'], string])[] = [
  ['AccountOpened', 'account.created'],
  ['AccountClosed', 'account.closed'],
  ['AccountReopened', 'account.reopened'],
  ['AccountErased', 'person.erased'],
  ['MarketingConsentGiven', 'consent.given'],
  ['MarketingConsentWithdrawn', 'consent.withdrawn'],
  ['SiteRequested', 'site.created'],
  ['SiteClaimed', 'site.created'],
  ['PreparedSiteClaimed', 'site.created'],
  ['SiteFailed', 'site.failed'],
  ['SiteSuspended', 'site.suspended'],
  ['SiteArchived', 'site.archived'],
  ['SiteRestored', 'site.restored'],
  ['SitePurged', 'site.purged'],
  ['SiteReminded', 'trial.ending'],
  ['TrialExtended', 'trial.extended'],
]

describe('the webhooks of a domain event', () => {
  it.each(simple)('%s is %s', (type, webhook) => {
    expect(typesOf(eventOf(type))).toEqual([webhook])
  })

  it.each([
    [undefined, {}, 'subscription.started'],
    [{ state: 'ended' }, {}, 'subscription.started'],
    [{ subscriptionId: 'sub_0' }, {}, 'subscription.started'],
    [{}, { state: 'past-due' }, 'subscription.past-due'],
    [{ state: 'past-due' }, {}, 'subscription.recovered'],
    [{ state: 'paused' }, {}, 'subscription.recovered'],
    [{ state: 'paused', subscriptionId: 'sub_0' }, {}, 'subscription.started'],
    [{}, { cancelsAtPeriodEnd: true, endsWithDeletion: true }, 'subscription.cancelled'],
    [{ isWrittenOff: true }, { isWrittenOff: true, cancelsAtPeriodEnd: true }, 'subscription.cancelled'],
    [{ cancelsAtPeriodEnd: true }, {}, 'subscription.reactivated'],
    [{}, { state: 'ended' }, 'subscription.ended'],
    [{}, { state: 'paused' }, 'subscription.ended'],
  ] as const)('a subscription that was %j and is %j is %s', (before, after, type) => {
    const data = { billing: { ...billing, ...after }, previousBilling: before && { ...billing, ...before } }
    expect(typesOf(eventOf('SiteBillingChanged', data))).toEqual([type])
    expect(typesOf(eventOf('SiteOperationBegun', data))).toEqual([type])
    expect(typesOf(eventOf('SiteResumed', data))).toEqual(['site.resumed', type])
    expect(typesOf(eventOf('SitePlanChanged', data))).toEqual(['site.plan-changed', type])
  })

  it.each([
    [{}, {}],
    [{ state: 'past-due' }, { state: 'past-due' }],
    [{ cancelsAtPeriodEnd: true }, { cancelsAtPeriodEnd: true }],
    [{ state: 'past-due' }, { isWrittenOff: true }],
    [{ state: 'ended' }, { isWrittenOff: true }],
    [{ isWrittenOff: true }, {}],
  ] as const)('a subscription that was %j and is %j is none', (before, after) => {
    const data = { billing: { ...billing, ...after }, previousBilling: { ...billing, ...before } }
    expect(typesOf(eventOf('SiteBillingChanged', data))).toEqual([])
  })

  it('say that a subscription ended with its site, once', () => {
    const purgedOf = (facts: Partial<SiteBilling>) => {
      const site = under(
        archived({ plan: 'starter', billing: siteBillingSchema.parse({ ...billing, ...facts }) }),
        'purge',
      )
      const { event, after } = purgeSite(site, fixedContext())
      const again = { ...after, version: after.version + 1 }
      const details = { because: 'site-purged', returned: { subscriptionId: 'sub_1' } }
      const late = siteChange({ transition: 'returnPayment', before: after, after: again, details }, fixedContext())
      expect(typesOf(late.event)).toEqual([])
      return webhooksOf(event)
    }
    for (const facts of [{}, { state: 'past-due' }, { cancelsAtPeriodEnd: true }] as const) {
      const [purged, ended] = purgedOf(facts)
      expect([purged?.type, ended?.type]).toEqual(['site.purged', 'subscription.ended'])
      expect(ended?.details).toEqual({ interval: 'month', currency: 'EUR' })
    }
    for (const state of ['ended', 'paused'] as const) {
      expect(purgedOf({ state }).map(({ type }) => type)).toEqual(['site.purged'])
    }
  })

  it('are none for the reminder of a site that pays', () => {
    expect(typesOf(eventOf('SiteReminded', { plan: 'starter' }))).toEqual([])
  })

  it('are none for a site of the pool', () => {
    for (const event of events.filter(({ aggregate }) => aggregate.type === 'site')) {
      const { accountId: _, ...data } = event.data as { accountId?: string }
      expect(webhooksOf({ ...event, data } as DomainEvent)).toEqual([])
    }
  })

  it('have ids that differ by type, and stay', () => {
    const event = eventOf('SiteResumed', { billing })
    const ids = webhooksOf(event).map(({ id }) => id)
    expect(new Set(ids).size).toBe(2)
    expect(webhooksOf(event).map(({ id }) => id)).toEqual(ids)
  })

  it('hold what an operator wrote nowhere', () => {
    const text = 'a reason that names somebody'
    for (const { type } of events)
      expect(JSON.stringify(webhooksOf(eventOf(type, { reason: text })))).not.toContain(text)
  })

  it('reach the function: its patterns match every event that has one, once', () => {
    for (const { type } of events) {
      const event = eventOf(type, type === 'SiteOperationBegun' ? { billing } : {})
      const delivery = { source: 'sitewright', 'detail-type': type, detail: event }
      const matching = eventsOf(sendWebhooks).filter(({ events: pattern }) => matchesPattern(delivery, pattern))
      if (webhooksOf(event).length > 0) expect([type, matching.length]).toEqual([type, 1])
      else expect(matching.length).toBeLessThanOrEqual(1)
    }
  })
})

it.each(webhookTypes)('the body of %s has a form', (type) => {
  const site = { id: 'site_01jq3v5k8m0000000000000000', name: null, url: null, status: 'active', plan: 'trial' }
  const data = {
    account: { id: accountId, email: null, marketingConsent: false },
    ...(/^(site|trial|subscription)/.test(type) && { site }),
  }
  const body = { type, timestamp: '2026-03-01T12:00:00.000Z', data }
  expect(webhookBodySchema(type).parse(body)).toEqual(body)
})
