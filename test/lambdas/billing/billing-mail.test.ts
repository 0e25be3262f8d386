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
import { active, suspended } from '../../core/site/kept-sites.ts'
import { domainNow, fixedContext } from '../../support/fixed-ports.ts'
import { samplePolicies, samplePolicy } from '../../support/sample-policy.ts'
import { billing } from './subscriptions.ts'

const plans = planCatalogue(config.plans)
const at = (instant: string): string => instant.slice(0, 10)
const on = (instant: string): string => `the day ${at(instant)}`
const english = { now: domainNow, at, on, say: sayIn(), language: 'en' } as const
const paid = (facts: Partial<SiteBilling> = {}) => active({ plan: 'growth', billing: billing(facts) })
const told = (before: KeptSite, to: SiteBilling) => {
  const change = changeBilling(before, to, samplePolicy, fixedContext())
  if (change === undefined) throw new Error('nothing has changed')
  return billingMail('Tulip', { event: change.event, site: change.after, policies: samplePolicies, plans, ...english })
}
const text = (mail: ReturnType<typeof told>): string => [mail?.subject, ...(mail?.paragraphs ?? [])].join(' ')
/** Long enough ago for everything to have ended. */
const long = plusDays(domainNow, -60)
const overdue = billing({ state: 'past-due', pastDueSince: domainNow, paidThrough: domainNow })

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
      ['Price without discounts', `€${(amount / 100).toFixed(2)} a ${bought.interval}`],
      ['Next charge', 'the day 2026-07-31'],
    ])
    expect(told(active(), bought)?.action).toEqual({ text: 'See invoice and receipt', to: 'plans' })
    // An older subscription may have another price, which Stripe says unless it is no whole amount.
    const older = active({ plan: 'growth', billing: overdue })
    expect(told(older, { ...bought, amount: 1250 })?.facts?.[1]).toEqual([
      'Price without discounts',
      `€12.50 a ${bought.interval}`,
    ])
    expect(told(older, bought)?.facts?.map(([label]) => label)).toEqual(['Plan', 'Next charge'])
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
    expect(billingMail('Tulip', facts)?.facts).toContainEqual(['Price without discounts', said])
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

  it('says nothing about payments of a site that is deleted', () => {
    const deletion = { requestedAt: domainNow, by: 'owner' } as const
    const deleted = (facts: SiteBilling) => suspended({ plan: 'growth', billing: facts, deletion })
    expect(told(deleted(overdue), billing())).toBeUndefined()
    expect(told(deleted(billing()), overdue)).toBeUndefined()
  })

  it('announces a cancellation, unless the site is deleted', () => {
    expect(text(told(paid(), billing({ cancelsAtPeriodEnd: true })))).toContain('ends on 2026-05-31')
    expect(told(paid(), billing({ cancelsAtPeriodEnd: true, endsWithDeletion: true }))).toBeUndefined()
  })

  it('says what follows a cancellation only where it does, and nothing once it is renewed', () => {
    const ending = billing({ cancelsAtPeriodEnd: true })
    expect(text(told(paid(), ending))).toContain('After that we suspend it and keep its data')
    const contract = { number: '4711', firstDay: '2026-01-01', lastDay: '2027-01-01' }
    expect(text(told({ ...paid(), contract }, ending))).not.toContain('suspend')
    const byOperator = told({ ...paid(), plan: 'enterprise' }, ending)
    expect(text(byOperator)).toContain('ends on 2026-05-31')
    expect(text(byOperator)).not.toContain('suspend')
    const down = suspended({ plan: 'growth', billing: billing(), suspendedBecause: 'operator' })
    expect(text(told(down, ending))).not.toContain('runs')
    const change = changeBilling(paid(), ending, samplePolicy, fixedContext())
    if (change === undefined) throw new Error('nothing has changed')
    const renewed = { event: change.event, site: paid(), policies: samplePolicies, plans, ...english }
    expect(billingMail('Tulip', renewed)).toBeUndefined()
  })

  it('promises nothing about a failed payment of a site that is suspended for another reason', () => {
    const down = suspended({ plan: 'growth', billing: billing(), suspendedBecause: 'operator' })
    expect(text(told(down, overdue))).toContain('check your card')
    expect(text(told(down, overdue))).not.toContain('runs until')
  })

  it('calls a subscription that staff paused paused, and offers no plan', () => {
    const paused = billing({ state: 'paused', endedSince: domainNow })
    expect(text(told(paid(), paused))).toMatch(/^The subscription of Tulip is paused .* Contact us to resume/)
    expect(text(told(paid(), paused))).not.toContain('Choose a plan')
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
    expect(mail?.paragraphs[1]).toBe('To use it again, choose a plan.')
    expect(mail?.paragraphs[2]).toContain('2026-05-22')
  })

  const ways = [
    ['an extension is left', { trialEndsAt: domainNow }, 'choose a plan, or extend the trial by 7 days'],
    ['it is used', { trialEndsAt: domainNow, extensionsUsed: 1 }, 'To use it again, choose a plan.'],
    [
      'an invoice is open',
      { plan: 'growth', billing: { ...overdue, pastDueSince: long, paidThrough: long } },
      'Pay the open invoice',
    ],
    [
      'the subscription is paused',
      { plan: 'growth', billing: billing({ state: 'paused', endedSince: long, paidThrough: long }) },
      'Contact us to resume the subscription.',
    ],
  ] as const
  it.each(ways)('says what brings the site back: %s', (_, facts, words) => {
    const before = active({ trialEndsAt: long, ...facts })
    const because = 'billing' in facts ? 'subscription-ended' : 'trial-ended'
    const { after, event } = suspendSite(before, { because }, fixedContext())
    const mail = endingMail('Tulip', { event, site: after, policies: samplePolicies, plans, ...english })
    expect(text(mail)).toContain(words)
  })

  it('of a deletion says what becomes of the subscription, if it was to be renewed', () => {
    const deletion = { requestedAt: domainNow, by: 'owner' } as const
    const mailOf = (facts: Partial<SiteBilling>) => {
      const { after, event } = suspendSite(paid(facts), { because: 'owner-deletion', deletion }, fixedContext())
      return text(endingMail('Tulip', { event, site: after, policies: samplePolicies, plans, ...english }))
    }
    expect(mailOf({})).toContain('Its subscription is not renewed any more.')
    for (const cancelsAtPeriodEnd of [false, true])
      expect(mailOf({ ...overdue, cancelsAtPeriodEnd })).toContain('We do not try again to collect the payment')
    expect(mailOf({ cancelsAtPeriodEnd: true })).not.toContain('subscription')
  })
})
