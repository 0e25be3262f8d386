import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AccountId, SiteId } from '../../../core/ids.ts'
import { type Instant, plusDays } from '../../../core/instant.ts'
import type { Payments, PriceChoice } from '../../../core/ports/payments.ts'

export const accountId: AccountId = 'acct_01jq3v5k8m0000000000000000'
export const siteId: SiteId = 'site_01jq3v5k8m0000000000000000'

type Used =
  | 'redactCustomer'
  | 'hasCustomer'
  | 'openPortal'
  | 'getSubscription'
  | 'subscriptionsOf'
  | 'previewPrice'
  | 'changePrice'
  | 'setCancelAtPeriodEnd'
  | 'setCollection'
  | 'cancel'
  | 'refund'
  | 'refundedOf'

/** What happens to invoices meanwhile: https://docs.stripe.com/billing/subscriptions/pause-payment */
export const pauseBehaviors = ['keep_as_draft', 'mark_uncollectible', 'void'] as const
type PauseBehavior = (typeof pauseBehaviors)[number]

export interface OpenedSubscriptions {
  /** Before a catalogue that has these plans: `starter` (19 EUR a month) and `growth` (79 EUR a month, 790 a year). */
  readonly payments: Pick<Payments, Used>
  /** Their ids. */
  readonly plans?: { readonly starter: string; readonly growth: string }
  /** A new customer buys with a good card, for the account and the site of the contract. */
  readonly subscribe: (price: PriceChoice) => Promise<{ readonly customerId: string; readonly subscriptionId: string }>
  /** A good card also pays an open invoice. */
  readonly changeCard: (customerId: string, card: 'good' | 'failing' | 'authenticates') => Promise<void>
  /** The owner confirms a change of price with the bank. */
  readonly confirm: (subscriptionId: string) => Promise<void>
  /** Staff stops the collection of payments, and starts it again. */
  readonly pause: (subscriptionId: string, behavior: PauseBehavior) => Promise<unknown>
  readonly resume: (subscriptionId: string) => Promise<unknown>
  /** Staff sets the date at which it ends, as the portal does with that of the period's end. */
  readonly endAt: (subscriptionId: string, instant: Instant) => Promise<unknown>
  /** Staff gives the unpaid invoice of a subscription up. */
  readonly writeOff: (subscriptionId: string) => Promise<void>
  readonly turnDays: (days: number) => void | Promise<void>
  readonly now: () => string
  readonly close: () => Promise<void>
}

