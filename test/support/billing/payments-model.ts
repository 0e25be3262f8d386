import { billingStateOf } from '../../../core/billing/subscription.ts'
import { SitewrightError } from '../../../core/errors.ts'
import type { AccountId, SiteId } from '../../../core/ids.ts'
import type { Instant } from '../../../core/instant.ts'
import { plusDays } from '../../../core/instant.ts'
import type { CheckoutSession, Payments, PriceChoice, Subscription } from '../../../core/ports/payments.ts'

interface Invoice {
  readonly amount: number
  readonly end: Instant
  readonly paidAt: Instant
  refundedAt?: Instant
}

interface HeldSubscription {
  id: string
  customerId: string
  siteId: SiteId | undefined
  status: Subscription['status']
  createdAt: Instant
  price: PriceChoice | undefined
  cancelsAtPeriodEnd: boolean
  isDisputed: boolean
  periodEnd: Instant
  readonly invoices: Invoice[]
}

interface HeldSession {
  readonly id: string
  readonly order: Parameters<Payments['openCheckout']>[0]
  status: CheckoutSession['status']
  subscriptionId?: string
}

/** When a call fails: before it has done anything, or after it has done all of it and its reply is lost. */
export type Fault = 'before' | 'after' | undefined

const lengths = { month: 30, year: 365 } as const
/** In minor units. */
const amounts = { month: 1900, year: 19_000 } as const

const latestUnrefunded = ({ invoices }: HeldSubscription): Invoice | undefined =>
  invoices.filter(({ refundedAt }) => refundedAt === undefined).toSorted((a, b) => (a.end < b.end ? 1 : -1))[0]

const seenOf = (held: HeldSubscription): Subscription => ({
  id: held.id,
  customerId: held.customerId,
  siteId: held.siteId,
  status: held.status,
  createdAt: held.createdAt,
  price: held.price,
  cancelsAtPeriodEnd: held.cancelsAtPeriodEnd,
  paidThrough: latestUnrefunded(held)?.end,
  isDisputed: held.isDisputed,
})

/** What of a subscription a site's billing repeats. */
export const projectionOf = ({ id, status, cancelsAtPeriodEnd, paidThrough, isDisputed }: Subscription): string =>
  JSON.stringify([id, billingStateOf(status), cancelsAtPeriodEnd, paidThrough, isDisputed])

/**
 * Stripe, as far as our port goes: in memory, with a state that moves on, and with calls that fail. It remembers everything
 * that it ever was, so that a test can tell what was never so.
 */
