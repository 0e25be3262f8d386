import { describe, expect, it } from 'vitest'
import { returnPayment } from '../../../core/billing/unwanted-subscriptions.ts'
import type { KeptSite, PurgedSite } from '../../../core/site/site.ts'
import { dataOf } from '../../support/event-data.ts'
import { fixedContext } from '../../support/fixed-ports.ts'
import { siteSamples } from '../../support/site-samples.ts'
import { active } from '../site/kept-sites.ts'

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
      const noted = [{ subscriptionId: 'sub_2', amount: 1900 }]
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

  it('is noted as about to be given back, once, and no longer when it is', () => {
    const done = { subscriptionId: 'sub_2', because: 'noticed-too-late' } as const
    const begun = returnPayment(active(), { ...done, returned: undefined, isPending: true }, fixedContext())!
    const pending = begun.after as KeptSite
    expect(pending.returned).toEqual([{ subscriptionId: 'sub_2', amount: 0, isPending: true }])
    expect(dataOf(begun.event).returned).toEqual({ subscriptionId: 'sub_2' })
    expect(returnPayment(pending, { ...done, returned: undefined, isPending: true }, fixedContext())).toBeUndefined()
    const returned = { amount: 1900, left: 0, currency: 'EUR' }
    const ended = returnPayment(pending, { ...done, returned }, fixedContext())!
    expect((ended.after as KeptSite).returned).toEqual([{ subscriptionId: 'sub_2', amount: 1900 }])
    expect(dataOf(ended.event).returned).toMatchObject({ amount: 1900 })
    const again = returnPayment(
      ended.after as KeptSite,
      { ...done, returned: undefined, isPending: true },
      fixedContext(),
    )!
    expect((again.after as KeptSite).returned).toEqual([{ subscriptionId: 'sub_2', amount: 1900, isPending: true }])
  })

  it('is noted as left with us where it cannot be, until more is given back', () => {
    const note = (site: KeptSite | PurgedSite, amount: number, settledThrough?: string) =>
      returnPayment(
        site,
        {
          subscriptionId: 'sub_2',
          because: 'second-subscription',
          returned: { amount, left: 3800 - amount, currency: 'EUR' },
          settledThrough,
        },
        fixedContext(),
      )
    const until = '2026-05-01T00:00:00.000Z'
    const stuck = note(active(), 0, until)!
    expect(dataOf(stuck.event).returned).toEqual({ subscriptionId: 'sub_2' })
    const one = stuck.after as KeptSite
    expect(one.returned).toEqual([{ subscriptionId: 'sub_2', amount: 0, settledThrough: until, left: 3800 }])
    expect(note(one, 0, until)).toBeUndefined()
    const half = note(one, 1900)!.after as KeptSite
    expect(half.returned).toEqual([{ subscriptionId: 'sub_2', amount: 1900 }])
    expect((note(half, 0, until)!.after as KeptSite).returned).toEqual([
      { subscriptionId: 'sub_2', amount: 1900, settledThrough: until, left: 3800 },
    ])
  })
})
