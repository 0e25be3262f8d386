import { describe, expect, it } from 'vitest'
import { type KeptSite, type PurgedSite, siteSchema } from '../../../core/site/site.ts'
import {
  isRefundDue,
  refundsToFollow,
  returnPayment,
  secondSubscriptions,
} from '../../../lambdas/billing/unwanted-subscriptions.ts'
import { active } from '../../core/site/kept-sites.ts'
import { dataOf } from '../../support/event-data.ts'
import { domainNow, fixedContext } from '../../support/fixed-ports.ts'
import { siteSamples } from '../../support/site-samples.ts'
import { billing, sold, subscription } from './subscriptions.ts'

describe('a payment that is given back', () => {
  it('is noted, with the subscription and the amount, also of a site that is gone', () => {
    for (const site of [active(), siteSamples.purged]) {
      const returned = { subscriptionId: 'sub_2', amount: 1900, currency: 'EUR' }
      const done = {
        subscriptionId: 'sub_2',
        because: 'site-purged',
        returned: { amount: 1900, left: 0, currency: 'EUR' },
      } as const
      const made = returnPayment(site, done, fixedContext())!
      const noted = [{ subscriptionId: 'sub_2', because: 'site-purged', amount: 1900 }]
      expect(made.after).toEqual({ ...site, version: site.version + 1, returned: noted })
      expect(made.event).toMatchObject({ type: 'SitePaymentReturned', data: { because: 'site-purged', returned } })
    }
  })

  it('is noted once, however many events there are, and a later return by what it adds', () => {
    const note = (site: KeptSite | PurgedSite, subscriptionId: string, amount?: number) => {
      const returned = amount === undefined ? undefined : { amount, left: 0, currency: 'EUR' }
      return returnPayment(site, { subscriptionId, because: 'second-subscription', returned }, fixedContext())
    }
    const cancelled = note(active(), 'sub_2')!
    expect(dataOf(cancelled.event).returned).toEqual({ subscriptionId: 'sub_2' })
    const once = cancelled.after as KeptSite
    expect(note(once, 'sub_2')).toBeUndefined()
    const refunded = note(once, 'sub_2', 1900)!
    expect(dataOf(refunded.event).returned).toEqual({ subscriptionId: 'sub_2', amount: 1900, currency: 'EUR' })
    const twice = refunded.after as KeptSite
    expect(note(twice, 'sub_2', 1900)).toBeUndefined()
    expect(dataOf(note(twice, 'sub_2', 3800)!.event).returned).toMatchObject({ amount: 1900 })
    expect(note(twice, 'sub_3', 1900)!.after).toMatchObject({
      returned: [
        { subscriptionId: 'sub_2', amount: 1900 },
        { subscriptionId: 'sub_3', amount: 1900 },
      ],
    })
  })

  it('is recorded as due by a person until it is refunded, and again if a bank returns the refund', () => {
    const because = 'second-subscription'
    const note = (site: KeptSite | PurgedSite, amount: number) =>
      returnPayment(
        site,
        { subscriptionId: 'sub_2', because, returned: { amount, left: 3800 - amount, currency: 'EUR' } },
        fixedContext(),
      )
    const due = note(active(), 0)!
    expect(dataOf(due.event).returned).toEqual({ subscriptionId: 'sub_2' })
    const one = due.after as KeptSite
    expect(one.returned).toEqual([{ subscriptionId: 'sub_2', because, amount: 0, left: 3800 }])
    expect([isRefundDue(active()), isRefundDue(one), note(one, 0)]).toEqual([false, true, undefined])
    const done = note(one, 3800)!.after as KeptSite
    expect(done.returned).toEqual([{ subscriptionId: 'sub_2', because, amount: 3800 }])
    expect(isRefundDue(done)).toBe(false)
    const failed = note(done, 0)!
    expect(dataOf(failed.event).returned).toEqual({ subscriptionId: 'sub_2' })
    expect((failed.after as KeptSite).returned).toEqual([
      { subscriptionId: 'sub_2', because, amount: 3800, left: 3800 },
    ])
  })
})

describe('a return that an older version recorded', () => {
  const site = active({
    billing: billing({ former: ['sub_0'] }),
    returned: [
      { subscriptionId: 'sub_0', amount: 1900 },
      { subscriptionId: 'sub_2', amount: 0, isPending: true },
      { subscriptionId: 'sub_3', amount: 0, settledThrough: domainNow, left: 1900 },
    ],
  })
  const ended = (id: string) => subscription({ id, status: 'canceled' })
  const terms = { now: domainNow, isSold: sold.isSold }
  const mapped = { subscription: subscription(), billing: site.billing! }

  it('is read as it was stored', () => {
    expect(siteSchema.parse(site)).toEqual(site)
  })

  it('is checked again if its return was only begun', () => {
    const others = ['sub_0', 'sub_2', 'sub_3'].map(ended)
    const unwanted = secondSubscriptions(site, others, mapped, terms)
    expect(unwanted.map((one) => one.subscription.id)).toEqual(['sub_2'])
  })

  it('is followed, unless a former subscription kept its used time', () => {
    expect(refundsToFollow(site).map(({ subscriptionId }) => subscriptionId)).toEqual(['sub_2', 'sub_3'])
  })
})
