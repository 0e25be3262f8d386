import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CheckoutSession, Payments, PriceChoice } from '../../../core/ports/payments.ts'
import { accountId, lifeContract, type OpenedSubscriptions, siteId } from './life-contract.ts'

export interface OpenedPayments extends Omit<OpenedSubscriptions, 'payments' | 'plans' | 'subscribe'> {
  readonly payments: Payments
  /** Somebody else, who makes a subscription of a customer that is none of ours. @returns its id. */
  readonly subscribeForeigner: (customerId: string) => Promise<string>
  /** @returns whether the card was taken. */
  readonly pay: (sessionId: string, card: 'good' | 'declined') => Promise<boolean>
  /** Somebody does, in the dashboard. */
  readonly deleteCustomer: (customerId: string) => Promise<void>
  /** The bank takes the latest payment of a subscription back. @returns the dispute's id. */
  readonly dispute: (subscriptionId: string) => Promise<string>
  /** It is decided. */
  readonly decide: (disputeId: string, outcome: 'won' | 'lost') => Promise<void>
  /** The bank could not pass the latest refund on. */
  readonly failRefund: () => Promise<void>
}

const starter: PriceChoice = { plan: 'starter', interval: 'month', currency: 'EUR' }

const openCheckoutOf = (
  payments: Payments,
  customerId: string,
  { price = starter, idempotencyKey = 'checkout-1' }: { price?: PriceChoice; idempotencyKey?: string } = {},
): Promise<CheckoutSession> =>
  payments.openCheckout({
    ...{ siteId, accountId, customerId, price, idempotencyKey },
    successUrl: 'http://localhost/paid',
    cancelUrl: 'http://localhost/back',
    description: 'acme.sites.example',
  })

const email = 'ada@example.com'

/** @returns ids of the customer and the subscription. */
const subscribeByCheckout = async ({ payments, pay }: Pick<OpenedPayments, 'payments' | 'pay'>, price = starter) => {
  const customerId = await payments.openCustomer({ accountId, email, idempotencyKey: 'customer-1' })
  const { id } = await openCheckoutOf(payments, customerId, { price })
  expect(await pay(id, 'good')).toBe(true)
  const subscriptionId = (await payments.findCheckout(id))?.subscriptionId
  if (subscriptionId === undefined) throw new Error('the payment made no subscription')
  return { customerId, subscriptionId }
}

/** What every `Payments` keeps. */
export const paymentsContract = (name: string, open: () => Promise<OpenedPayments>): void => {
  lifeContract(name, async () => {
    const opened = await open()
    return { ...opened, subscribe: (price) => subscribeByCheckout(opened, price) }
  })

  describe(`${name}, as every Payments`, () => {
    let opened: OpenedPayments
    let payments: Payments

    beforeEach(async () => {
      opened = await open()
      payments = opened.payments
    })
    afterEach(() => opened.close())

    const openCustomer = (idempotencyKey = 'customer-1', account = accountId) =>
      payments.openCustomer({ accountId: account, email, idempotencyKey })

    const openCheckout = (customerId: string, price = starter, idempotencyKey = 'checkout-1') =>
      openCheckoutOf(payments, customerId, { price, idempotencyKey })

    const subscribe = (price = starter) => subscribeByCheckout(opened, price)

    const check = async (id: string) => {
      const found = await payments.getSubscription(id)
      if (found === undefined) throw new Error(`there is no subscription ${id}`)
      return found
    }

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
      expect(await check(subscriptionId)).toMatchObject({ status: 'canceled' })
      expect(await openCustomer('customer-2')).not.toBe(customerId)
    })

    it('lists what is ours, and of somebody else’s shows no site', async () => {
      const { customerId, subscriptionId } = await subscribe()
      const foreign = await opened.subscribeForeigner(customerId)
      const listed: string[] = []
      for await (const { id } of payments.listSubscriptions()) listed.push(id)
      expect(listed).toEqual([subscriptionId])
      expect(await check(foreign)).toMatchObject({ siteId: undefined, paidThrough: undefined })
      expect((await payments.subscriptionsOf(customerId)).map(({ id }) => id).toSorted()).toEqual(
        [subscriptionId, foreign].toSorted(),
      )
    })

    it('tells what was charged since an instant', async () => {
      const { subscriptionId } = await subscribe()
      const first = await payments.lastInvoice(subscriptionId)
      expect(first).toMatchObject({ amount: 1900, currency: 'EUR', url: expect.stringMatching(/^https?:/) })
      await opened.turnDays(20)
      const since = opened.now()
      expect(await payments.refundedOf(subscriptionId, since)).toBeUndefined()
      await opened.turnDays(12)
      const { paidAt = '' } = (await payments.lastInvoice(subscriptionId)) ?? {}
      expect(paidAt > since).toBe(true)
      expect(await payments.refundedOf(subscriptionId, since)).toEqual({ amount: 0, left: 1900, currency: 'EUR' })
    })

    it('says that a payment is disputed, whose it is, and leaves a refused refund undone', async () => {
      const { customerId, subscriptionId } = await subscribe()
      const disputeId = await opened.dispute(subscriptionId)
      expect(await check(subscriptionId)).toMatchObject({ status: 'active', isDisputed: true })
      expect(await payments.customerOfDispute(disputeId)).toBe(customerId)
      expect(await payments.customerOfDispute('du_unknown')).toBeUndefined()
      await payments.refund(subscriptionId)
      expect(await payments.refundedOf(subscriptionId)).toEqual({ amount: 0, left: 1900, currency: 'EUR' })
    })

    it('says so also of a payment of before, until that is decided', async () => {
      const { subscriptionId } = await subscribe()
      const disputeId = await opened.dispute(subscriptionId)
      for (const _ of ['first', 'second']) {
        await opened.turnDays(32)
        expect(await check(subscriptionId)).toMatchObject({ status: 'active', isDisputed: true })
      }
      await opened.decide(disputeId, 'lost')
      expect(await check(subscriptionId)).toMatchObject({ status: 'active', isDisputed: false, lostDisputes: 1 })
    })

    it.each([
      ['won', undefined, 1900],
      ['lost', 1, 0],
    ] as const)('leaves of a payment what a dispute did not take that is %s', async (outcome, lostDisputes, left) => {
      const { subscriptionId } = await subscribe()
      await opened.decide(await opened.dispute(subscriptionId), outcome)
      const seen = await check(subscriptionId)
      expect([seen?.isDisputed, seen?.lostDisputes]).toEqual([false, lostDisputes])
      expect(await payments.refundedOf(subscriptionId)).toEqual({ amount: 0, left, currency: 'EUR' })
    })

    it('counts a refund that has failed as none', async () => {
      const { subscriptionId } = await subscribe()
      await payments.refund(subscriptionId)
      expect(await payments.refundedOf(subscriptionId)).toEqual({ amount: 1900, left: 0, currency: 'EUR' })
      await opened.failRefund()
      expect(await payments.refundedOf(subscriptionId)).toEqual({ amount: 0, left: 1900, currency: 'EUR' })
    })
  })
}
