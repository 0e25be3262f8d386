import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AccountId, SiteId } from '../../../core/ids.ts'
import type { CheckoutSession, Payments, PriceChoice } from '../../../core/ports/payments.ts'

export interface OpenedPayments {
  /** Before a catalogue that has the plans `starter` (19 EUR a month) and `growth` (79 EUR a month, 790 a year). */
  readonly payments: Payments
  /** Somebody else, who makes a subscription of a customer that is none of ours. @returns its id. */
  readonly subscribeForeigner: (customerId: string) => Promise<string>
  /** @returns whether the card was taken. */
  readonly pay: (sessionId: string, card: 'good' | 'declined') => Promise<boolean>
  readonly changeCard: (customerId: string, card: 'good' | 'failing' | 'authenticates') => Promise<void>
  /** The owner confirms a change of price with the bank. */
  readonly confirm: (subscriptionId: string) => Promise<void>
  /** Somebody does, in the dashboard. */
  readonly deleteCustomer: (customerId: string) => Promise<void>
  /** The bank takes the latest payment of a subscription back. @returns the dispute's id. */
  readonly dispute: (subscriptionId: string) => Promise<string>
  /** It is decided. */
  readonly decide: (disputeId: string, outcome: 'won' | 'lost') => Promise<void>
  /** The bank could not pass the latest refund on. */
  readonly failRefund: () => Promise<void>
  readonly turnDays: (days: number) => void
  readonly now: () => string
  readonly close: () => Promise<void>
}

const accountId: AccountId = 'acct_01jq3v5k8m0000000000000000'
const siteId: SiteId = 'site_01jq3v5k8m0000000000000000'
const starter: PriceChoice = { plan: 'starter', interval: 'month', currency: 'EUR' }
const growth: PriceChoice = { plan: 'growth', interval: 'month', currency: 'EUR' }
const growthYear: PriceChoice = { plan: 'growth', interval: 'year', currency: 'EUR' }