export const createPaymentsModel = ({
  now,
  fault = () => undefined,
  latency = () => 0,
}: {
  readonly now: () => Instant
  readonly fault?: (call: string) => Fault
  /** How long a reply is on its way, in turns of the event loop's microtasks. */
  readonly latency?: () => number
}) => {
  const subscriptions = new Map<string, HeldSubscription>()
  const sessions = new Map<string, HeldSession>()
  const customers = new Map<AccountId, string>()
  const replies = new Map<string, { readonly of: string; readonly value: unknown }>()
  const disputes = new Map<string, string>()
  /** Every projection that a subscription ever had, in the order in which it had them. */
  const history = new Map<string, string[]>()
  const calls: string[] = []
  let refunding: 'done' | 'refused' | 'hollow' = 'done'
  let counter = 0
  const next = (prefix: string): string => {
    counter += 1
    return `${prefix}_${counter}`
  }

  const find = (id: string): HeldSubscription => {
    const held = subscriptions.get(id)
    if (held === undefined) throw new Error(`the model has no subscription ${id}`)
    return held
  }
  const touch = (held: HeldSubscription): void => {
    history.set(held.id, [...(history.get(held.id) ?? []), projectionOf(seenOf(held))])
  }
  const change = (id: string, facts: Partial<HeldSubscription>): void => {
    const held = Object.assign(find(id), facts)
    touch(held)
  }

  const create = (facts: {
    readonly customerId: string
    readonly siteId?: SiteId
    readonly price: PriceChoice | undefined
  }): string => {
    const id = next('sub')
    const held: HeldSubscription = {
      siteId: undefined,
      ...facts,
      id,
      status: 'incomplete',
      createdAt: `${now().slice(0, 19)}.000Z`,
      cancelsAtPeriodEnd: false,
      isDisputed: false,
      periodEnd: now(),
      invoices: [],
    }
    subscriptions.set(id, held)
    touch(held)
    return id
  }

  const collect = (id: string, amount?: number): void => {
    const held = find(id)
    const interval = held.price?.interval ?? 'month'
    held.periodEnd = plusDays(now() > held.periodEnd ? now() : held.periodEnd, lengths[interval])
    held.invoices.push({ amount: amount ?? amounts[interval], end: held.periodEnd, paidAt: now() })
    change(id, { status: 'active' })
  }

  const end = (id: string): void => {
    if (find(id).status !== 'canceled') change(id, { status: 'canceled' })
  }

  const giveBack = (id: string): Invoice | undefined => {
    const held = find(id)
    const invoice = latestUnrefunded(held)
    if (invoice !== undefined) invoice.refundedAt = now()
    touch(held)
    return invoice
  }

  /** The same key brings the same reply, and does nothing again; with something else asked, Stripe refuses. */
  const once = <Value>(key: string, of: string, act: () => Value): Value => {
    const known = replies.get(key)
    if (known === undefined) {
      const value = act()
      replies.set(key, { of, value })
      return value
    }
    if (known.of !== of) throw new Error(`the idempotency key ${key} was used for something else`)
    return known.value as Value
  }

  const called = async <Value>(name: string, act: () => Value): Promise<Value> => {
    calls.push(name)
    const failure = fault(name)
    const down = () => new SitewrightError('Unavailable', 'Stripe does not answer.', { retryAfterSeconds: 5 })
    if (failure === 'before') throw down()
    const value = act()
    for (let turns = latency(); turns > 0; turns -= 1) await null
    if (failure === 'after') throw down()
    return value
  }

  const sessionOf = ({ id, status, subscriptionId }: HeldSession): CheckoutSession => ({
    id,
    status,
    url: status === 'open' ? `https://pay.example/${id}` : undefined,
    subscriptionId,
  })

  const payments: Payments = {
    openCustomer: ({ accountId }) =>
      called('openCustomer', () => {
        const known = customers.get(accountId) ?? next('cus')
        customers.set(accountId, known)
        return known
      }),
    hasCustomer: (id) => called('hasCustomer', () => [...customers.values()].includes(id)),
    openCheckout: (order) =>
      called('openCheckout', () =>
        once(order.idempotencyKey, JSON.stringify(order), () => {
          const session: HeldSession = { id: next('cs'), order, status: 'open' }
          sessions.set(session.id, session)
          return sessionOf(session)
        }),
      ),
    findCheckout: (id) =>
      called('findCheckout', () => {
        const session = sessions.get(id)
        return session && sessionOf(session)
      }),
    expireCheckout: (id) =>
      called('expireCheckout', () => {
        const session = sessions.get(id)
        if (session === undefined) throw new Error(`the model has no session ${id}`)
        if (session.status === 'open') session.status = 'expired'
        return sessionOf(session)
      }),
    openPortal: ({ customerId }) => called('openPortal', () => ({ url: `https://portal.example/${customerId}` })),
    getSubscription: (id) =>
      called('getSubscription', () => {
        const held = subscriptions.get(id)
        return held && seenOf(held)
      }),
    subscriptionsOf: (customerId) =>
      called('subscriptionsOf', () =>
        [...subscriptions.values()]
          .filter((held) => held.customerId === customerId)
          .map(seenOf)
          .toReversed(),
      ),
    customerOfDispute: (id) =>
      called('customerOfDispute', () => {
        const subscriptionId = disputes.get(id)
        return subscriptionId === undefined ? undefined : find(subscriptionId).customerId
      }),
    listSubscriptions: async function* () {
      await called('listSubscriptions', () => undefined)
      for (const held of [...subscriptions.values()]) if (held.siteId !== undefined) yield seenOf(held)
    },
    changePrice: ({ subscriptionId, price, idempotencyKey }) =>
      called('changePrice', () =>
        once(idempotencyKey, JSON.stringify([subscriptionId, price]), () => {
          change(subscriptionId, { price })
          return seenOf(find(subscriptionId))
        }),
      ),
    setCancelAtPeriodEnd: (id, cancels) =>
      called('setCancelAtPeriodEnd', () => {
        if (find(id).status !== 'canceled') change(id, { cancelsAtPeriodEnd: cancels })
      }),
    cancel: (id) => called('cancel', () => end(id)),
    refund: ({ subscriptionId: id, beyond, idempotencyKey }) =>
      called('refund', () =>
        once(idempotencyKey, id, () => {
          const due = latestUnrefunded(find(id))
          if (refunding === 'refused' || due === undefined || due.amount === 0 || due.end <= beyond) return undefined
          const invoice = refunding === 'hollow' ? due : giveBack(id)
          return invoice && { amount: invoice.amount, currency: find(id).price?.currency ?? 'EUR' }
        }),
      ),
    refundedOf: (id) =>
      called('refundedOf', () => {
        const { invoices, price } = find(id)
        const sumOf = (some: readonly Invoice[]) => some.reduce((sum, { amount }) => sum + amount, 0)
        const amount = sumOf(invoices.filter(({ refundedAt }) => refundedAt !== undefined))
        const left = sumOf(invoices) - amount
        return amount + left === 0 ? undefined : { amount, left, currency: price?.currency ?? 'EUR' }
      }),
  }

  return {
    payments,
    calls,
    history,
    subscriptions,
    seen: (id: string): Subscription => seenOf(find(id)),
    ofSite: (siteId: SiteId): readonly HeldSubscription[] =>
      [...subscriptions.values()].filter((held) => held.siteId === siteId),
    /** A first payment that is under way. */
    create,
    /** What is due is paid: it is active, and its period goes on. */
    collect,
    change,
    end,
    giveBack,
    /** What becomes of refunds from now on: `hollow` ones are said to be done, and are not. */
    refunds: (will: typeof refunding): void => {
      refunding = will
    },
    /** The bank could not pass it on: it is ours again. */
    failRefund: (id: string): void => {
      const held = find(id)
      for (const invoice of held.invoices) delete invoice.refundedAt
      touch(held)
    },
    dispute: (id: string): string => {
      const disputeId = next('dp')
      disputes.set(disputeId, id)
      change(id, { isDisputed: true })
      return disputeId
    },
    /** The customer pays in the session: undefined where it is no longer open. */
    pay: (sessionId: string): string | undefined => {
      const session = sessions.get(sessionId)
      if (session?.status !== 'open') return undefined
      session.status = 'complete'
      const { customerId, siteId, price } = session.order
      session.subscriptionId = create({ customerId, siteId, price })
      collect(session.subscriptionId)
      return session.subscriptionId
    },
  }
}