/** The behaviour of subscriptions in every `Payments`, of Stripe itself too: only acts that its API has. */
export const lifeContract = (name: string, open: () => Promise<OpenedSubscriptions>): void => {
  describe(`${name}, as every Payments with subscriptions`, () => {
    let opened: OpenedSubscriptions
    let payments: OpenedSubscriptions['payments']
    let starter: PriceChoice
    let growth: PriceChoice
    let growthYear: PriceChoice

    beforeEach(async () => {
      opened = await open()
      payments = opened.payments
      const plans = opened.plans ?? { starter: 'starter', growth: 'growth' }
      starter = { plan: plans.starter, interval: 'month', currency: 'EUR' }
      growth = { ...starter, plan: plans.growth }
      growthYear = { ...growth, interval: 'year' }
    })
    afterEach(() => opened?.close())

    const subscribe = (price = starter) => opened.subscribe(price)

    const check = async (id: string) => {
      const found = await payments.getSubscription(id)
      if (found === undefined) throw new Error(`there is no subscription ${id}`)
      return found
    }

    const daysAhead = (instant: string | undefined): number =>
      Math.round((Date.parse(instant ?? '') - Date.parse(opened.now())) / 86_400_000)

    it('redacts a customer that has paid, and one that is unknown', async () => {
      const { customerId, subscriptionId } = await subscribe()
      for (const id of [customerId, customerId, 'cus_unknown']) await payments.redactCustomer(id)
      expect(await payments.hasCustomer(customerId)).toBe(true)
      expect(await check(subscriptionId)).toMatchObject({ status: 'active' })
    })

    it('shows a subscription with what was paid for it', async () => {
      const { customerId, subscriptionId } = await subscribe()
      const subscription = await check(subscriptionId)
      expect(subscription).toEqual({
        id: subscriptionId,
        customerId,
        siteId,
        status: 'active',
        createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
        price: starter,
        amount: 1900,
        cancelsAtPeriodEnd: false,
        paidThrough: expect.stringMatching(/^\d{4}-.*Z$/),
        isDisputed: false,
      })
      expect(daysAhead(subscription.paidThrough)).toBeGreaterThanOrEqual(28)
      expect(daysAhead(subscription.paidThrough)).toBeLessThanOrEqual(31)
      expect(await payments.subscriptionsOf(customerId)).toEqual([subscription])
      expect(await payments.getSubscription('sub_unknown')).toBeUndefined()
    })

    it('renews: the next period is paid for when the last has ended, and the debt of a failing card is not', async () => {
      const { customerId, subscriptionId } = await subscribe()
      await opened.turnDays(32)
      const renewed = await check(subscriptionId)
      expect(renewed.status).toBe('active')
      expect(daysAhead(renewed.paidThrough)).toBeGreaterThanOrEqual(24)
      await opened.changeCard(customerId, 'failing')
      await opened.turnDays(31)
      expect(await check(subscriptionId)).toMatchObject({ status: 'past_due', paidThrough: renewed.paidThrough })
      await opened.changeCard(customerId, 'good')
      const paid = await check(subscriptionId)
      expect(paid.status).toBe('active')
      expect(daysAhead(paid.paidThrough)).toBeGreaterThan(0)
    })

    it('is active once staff gave an unpaid invoice up, and says so until the next one is paid', async () => {
      const { customerId, subscriptionId } = await subscribe()
      await opened.changeCard(customerId, 'failing')
      await opened.turnDays(32)
      const overdue = await check(subscriptionId)
      expect(overdue.status).toBe('past_due')
      await opened.writeOff(subscriptionId)
      const running = { ...overdue, status: 'active', paidThrough: expect.any(String), collection: undefined }
      const active = { ...running, unusual: ['written-off'] }
      expect(await check(subscriptionId)).toEqual(active)
      expect(await payments.subscriptionsOf(customerId)).toEqual([active])
      await opened.changeCard(customerId, 'good')
      await opened.turnDays(32)
      expect(await check(subscriptionId)).toEqual(running)
    })

    it('changes the price once, however often it is told', async () => {
      const { subscriptionId } = await subscribe()
      const change = { subscriptionId, price: growth, idempotencyKey: 'change-1' }
      const before = await check(subscriptionId)
      for (const _ of ['first', 'again']) {
        expect(await payments.changePrice(change)).toEqual({ ...before, price: growth, amount: 7900 })
      }
      const back = await payments.changePrice({ subscriptionId, price: starter, idempotencyKey: 'change-2' })
      expect(back).toEqual(before)
      expect(await payments.changePrice(change)).toEqual({ ...before, price: growth, amount: 7900 })
    })

    it('charges for another price what it said before', async () => {
      const { subscriptionId } = await subscribe()
      const change = { subscriptionId, price: growth, proratedAt: opened.now() }
      const { due, credit, currency, charge, unused, tax, paysUntil } = await payments.previewPrice(change)
      expect({ isDue: due > 5000, credit, currency }).toEqual({ isDue: true, credit: 0, currency: 'EUR' })
      expect([charge - unused, tax, paysUntil]).toEqual([due, 0, (await check(subscriptionId)).paidThrough])
      expect([charge > 7800, unused > 1800]).toEqual([true, true])
      expect(await check(subscriptionId)).toMatchObject({ price: starter })
      await payments.changePrice({ ...change, idempotencyKey: 'change-1' })
      expect((await payments.refundedOf(subscriptionId))?.left).toBe(1900 + due)
      const back = await payments.previewPrice({ ...change, price: starter })
      expect(back).toMatchObject({ due: 0, credit: due, currency: 'EUR', unused: charge, charge: unused })
    })

    it('counts a year that was given back for months no more', async () => {
      const { subscriptionId } = await subscribe(growthYear)
      expect(daysAhead((await check(subscriptionId)).paidThrough)).toBeGreaterThanOrEqual(364)
      const monthly = await payments.changePrice({ subscriptionId, price: growth, idempotencyKey: 'change-1' })
      expect(monthly.price).toEqual(growth)
      expect(daysAhead(monthly.paidThrough)).toBeLessThanOrEqual(31)
    })

    it('leaves the price where the difference is declined, and takes it under the same key once the card works again', async () => {
      const { customerId, subscriptionId } = await subscribe()
      await opened.changeCard(customerId, 'failing')
      const change = { subscriptionId, price: growth, idempotencyKey: 'change-1' }
      for (const _ of ['first', 'again']) {
        await expect(payments.changePrice(change)).rejects.toMatchObject({ kind: 'PaymentDeclined' })
      }
      expect(await check(subscriptionId)).toMatchObject({ price: starter, status: 'active' })
      expect(await check(subscriptionId)).not.toHaveProperty('pendingChange')
      await opened.changeCard(customerId, 'good')
      expect(await payments.changePrice(change)).toMatchObject({ price: growth, status: 'active' })
    })

    describe('a change of price that the bank wants confirmed', () => {
      const waiting = async () => {
        const { customerId, subscriptionId } = await subscribe()
        await opened.changeCard(customerId, 'authenticates')
        const before = await check(subscriptionId)
        const ask = (price: PriceChoice, idempotencyKey: string) =>
          payments.changePrice({ subscriptionId, price, idempotencyKey })
        return { customerId, subscriptionId, before, ask, asked: await ask(growth, 'change-1') }
      }

      it('leaves the price, and says where to confirm it, however often it is told', async () => {
        const { customerId, subscriptionId, before, ask, asked } = await waiting()
        const pendingChange = { price: growth, expiresAt: expect.any(String) }
        expect(asked).toEqual({ ...before, pendingChange, confirmUrl: expect.stringMatching(/^https?:/) })
        expect(await check(subscriptionId)).toEqual({ ...before, pendingChange })
        expect(await payments.subscriptionsOf(customerId)).toEqual([{ ...before, pendingChange }])
        expect(daysAhead(asked.pendingChange?.expiresAt)).toBeLessThanOrEqual(1)
        expect(await ask(growth, 'change-2')).toEqual(asked)
      })

      it('is made by the confirmation', async () => {
        const { subscriptionId, before } = await waiting()
        await opened.confirm(subscriptionId)
        expect(await check(subscriptionId)).toEqual({ ...before, price: growth, amount: 7900 })
      })

      it('is dropped after a day, and can be requested again', async () => {
        const { subscriptionId, before, ask } = await waiting()
        await opened.turnDays(1)
        expect(await check(subscriptionId)).toEqual(before)
        expect(await ask(growth, 'change-1')).toMatchObject({ price: starter, pendingChange: { price: growth } })
      })

      it('is replaced by another one, and dropped by the present price', async () => {
        const { subscriptionId, before, ask } = await waiting()
        expect(await ask(growthYear, 'change-2')).toMatchObject({ pendingChange: { price: growthYear } })
        expect(await ask(starter, 'change-3')).toEqual(before)
        expect(await check(subscriptionId)).toEqual(before)
        expect(await ask(growth, 'change-1')).toMatchObject({ pendingChange: { price: growth } })
      })

      it('ends with its subscription', async () => {
        const { subscriptionId } = await waiting()
        await payments.cancel(subscriptionId)
        expect(await check(subscriptionId)).not.toHaveProperty('pendingChange')
      })
    })

    it('ends with the period where it is told, unless that is taken back', async () => {
      const { subscriptionId } = await subscribe()
      const { paidThrough } = await check(subscriptionId)
      for (const cancels of [true, true, false, false, true]) {
        await payments.setCancelAtPeriodEnd(subscriptionId, cancels)
        expect(await check(subscriptionId)).toMatchObject({ status: 'active', cancelsAtPeriodEnd: cancels })
      }
      await opened.turnDays(32)
      expect(await check(subscriptionId)).toMatchObject({ status: 'canceled', paidThrough })
      await payments.setCancelAtPeriodEnd(subscriptionId, false)
      await payments.setCancelAtPeriodEnd('sub_unknown', true)
      const changed = payments.changePrice({ subscriptionId, price: growth, idempotencyKey: 'change-1' })
      await expect(changed).rejects.toMatchObject({ kind: 'TransitionNotAllowed' })
    })

    it('is held back from being collected where it is overdue, unless that is taken back', async () => {
      const { customerId, subscriptionId } = await subscribe()
      await opened.changeCard(customerId, 'failing')
      await opened.turnDays(32)
      const overdue = await check(subscriptionId)
      expect(overdue).toMatchObject({ status: 'past_due', collection: 'retried', cancelsAtPeriodEnd: false })
      for (const _ of ['first', 'again']) await payments.setCollection(subscriptionId, false)
      await payments.setCancelAtPeriodEnd(subscriptionId, true)
      const held = { ...overdue, cancelsAtPeriodEnd: true, collection: 'held' }
      expect(await check(subscriptionId)).toEqual(held)
      await opened.turnDays(5)
      expect(await check(subscriptionId)).toEqual(held)
      expect(await payments.subscriptionsOf(customerId)).toEqual([held])
      await payments.setCancelAtPeriodEnd(subscriptionId, false)
      expect(await check(subscriptionId)).toEqual({ ...overdue, collection: 'held' })
      for (const _ of ['first', 'again']) await payments.setCollection(subscriptionId, true)
      expect(await check(subscriptionId)).toEqual(overdue)
      await opened.changeCard(customerId, 'good')
      expect(await check(subscriptionId)).not.toHaveProperty('collection')
      expect(await check(subscriptionId)).toMatchObject({ status: 'active' })
    })

    it('ends with the period by its date, unless that is taken back', async () => {
      const { subscriptionId } = await subscribe()
      const { paidThrough = '' } = await check(subscriptionId)
      for (const date of [plusDays(opened.now(), 10), paidThrough]) {
        await opened.endAt(subscriptionId, date)
        expect(await check(subscriptionId)).toMatchObject({ status: 'active', cancelsAtPeriodEnd: true, paidThrough })
        expect(await check(subscriptionId)).not.toHaveProperty('unusual')
        await payments.setCancelAtPeriodEnd(subscriptionId, false)
        expect(await check(subscriptionId)).toMatchObject({ status: 'active', cancelsAtPeriodEnd: false })
      }
    })

    it('is renewed until a later date, unless it is told to end with its period', async () => {
      const { subscriptionId } = await subscribe()
      const later = { status: 'active', cancelsAtPeriodEnd: false, unusual: ['ends-later'] }
      await opened.endAt(subscriptionId, plusDays(opened.now(), 75))
      expect(await check(subscriptionId)).toMatchObject(later)
      await payments.setCancelAtPeriodEnd(subscriptionId, false)
      await opened.turnDays(32)
      const renewed = await check(subscriptionId)
      expect(renewed).toMatchObject(later)
      expect(daysAhead(renewed.paidThrough)).toBeGreaterThan(0)
      await payments.setCancelAtPeriodEnd(subscriptionId, true)
      const { unusual: _, ...rest } = renewed
      expect(await check(subscriptionId)).toEqual({ ...rest, cancelsAtPeriodEnd: true })
      await opened.turnDays(32)
      expect(await check(subscriptionId)).toMatchObject({ status: 'canceled', paidThrough: renewed.paidThrough })
    })

    it('says that it is renewed until its date where a shorter period begins', async () => {
      const { subscriptionId } = await subscribe(growthYear)
      await opened.endAt(subscriptionId, (await check(subscriptionId)).paidThrough ?? '')
      await payments.changePrice({ subscriptionId, price: growth, idempotencyKey: 'change-1' })
      expect(await check(subscriptionId)).toMatchObject({ cancelsAtPeriodEnd: false, unusual: ['ends-later'] })
    })

    it.each(pauseBehaviors)(
      'is paused while payments are not collected (%s), and paid through what was paid',
      async (behavior) => {
        const { customerId, subscriptionId } = await subscribe()
        const bought = await check(subscriptionId)
        await opened.pause(subscriptionId, behavior)
        const paused = { status: 'paused', paidThrough: bought.paidThrough, unusual: ['paused'] }
        expect(await check(subscriptionId)).toEqual({ ...bought, ...paused })
        await opened.turnDays(70)
        expect(await check(subscriptionId)).toEqual({ ...bought, ...paused })
        expect(await payments.subscriptionsOf(customerId)).toEqual([{ ...bought, ...paused }])
        await opened.resume(subscriptionId)
        const resumed = await check(subscriptionId)
        expect(resumed).toEqual({ ...bought, paidThrough: expect.any(String) })
        expect(daysAhead(resumed.paidThrough)).toBeGreaterThan(0)
        await opened.turnDays(32)
        expect(await check(subscriptionId)).toMatchObject({ status: 'active' })
        expect((await payments.refundedOf(subscriptionId))?.left).toBe(3800)
      },
    )

    it('ends with the period while it is paused', async () => {
      const { subscriptionId } = await subscribe()
      const { paidThrough } = await check(subscriptionId)
      await opened.pause(subscriptionId, 'void')
      await payments.setCancelAtPeriodEnd(subscriptionId, true)
      expect(await check(subscriptionId)).toMatchObject({ status: 'paused', cancelsAtPeriodEnd: true, paidThrough })
      await payments.setCancelAtPeriodEnd(subscriptionId, false)
      await payments.cancel(subscriptionId)
      expect(await check(subscriptionId)).not.toHaveProperty('unusual')
    })

    it('cancels at once, and what was paid stays paid, refunded or not', async () => {
      const { subscriptionId } = await subscribe()
      const { paidThrough } = await check(subscriptionId)
      for (const _ of ['first', 'again']) await payments.cancel(subscriptionId)
      await payments.cancel('sub_unknown')
      expect(await check(subscriptionId)).toMatchObject({ status: 'canceled', paidThrough })
      await payments.refund(subscriptionId)
      expect(await check(subscriptionId)).toMatchObject({ status: 'canceled', paidThrough })
    })

    it('cancels what is past due, of which the last period stays unpaid', async () => {
      const { customerId, subscriptionId } = await subscribe()
      const { paidThrough } = await check(subscriptionId)
      await opened.changeCard(customerId, 'failing')
      await opened.turnDays(32)
      await payments.cancel(subscriptionId)
      expect(await check(subscriptionId)).toMatchObject({ status: 'canceled', paidThrough })
    })

    it('refunds everything that was charged, and never more', async () => {
      const { subscriptionId } = await subscribe()
      await opened.turnDays(32)
      await payments.cancel(subscriptionId)
      expect(await payments.refundedOf(subscriptionId)).toEqual({ amount: 0, left: 3800, currency: 'EUR' })
      await Promise.all([payments.refund(subscriptionId), payments.refund(subscriptionId)])
      await payments.refund(subscriptionId)
      expect(await payments.refundedOf(subscriptionId)).toEqual({ amount: 3800, left: 0, currency: 'EUR' })
    })

    it('opens the portal', async () => {
      const { customerId } = await subscribe()
      const { url } = await payments.openPortal({ customerId, returnUrl: 'http://localhost/back' })
      expect(url).toMatch(/^https?:\/\//)
    })
  })
}
