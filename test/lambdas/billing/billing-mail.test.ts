import { describe, expect, it } from 'vitest'
import { plusDays } from '../../../core/instant.ts'
import { sayIn } from '../../../core/mail/mail-words.ts'
import { planSchema } from '../../../core/plan/plan.ts'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'
import type { KeptSite } from '../../../core/site/site.ts'
import type { SiteBilling } from '../../../core/site/site-billing.ts'
import { billingMail } from '../../../lambdas/billing/billing-mail.ts'
import { changeBilling } from '../../../lambdas/billing/change-billing.ts'
import { returnPayment } from '../../../lambdas/billing/unwanted-subscriptions.ts'
import { suspendSite } from '../../../lambdas/endings/end-site.ts'
import { endingMail } from '../../../lambdas/endings/ending-mail.ts'
import config from '../../../sitewright.config.ts'
import { active } from '../../core/site/kept-sites.ts'
import { domainNow, fixedContext } from '../../support/fixed-ports.ts'
import { samplePolicies, samplePolicy } from '../../support/sample-policy.ts'
import { billing } from './subscriptions.ts'

const plans = planCatalogue(config.plans)
const at = (instant: string): string => instant.slice(0, 10)
const on = (instant: string): string => `the day ${at(instant)}`
const english = { at, on, say: sayIn(), language: 'en' } as const
const paid = (facts: Partial<SiteBilling> = {}) => active({ plan: 'growth', billing: billing(facts) })
const told = (before: KeptSite, to: SiteBilling) => {
  const change = changeBilling(before, to, samplePolicy, fixedContext())
  if (change === undefined) throw new Error('nothing has changed')
  return billingMail('Tulip', { event: change.event, site: change.after, policies: samplePolicies, plans, ...english })
}
const text = (mail: ReturnType<typeof told>): string => [mail?.subject, ...(mail?.paragraphs ?? [])].join(' ')
const overdue = billing({ state: 'past-due', pastDueSince: domainNow })