/** What every `Payments` keeps. */
export const paymentsContract = (name: string, open: () => Promise<OpenedPayments>): void => {
  describe(`${name}, as every Payments`, () => {
    let opened: OpenedPayments
    let payments: Payments

    beforeEach(async () => {
      opened = await open()
      payments = opened.payments
    })
    afterEach(() => opened.close())

    const openCustomer = (idempotencyKey = 'customer-1', account = accountId) =>
      payments.openCustomer({ accountId: account, email: 'ada@example.com', idempotencyKey })

    const openCheckout = (
      customerId: string,
      price = starter,
      idempotencyKey = 'checkout-1',
    ): Promise<CheckoutSession> =>
      payments.openCheckout({
        siteId,
        accountId,
        customerId,
        price,
        successUrl: 'http://localhost/paid',
        cancelUrl: 'http://localhost/back',
        idempotencyKey,
      })

    /** @returns ids of the customer and the subscription. */
    const subscribe = async (price = starter) => {
      const customerId = await openCustomer()
      const { id } = await openCheckout(customerId, price)
      expect(await opened.pay(id, 'good')).toBe(true)
      const subscriptionId = (await payments.findCheckout(id))?.subscriptionId
      if (subscriptionId === undefined) throw new Error('the payment made no subscription')
      return { customerId, subscriptionId }
    }

    const look = async (id: string) => {
      const found = await payments.getSubscription(id)
      if (found === undefined) throw new Error(`there is no subscription ${id}`)
      return found
    }

    const daysAhead = (instant: string | undefined): number =>
      Math.round((Date.parse(instant ?? '') - Date.parse(opened.now())) / 86_400_000)

    it('opens one customer for an account, whatever the key', async () => {
      const [first, same] = await Promise.all([openCustomer(), openCustomer()])
      expect(same).toBe(first)
      expect(await openCustomer('customer-2')).toBe(first)
      expect(await openCustomer('customer-3', 'acct_01jq3v5k8m0000000000000001')).not.toBe(first)
    })

    it('opens one checkout for a key', async () => {
      const customerId = await openCustomer()
      const session = await openCheckout(customerId)
      expect(session).toMatchObject({ status: 'open', url: expect.stringContaining('http'), subscriptionId: undefined })
      expect((await openCheckout(customerId)).id).toBe(session.id)
      expect((await openCheckout(customerId, starter, 'checkout-2')).id).not.toBe(session.id)
      expect(await payments.findCheckout(session.id)).toEqual(session)
    })

    it('sells nothing that is not in the catalogue', async () => {
      const customerId = await openCustomer()
      const unknown = openCheckout(customerId, { ...starter, currency: 'CHF' })
      await expect(unknown).rejects.toMatchObject({ kind: 'Unavailable' })
    })

    it('expires a checkout that is open, and leaves one that is paid', async () => {
      const customerId = await openCustomer()
      const unpaid = await openCheckout(customerId)
      for (const _ of ['first', 'again']) {
        expect(await payments.expireCheckout(unpaid.id)).toMatchObject({ status: 'expired', url: undefined })
      }
      const paid = await openCheckout(customerId, starter, 'checkout-2')
      await opened.pay(paid.id, 'good')
      const complete = { status: 'complete', url: undefined, subscriptionId: expect.stringMatching(/^sub_/) }
      expect(await payments.expireCheckout(paid.id)).toMatchObject(complete)
      expect(await payments.findCheckout('cs_test_unknown')).toBeUndefined()
      expect(await payments.expireCheckout('cs_test_unknown')).toMatchObject({ status: 'expired' })
    })

    it('takes no money of a card that is declined', async () => {
      const customerId = await openCustomer()
      const { id } = await openCheckout(customerId)
      expect(await opened.pay(id, 'declined')).toBe(false)
      expect(await payments.findCheckout(id)).toMatchObject({ status: 'open' })
      const paidFor = (await payments.subscriptionsOf(customerId)).filter(
        ({ paidThrough }) => paidThrough !== undefined,
      )
      expect(paidFor).toEqual([])
    })

    it('has no subscription before the first payment', async () => {
      const customerId = await openCustomer()
      const { id } = await openCheckout(customerId)
      expect(await opened.pay(id, 'declined')).toBe(false)
      expect(await payments.subscriptionsOf(customerId)).toEqual([])
      expect(await payments.expireCheckout(id)).toMatchObject({ status: 'expired', subscriptionId: undefined })
      expect(await opened.pay(id, 'good')).toBe(false)
      expect(await payments.subscriptionsOf(customerId)).toEqual([])
    })

    it('knows a customer until somebody deletes it, and nothing of one that it never had', async () => {
      const { customerId, subscriptionId } = await subscribe()
      expect(await payments.hasCustomer(customerId)).toBe(true)
      expect(await payments.hasCustomer('cus_unknown')).toBe(false)
      expect(await payments.subscriptionsOf('cus_unknown')).toEqual([])
      await opened.deleteCustomer(customerId)
      expect(await payments.hasCustomer(customerId)).toBe(false)
      expect(await look(subscriptionId)).toMatchObject({ status: 'canceled' })
      expect(await openCustomer('customer-2')).not.toBe(customerId)
    })

    it('redacts a customer that has paid, and one that is unknown', async () => {
      const { customerId, subscriptionId } = await subscribe()
      for (const id of [customerId, customerId, 'cus_unknown']) await payments.redactCustomer(id)
      expect(await payments.hasCustomer(customerId)).toBe(true)
      expect(await look(subscriptionId)).toMatchObject({ status: 'active' })
    })

    it('shows a subscription with what was paid for it', async () => {
      const { customerId, subscriptionId } = await subscribe()
      const subscription = await look(subscriptionId)
      expect(subscription).toEqual({
        id: subscriptionId,
        customerId,
        siteId,
        status: 'active',
        createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
        price: starter,
        cancelsAtPeriodEnd: false,
        paidThrough: expect.stringMatching(/^\d{4}-.*Z$/),
        isDisputed: false,
      })
      expect(daysAhead(subscription.paidThrough)).toBeGreaterThanOrEqual(28)
      expect(daysAhead(subscription.paidThrough)).toBeLessThanOrEqual(31)
      expect(await payments.subscriptionsOf(customerId)).toEqual([subscription])
      expect(await payments.getSubscription('sub_unknown')).toBeUndefined()
    })

    it('lists what is ours, and of somebody else’s shows no site', async () => {
      const { customerId, subscriptionId } = await subscribe()
      const foreign = await opened.subscribeForeigner(customerId)
      const listed: string[] = []
      for await (const { id } of payments.listSubscriptions()) listed.push(id)
      expect(listed).toEqual([subscriptionId])
      expect(await look(foreign)).toMatchObject({ siteId: undefined, paidThrough: undefined })
      expect((await payments.subscriptionsOf(customerId)).map(({ id }) => id).toSorted()).toEqual(
        [subscriptionId, foreign].toSorted(),
      )
    })

    it('renews: the next period is paid for when the last has ended, and the debt of a failing card is not', async () => {
      const { customerId, subscriptionId } = await subscribe()
      opened.turnDays(32)
      const renewed = await look(subscriptionId)
      expect(renewed.status).toBe('active')
      expect(daysAhead(renewed.paidThrough)).toBeGreaterThanOrEqual(24)
      await opened.changeCard(customerId, 'failing')
      opened.turnDays(31)
      expect(await look(subscriptionId)).toMatchObject({ status: 'past_due', paidThrough: renewed.paidThrough })
      await opened.changeCard(customerId, 'good')
      const paid = await look(subscriptionId)
      expect(paid.status).toBe('active')
      expect(daysAhead(paid.paidThrough)).toBeGreaterThan(0)
    })

    it('changes the price once, however often it is told', async () => {
      const { subscriptionId } = await subscribe()
      const change = { subscriptionId, price: growth, idempotencyKey: 'change-1' }
      const before = await look(subscriptionId)
      for (const _ of ['first', 'again']) {
        expect(await payments.changePrice(change)).toEqual({ ...before, price: growth })
      }
      const back = await payments.changePrice({ subscriptionId, price: starter, idempotencyKey: 'change-2' })
      expect(back).toEqual(before)
      expect(await payments.changePrice(change)).toEqual({ ...before, price: growth })
    })

    it('counts a year that was given back for months no more', async () => {
      const { subscriptionId } = await subscribe(growthYear)
      expect(daysAhead((await look(subscriptionId)).paidThrough)).toBeGreaterThanOrEqual(364)
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
      expect(await look(subscriptionId)).toMatchObject({ price: starter, status: 'active' })
      expect(await look(subscriptionId)).not.toHaveProperty('pendingChange')
      await opened.changeCard(customerId, 'good')
      expect(await payments.changePrice(change)).toMatchObject({ price: growth, status: 'active' })
    })

    describe('a change of price that the bank wants confirmed', () => {
      const waiting = async () => {
        const { customerId, subscriptionId } = await subscribe()
        await opened.changeCard(customerId, 'authenticates')
        const before = await look(subscriptionId)
        const ask = (price: PriceChoice, idempotencyKey: string) =>
          payments.changePrice({ subscriptionId, price, idempotencyKey })
        return { customerId, subscriptionId, before, ask, asked: await ask(growth, 'change-1') }
      }

      it('leaves the price, and says where to confirm it, however often it is told', async () => {
        const { customerId, subscriptionId, before, ask, asked } = await waiting()
        const pendingChange = { price: growth, expiresAt: expect.any(String) }
        expect(asked).toEqual({ ...before, pendingChange, confirmUrl: expect.stringMatching(/^https?:/) })
        expect(await look(subscriptionId)).toEqual({ ...before, pendingChange })
        expect(await payments.subscriptionsOf(customerId)).toEqual([{ ...before, pendingChange }])
        expect(daysAhead(asked.pendingChange?.expiresAt)).toBeLessThanOrEqual(1)
        expect(await ask(growth, 'change-2')).toEqual(asked)
      })

      it('is made by the confirmation', async () => {
        const { subscriptionId, before } = await waiting()
        await opened.confirm(subscriptionId)
        expect(await look(subscriptionId)).toEqual({ ...before, price: growth })
      })

      it('is dropped after a day, and can be requested again', async () => {
        const { subscriptionId, before, ask } = await waiting()
        opened.turnDays(1)
        expect(await look(subscriptionId)).toEqual(before)
        expect(await ask(growth, 'change-1')).toMatchObject({ price: starter, pendingChange: { price: growth } })
      })

      it('is replaced by another one, and dropped by the present price', async () => {
        const { subscriptionId, before, ask } = await waiting()
        expect(await ask(growthYear, 'change-2')).toMatchObject({ pendingChange: { price: growthYear } })
        expect(await ask(starter, 'change-3')).toEqual(before)
        expect(await look(subscriptionId)).toEqual(before)
        expect(await ask(growth, 'change-1')).toMatchObject({ pendingChange: { price: growth } })
      })

      it('ends with its subscription', async () => {
        const { subscriptionId } = await waiting()
        await payments.cancel(subscriptionId)
        expect(await look(subscriptionId)).not.toHaveProperty('pendingChange')
      })
    })

    it('ends with the period where it is told, unless that is taken back', async () => {
      const { subscriptionId } = await subscribe()
      const { paidThrough } = await look(subscriptionId)
      for (const cancels of [true, true, false, false, true]) {
        await payments.setCancelAtPeriodEnd(subscriptionId, cancels)
        expect(await look(subscriptionId)).toMatchObject({ status: 'active', cancelsAtPeriodEnd: cancels })
      }
      opened.turnDays(32)
      expect(await look(subscriptionId)).toMatchObject({ status: 'canceled', paidThrough })
      await payments.setCancelAtPeriodEnd(subscriptionId, false)
      await payments.setCancelAtPeriodEnd('sub_unknown', true)
      const changed = payments.changePrice({ subscriptionId, price: growth, idempotencyKey: 'change-1' })
      await expect(changed).rejects.toMatchObject({ kind: 'TransitionNotAllowed' })
    })

    it('cancels at once, and what was paid stays paid, refunded or not', async () => {
      const { subscriptionId } = await subscribe()
      const { paidThrough } = await look(subscriptionId)
      for (const _ of ['first', 'again']) await payments.cancel(subscriptionId)
      await payments.cancel('sub_unknown')
      expect(await look(subscriptionId)).toMatchObject({ status: 'canceled', paidThrough })
      await payments.refund(subscriptionId)
      expect(await look(subscriptionId)).toMatchObject({ status: 'canceled', paidThrough })
    })

    it('cancels what is past due, of which the last period stays unpaid', async () => {
      const { customerId, subscriptionId } = await subscribe()
      const { paidThrough } = await look(subscriptionId)
      await opened.changeCard(customerId, 'failing')
      opened.turnDays(32)
      await payments.cancel(subscriptionId)
      expect(await look(subscriptionId)).toMatchObject({ status: 'canceled', paidThrough })
    })

    it('refunds everything that was charged, and never more', async () => {
      const { subscriptionId } = await subscribe()
      opened.turnDays(32)
      await payments.cancel(subscriptionId)
      expect(await payments.refundedOf(subscriptionId)).toEqual({ amount: 0, left: 3800, currency: 'EUR' })
      await Promise.all([payments.refund(subscriptionId), payments.refund(subscriptionId)])
      await payments.refund(subscriptionId)
      expect(await payments.refundedOf(subscriptionId)).toEqual({ amount: 3800, left: 0, currency: 'EUR' })
    })

    it('tells what was charged since an instant', async () => {
      const { subscriptionId } = await subscribe()
      opened.turnDays(20)
      const since = opened.now()
      expect(await payments.refundedOf(subscriptionId, since)).toBeUndefined()
      opened.turnDays(12)
      expect(await payments.refundedOf(subscriptionId, since)).toEqual({ amount: 0, left: 1900, currency: 'EUR' })
    })

    it('says that a payment is disputed, whose it is, and leaves a refused refund undone', async () => {
      const { customerId, subscriptionId } = await subscribe()
      const disputeId = await opened.dispute(subscriptionId)
      expect(await look(subscriptionId)).toMatchObject({ status: 'active', isDisputed: true })
      expect(await payments.customerOfDispute(disputeId)).toBe(customerId)
      expect(await payments.customerOfDispute('du_unknown')).toBeUndefined()
      await payments.refund(subscriptionId)
      expect(await payments.refundedOf(subscriptionId)).toEqual({ amount: 0, left: 1900, currency: 'EUR' })
    })

    it('says so also of a payment of before, until that is decided', async () => {
      const { subscriptionId } = await subscribe()
      const disputeId = await opened.dispute(subscriptionId)
      for (const _ of ['first', 'second']) {
        opened.turnDays(32)
        expect(await look(subscriptionId)).toMatchObject({ status: 'active', isDisputed: true })
      }
      await opened.decide(disputeId, 'lost')
      expect(await look(subscriptionId)).toMatchObject({ status: 'active', isDisputed: false })
    })

    it('counts a refund that has failed as none', async () => {
      const { subscriptionId } = await subscribe()
      await payments.refund(subscriptionId)
      expect(await payments.refundedOf(subscriptionId)).toEqual({ amount: 1900, left: 0, currency: 'EUR' })
      await opened.failRefund()
      expect(await payments.refundedOf(subscriptionId)).toEqual({ amount: 0, left: 1900, currency: 'EUR' })
    })

    it('opens the portal', async () => {
      const { customerId } = await subscribe()
      const { url } = await payments.openPortal({ customerId, returnUrl: 'http://localhost/back' })
      expect(url).toMatch(/^https?:\/\//)
    })
  })
}
