import { describe, expect, it } from 'vitest'
import type { KeptSite, PurgedSite } from '../../../core/site/site.ts'
import { isRefundDue, returnPayment } from '../../../lambdas/billing/unwanted-subscriptions.ts'
import { active } from '../../core/site/kept-sites.ts'
import { dataOf } from '../../support/event-data.ts'
import { fixedContext } from '../../support/fixed-ports.ts'
import { siteSamples } from '../../support/site-samples.ts'

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