describe('billingMail', () => {
  it('announces a purchase once', () => {
    expect(text(told(active(), billing()))).toContain('Thank you for your payment')
    expect(told(paid(), billing({ paidThrough: '2026-07-31T12:00:00.000Z' }))).toBeUndefined()
  })

  it('says of a purchase the plan, its price and the next charge', () => {
    const bought = billing({ paidThrough: '2026-07-31T12:00:00.000Z' })
    const { name, prices } = plans.find(bought.plan)
    const { amount = 0 } =
      prices.find(({ interval, currency }) => interval === bought.interval && currency === bought.currency) ?? {}
    expect(told(active(), bought)?.facts).toEqual([
      ['Plan', name],
      ['List price', `€${(amount / 100).toFixed(2)} a ${bought.interval}`],
      ['Next charge', 'the day 2026-07-31'],
    ])
    expect(told(active(), bought)?.action).toEqual({ text: 'See invoice and receipt', to: 'plans' })
    // An older subscription may have another price.
    expect(told(active({ plan: 'growth', billing: overdue }), bought)?.facts?.map(([label]) => label)).toEqual([
      'Plan',
      'Next charge',
    ])
    expect(told(active(), { ...bought, cancelsAtPeriodEnd: true })?.facts?.map(([label]) => label)).not.toContain(
      'Next charge',
    )
  })

  it.each([
    ['HUF', 'HUF\u00a07,900.00 a month'],
    ['ISK', 'ISK\u00a07,900.00 a month'],
    ['JPY', 'JP¥790,000 a month'],
    ['KWD', 'KWD\u00a0790.000 a month'],
  ])('says a price in %s as Stripe collects it', (currency, said) => {
    const sold = planSchema.parse({
      ...plans.find('growth'),
      prices: [{ amount: 790_000, currency, interval: 'month' }],
    })
    const catalogue = planCatalogue([plans.trial, sold])
    const change = changeBilling(active(), billing({ currency }), samplePolicy, fixedContext())
    if (change === undefined) throw new Error('nothing has changed')
    const facts = { event: change.event, site: change.after, policies: samplePolicies, plans: catalogue, ...english }
    expect(billingMail('Tulip', facts)?.facts).toContainEqual(['List price', said])
  })

  it('announces an overdue payment with its deadline, and its receipt', () => {
    expect(text(told(paid(), overdue))).toContain('runs until 2026-05-08')
    expect(told(active({ plan: 'growth', billing: overdue }), { ...overdue, isDisputed: true })).toBeUndefined()
    const received = told(active({ plan: 'growth', billing: overdue }), billing())
    expect(text(received)).toContain('We received the payment')
    expect(received?.action).toEqual({ text: 'See invoice and receipt', to: 'plans' })
  })

  it('thanks for no payment when staff gave the invoice up', () => {
    const given = billing({ isWrittenOff: true })
    expect(told(active({ plan: 'growth', billing: overdue }), given)).toBeUndefined()
    const ended = billing({ state: 'ended', endedSince: domainNow })
    expect(told(active({ plan: 'growth', billing: ended }), given)).toBeUndefined()
  })

  it('thanks for no payment when a pause ends', () => {
    const paused = billing({ state: 'paused', endedSince: domainNow })
    expect(told(active({ plan: 'growth', billing: paused }), billing())).toBeUndefined()
  })

  it('announces a cancellation, unless the site is deleted', () => {
    expect(text(told(paid(), billing({ cancelsAtPeriodEnd: true })))).toContain('ends on 2026-05-31')
    expect(told(paid(), billing({ cancelsAtPeriodEnd: true, endsWithDeletion: true }))).toBeUndefined()
  })

  it('announces the end with its deadline', () => {
    const ended = billing({ state: 'ended', endedSince: domainNow })
    expect(text(told(paid(), ended))).toContain('runs until 2026-05-31')
  })

  it('sends no end mail if the site is suspended at once', () => {
    const past = { state: 'ended', paidThrough: domainNow, endedSince: domainNow } as const
    const trialEndsAt = plusDays(domainNow, -20)
    expect(told({ ...paid(), trialEndsAt }, billing(past))).toBeUndefined()
    const later = { ...past, paidThrough: plusDays(domainNow, 1) }
    expect(text(told({ ...paid(), trialEndsAt }, billing(later)))).toContain('has ended')
  })

  it('sends nothing about an outdated state', () => {
    const change = changeBilling(paid(), overdue, samplePolicy, fixedContext())
    if (change === undefined) throw new Error('nothing has changed')
    expect(
      billingMail('Tulip', { event: change.event, site: paid(), policies: samplePolicies, plans, ...english }),
    ).toBeUndefined()
  })

  it.each([
    ['second-subscription', 'paid for twice'],
    ['site-purged', 'after it was deleted'],
    ['noticed-too-late', 'too late'],
  ] as const)('gives the reason for a refund: %s', (because, words) => {
    const returned = { amount: 1900, left: 0, currency: 'EUR' }
    const { event, after } = returnPayment(paid(), { subscriptionId: 'sub_2', because, returned }, fixedContext())!
    const mail = billingMail('Tulip', { event, site: after, policies: samplePolicies, plans, ...english })
    expect(mail?.paragraphs[0]).toContain(words)
    expect(mail?.paragraphs[1]).toContain('€19.00')
  })

  it('gives the refunded amount', () => {
    const returned = { amount: 1900, left: 0, currency: 'EUR' }
    const { event, after } = returnPayment(
      paid(),
      { subscriptionId: 'sub_2', because: 'second-subscription', returned },
      fixedContext(),
    )!
    expect(text(billingMail('Tulip', { event, site: after, policies: samplePolicies, plans, ...english }))).toContain(
      '€19.00',
    )
    const nothing = { subscriptionId: 'sub_2', because: 'second-subscription', returned: undefined } as const
    const free = returnPayment(paid(), nothing, fixedContext())!
    expect(
      billingMail('Tulip', { event: free.event, site: paid(), policies: samplePolicies, plans, ...english }),
    ).toBeUndefined()
  })
})

describe('the mail about a suspension', () => {
  it.each([
    ['payment-overdue', 'We have not received the payment for your site Tulip'],
    ['subscription-ended', 'The subscription of your site Tulip has ended'],
  ] as const)('gives the reason %s and the deadline', (because, words) => {
    const ended = billing({ state: 'ended', endedSince: plusDays(domainNow, -1), paidThrough: domainNow })
    const { after, event } = suspendSite(active({ plan: 'growth', billing: ended }), { because }, fixedContext())
    const mail = endingMail('Tulip', { event, site: after, policies: samplePolicies, plans, ...english })
    expect(mail?.paragraphs[0]).toContain(words)
    expect(mail?.paragraphs[1]).toContain('2026-05-22')
  })
})
