import { SitewrightError } from '../../core/errors.ts'
import type { Instant } from '../../core/instant.ts'
import { plusDays } from '../../core/instant.ts'
import type { CheckoutSession, Payments, PriceChoice, Subscription } from '../../core/ports/payments.ts'

type Call = keyof Payments

/** How a call of Stripe ends: not made at all, made and its reply lost, or, for once, declined. */
export type PaymentFault = 'before' | 'after' | 'declined'

interface Session {
  readonly id: string
  readonly order: Parameters<Payments['openCheckout']>[0]
  status: CheckoutSession['status']
  subscriptionId: string | undefined
}

/**
 * Stripe, as far as the acts of owners see it: in memory, with its idempotency keys, which answer what they answered before,
 * and with faults. What an owner does at its pages is `pay` and the like.
 */
export const playPayments = (now: () => Instant) => {
  const customers = new Map<string, string>()
  const sessions: Session[] = []
  const subscriptions: Subscription[] = []
  const answered = new Map<string, unknown>()
  /** Customers that were deleted, or are in another account. */
  const gone = new Set<string>()
  const faults: [Call, PaymentFault][] = []
  const calls: Call[] = []
  /** Changes of price that were charged for. */
  const charges: PriceChoice[] = []
  let opened = 0

  const unavailable = () => new SitewrightError('Unavailable', 'Stripe does not answer.', { retryAfterSeconds: 5 })
  const called = async <Result>(call: Call, work: () => Result): Promise<Result> => {
    calls.push(call)
    const index = faults.findIndex(([name]) => name === call)
    const fault = index < 0 ? undefined : faults.splice(index, 1)[0]?.[1]
    if (fault === 'before') throw unavailable()
    if (fault === 'declined') throw new SitewrightError('PaymentDeclined', 'Your card was declined.')
    const result = work()
    if (fault === 'after') throw unavailable()
    return result
  }
  const once = <Result>(key: string, work: () => Result): Result => {
    if (!answered.has(key)) answered.set(key, work())
    return answered.get(key) as Result
  }
  const replace = (id: string, change: Partial<Subscription>): Subscription => {
    const index = subscriptions.findIndex((subscription) => subscription.id === id)
    const after = { ...subscriptions[index]!, ...change }
    subscriptions[index] = after
    return after
  }
  const find = (id: string): Session | undefined => sessions.find((session) => session.id === id)
  const unpaid = ({ order: { customerId, siteId, price } }: Session): Subscription => {
    const subscription: Subscription = {
      id: `sub_${subscriptions.length + 1}`,
      customerId,
      siteId,
      status: 'incomplete',
      createdAt: now(),
      price,
      cancelsAtPeriodEnd: false,
      paidThrough: undefined,
      isDisputed: false,
    }
    subscriptions.push(subscription)
    return subscription
  }
  /** As Stripe says it of a customer that it does not know. */
  const requireCustomer = (id: string): void => {
    if (gone.has(id)) throw new Error('Stripe refused: resource_missing customer')
  }
  const shown = ({ id, status, subscriptionId }: Session): CheckoutSession => ({
    id,
    status,
    url: status === 'open' ? `https://stripe.example/pay/${id}` : undefined,
    subscriptionId,
  })

  const payments: Payments = {
    openCustomer: ({ accountId, idempotencyKey }) =>
      called('openCustomer', () =>
        once(idempotencyKey, () => {
          opened += 1
          const id = `cus_${opened}`
          customers.set(accountId, id)
          return id
        }),
      ),
    hasCustomer: (id) => called('hasCustomer', () => !gone.has(id)),
    openCheckout: (order) =>
      called('openCheckout', () =>
        once(order.idempotencyKey, () => {
          requireCustomer(order.customerId)
          const session: Session = {
            id: `cs_test_${sessions.length + 1}`,
            order,
            status: 'open',
            subscriptionId: undefined,
          }
          sessions.push(session)
          return shown(session)
        }),
      ),
    findCheckout: (id) =>
      called('findCheckout', () => {
        const session = find(id)
        return session === undefined ? undefined : shown(session)
      }),
    expireCheckout: (id) =>
      called('expireCheckout', () => {
        const session = find(id)!
        if (session.status === 'open') session.status = 'expired'
        return shown(session)
      }),
    openPortal: ({ customerId, returnUrl }) =>
      called('openPortal', () => {
        requireCustomer(customerId)
        return { url: `https://stripe.example/portal/${customerId}?back=${encodeURIComponent(returnUrl)}` }
      }),
    getSubscription: (id) => called('getSubscription', () => subscriptions.find((one) => one.id === id)),
    subscriptionsOf: (customerId) =>
      called('subscriptionsOf', () => subscriptions.filter((one) => one.customerId === customerId).toReversed()),
    customerOfDispute: () => called('customerOfDispute', () => undefined),
    listSubscriptions: async function* () {
      yield* subscriptions
    },
    changePrice: ({ subscriptionId, price, idempotencyKey }) =>
      called('changePrice', () =>
        once(idempotencyKey, () => {
          const before = subscriptions.find(({ id }) => id === subscriptionId)?.price
          if (JSON.stringify(before) !== JSON.stringify(price)) charges.push(price)
          return replace(subscriptionId, { price })
        }),
      ),
    setCancelAtPeriodEnd: (id, cancelsAtPeriodEnd) =>
      called('setCancelAtPeriodEnd', () => void replace(id, { cancelsAtPeriodEnd })),
    cancel: (id) => called('cancel', () => void replace(id, { status: 'canceled' })),
    refund: () => called('refund', () => undefined),
    refundedOf: () => called('refundedOf', () => undefined),
  }

  return {
    payments,
    sessions,
    subscriptions,
    calls,
    charges,
    /** Of the next call of that name. */
    fail: (call: Call, fault: PaymentFault) => void faults.push([call, fault]),
    change: replace,
    openSessions: () => sessions.filter(({ status }) => status === 'open'),
    /** What Stripe's page does with a card that is declined: there is a subscription that waits for another one. */
    decline: (sessionId: string): Subscription => {
      const session = find(sessionId)
      if (session?.status !== 'open') throw new Error(`${sessionId} cannot be paid`)
      return unpaid(session)
    },
    /** Somebody deletes a customer in the dashboard, or another account is asked from now on. */
    forgetCustomer: (id: string): void => {
      gone.add(id)
      for (const subscription of [...subscriptions]) {
        if (subscription.customerId === id) subscriptions.splice(subscriptions.indexOf(subscription), 1)
      }
    },
    /** What Stripe's page does with a good card. */
    pay: (sessionId: string): Subscription => {
      const session = find(sessionId)
      if (session?.status !== 'open') throw new Error(`${sessionId} cannot be paid`)
      const subscription = replace(unpaid(session).id, { status: 'active', paidThrough: plusDays(now(), 30) })
      session.status = 'complete'
      session.subscriptionId = subscription.id
      return subscription
    },
  }
}

export type PlayedPayments = ReturnType<typeof playPayments>
