import { SitewrightError } from '../../../core/errors.ts'
import type { AccountId } from '../../../core/ids.ts'
import { type Instant, plusDays } from '../../../core/instant.ts'
import {
  type CheckoutSession,
  type Payments,
  type PriceChoice,
  type PriceDifference,
  RefusedByStripe,
} from '../../../core/ports/payments.ts'
import {
  amountDueOf,
  amountOf,
  createStripeModel,
  endsWithPeriod,
  type HeldSubscription,
  isOver,
  type StripeModel,
  seenOf,
  unrefunded,
} from './stripe-model.ts'

/**
 * When a call fails: before it does anything, or after its work with the reply lost; `declined` stands for a card, `refused` for
 * a mistake of ours.
 */
export type Fault = 'before' | 'after' | 'declined' | 'refused' | undefined

type Call = keyof Payments

const sessionOf = ({
  id,
  status,
  subscription,
  payment = 'done',
}: StripeModel['sessions'][number]): CheckoutSession => ({
  id,
  status,
  url: status === 'open' ? `https://stripe.example/pay/${id}` : undefined,
  subscriptionId: subscription,
  payment,
})

/** The difference is charged at once; another interval begins a period of its own and credits the old one. */
const moveTo = (model: StripeModel, held: HeldSubscription, price: PriceChoice, isConfirmed = false): void => {
  const due = Math.max(0, amountDueOf({ price }) - amountDueOf(held))
  const card = model.cardOf(held.customerId)
  if (due > 0 && card === 'failing') throw new SitewrightError('PaymentDeclined', 'Your card was declined.')
  if (due > 0 && card === 'authenticates' && !isConfirmed) {
    const [expiresAt = ''] = [plusDays(model.now(), 23 / 24), held.periodEnd].toSorted()
    model.change(held.id, { pending: { price, expiresAt } })
    return
  }
  if (held.price?.interval === price.interval) {
    if (due > 0) held.invoices.push({ amount: due, end: held.periodEnd, paidAt: model.now() })
  } else {
    for (const invoice of held.invoices) if (invoice.end > model.now()) invoice.isCredited = true
    held.periodEnd = plusDays(model.now(), price.interval === 'month' ? 30 : 365)
    held.invoices.push({ amount: due, end: held.periodEnd, paidAt: model.now() })
  }
  model.change(held.id, { price })
}

interface ModelOptions {
  readonly now: () => Instant
  readonly fault?: (call: string) => Fault
  /** How long a reply takes, in turns of the event loop's microtasks. */
  readonly latency?: () => number
  /** How subscriptions end for which nothing can be collected. */
  readonly givesUp?: () => 'canceled' | 'unpaid'
}

/** The one implementation of `Payments` besides the adapter: in memory, held by the adapter's contract, with calls that fail. */
export const createPaymentsModel = ({ now, fault = () => undefined, latency = () => 0, givesUp }: ModelOptions) => {
  const model = createStripeModel(now, givesUp)
  const { next, subscriptions, sessions, disputes, gone, change } = model
  const customers = new Map<AccountId, string>()
  const redacted = new Set<string>()
  const replies = new Map<string, { readonly of: string; readonly value: unknown }>()
  const calls: Call[] = []
  const planned: [Call, Fault][] = []
  /** The changes of price that were made. */
  const priceChanges: PriceChoice[] = []
  /** From when their differences counted. */
  const proratedAt: (Instant | undefined)[] = []
  /** The prices that Stripe has otherwise. */
  const differences: PriceDifference[] = []
  let refunding: 'done' | 'refused' = 'done'

  /** The same key brings the same reply and does nothing again. Asked for something else, Stripe refuses. */
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

  const called = async <Value>(name: Call, act: () => Value): Promise<Value> => {
    calls.push(name)
    const index = planned.findIndex(([call]) => call === name)
    const failure = index < 0 ? fault(name) : planned.splice(index, 1)[0]?.[1]
    const down = () => new SitewrightError('Unavailable', 'Stripe does not answer.', { retryAfterSeconds: 5 })
    if (failure === 'before') throw down()
    if (failure === 'refused') {
      throw new RefusedByStripe({ act: name, code: 'parameter_invalid_empty', requestId: 'req_sample' })
    }
    if (failure === 'declined') throw new SitewrightError('PaymentDeclined', 'Your card was declined.')
    const value = act()
    for (let turns = latency(); turns > 0; turns -= 1) await null
    if (failure === 'after') throw down()
    return value
  }

  const requireCustomer = (id: string): void => {
    if (gone.has(id)) throw new Error('Stripe refused: resource_missing customer')
  }

  const payments: Payments = {
    openCustomer: ({ accountId }) =>
      called('openCustomer', () => {
        const known = customers.get(accountId)
        const id = known === undefined || gone.has(known) ? next('cus') : known
        customers.set(accountId, id)
        return id
      }),
    hasCustomer: (id) => called('hasCustomer', () => [...customers.values()].includes(id) && !gone.has(id)),
    redactCustomer: (id) => called('redactCustomer', () => void redacted.add(id)),
    openCheckout: (order) =>
      called('openCheckout', () => {
        if (amountOf(order.price) === undefined) {
          throw new SitewrightError('Unavailable', 'There is no such price.', { retryAfterSeconds: 60 })
        }
        return once(order.idempotencyKey, JSON.stringify(order), () => {
          requireCustomer(order.customerId)
          const session = { id: next('cs'), order, status: 'open' } as const
          sessions.push({ ...session })
          return sessionOf(session)
        })
      }),
    findCheckout: (id) =>
      called('findCheckout', () => {
        const session = sessions.find((one) => one.id === id)
        return session && sessionOf(session)
      }),
    expireCheckout: (id) =>
      called('expireCheckout', () => {
        const session = sessions.find((one) => one.id === id)
        if (session?.status === 'open') session.status = 'expired'
        return session === undefined
          ? { id, status: 'expired', url: undefined, subscriptionId: undefined, payment: 'done' }
          : sessionOf(session)
      }),
    openPortal: ({ customerId, returnUrl }) =>
      called('openPortal', () => {
        requireCustomer(customerId)
        return { url: `https://stripe.example/portal/${customerId}?back=${encodeURIComponent(returnUrl)}` }
      }),
    getSubscription: (id) =>
      called('getSubscription', () => {
        const held = subscriptions.get(id)
        return held && seenOf(held)
      }),
    subscriptionsOf: (id) => called('subscriptionsOf', () => model.ofCustomer(id).map(seenOf).toReversed()),
    customerOfDispute: (id) => called('customerOfDispute', () => subscriptions.get(disputes.get(id) ?? '')?.customerId),
    pricesThatDiffer: () => called('pricesThatDiffer', () => differences),
    listSubscriptions: async function* () {
      await called('listSubscriptions', () => undefined)
      for (const held of [...subscriptions.values()]) if (held.siteId !== undefined) yield seenOf(held)
    },
    previewPrice: ({ subscriptionId, price }) =>
      called('previewPrice', () => {
        const held = model.find(subscriptionId)
        const [charge, unused] = [amountDueOf({ price }), amountDueOf(held)]
        const [due, credit] = [Math.max(0, charge - unused), Math.max(0, unused - charge)]
        return { due, credit, currency: price.currency, charge, unused, tax: 0, paysUntil: seenOf(held).paidThrough }
      }),
    changePrice: ({ subscriptionId, price, idempotencyKey, proratedAt: at }) =>
      called('changePrice', () => {
        const held = subscriptions.get(subscriptionId)
        if (held === undefined || isOver(held)) {
          throw new SitewrightError('TransitionNotAllowed', 'The subscription has ended. Buy a plan again.')
        }
        const isSame = (one: PriceChoice | undefined) => JSON.stringify(one) === JSON.stringify(price)
        const confirmUrl = `https://stripe.example/invoice/${held.id}`
        if (isSame(held.pending?.price)) return { ...seenOf(held), confirmUrl }
        if (held.pending !== undefined) model.dropPending(held.id)
        if (isSame(held.price)) return seenOf(held)
        return once(`${idempotencyKey} ${JSON.stringify(held.price)}`, JSON.stringify([subscriptionId, price]), () => {
          moveTo(model, held, price)
          priceChanges.push(price)
          proratedAt.push(at)
          return held.pending === undefined ? seenOf(held) : { ...seenOf(held), confirmUrl }
        })
      }),
    setCancelAtPeriodEnd: (id, cancelsAtPeriodEnd) =>
      called('setCancelAtPeriodEnd', () => {
        const held = subscriptions.get(id)
        if (held === undefined || isOver(held) || endsWithPeriod(held) === cancelsAtPeriodEnd) return
        change(id, { cancelsAtPeriodEnd, cancelAt: undefined })
      }),
    setCollection: (id, collects) =>
      called('setCollection', () => {
        if (seenOf(model.find(id)).collection === (collects ? 'held' : 'retried')) change(id, { isHeld: !collects })
      }),
    cancel: (id) => called('cancel', () => (subscriptions.has(id) ? model.end(id) : undefined)),
    refund: (id) =>
      called('refund', () => {
        if (refunding !== 'done') return
        for (const invoice of unrefunded(model.find(id))) {
          if (invoice.amount > 0 && invoice.isDisputed !== true) model.giveBack(id, invoice)
        }
      }),
    lastInvoice: (id) =>
      called('lastInvoice', () => {
        const { invoices, price } = model.find(id)
        const last = invoices.filter(({ amount }) => amount > 0).at(-1)
        if (last === undefined) return undefined
        const { amount, paidAt } = last
        return { amount, currency: price?.currency ?? 'EUR', paidAt, url: `https://invoice.stripe.com/i/${id}` }
      }),
    patiently: (work) => work(),
    refundedOf: (id, since = '') =>
      called('refundedOf', () => {
        const { invoices, price } = model.find(id)
        const charged = invoices.filter(({ amount, paidAt }) => amount > 0 && paidAt >= since)
        if (charged.length === 0) return undefined
        const sumOf = (all: typeof charged) => all.reduce((sum, { amount }) => sum + amount, 0)
        const kept = charged.filter(({ refundedAt }) => refundedAt === undefined)
        const left = sumOf(kept.filter(({ isLost }) => !isLost))
        return { amount: sumOf(charged) - sumOf(kept), left, currency: price?.currency ?? 'EUR' }
      }),
  }

  return {
    ...model,
    payments,
    calls,
    priceChanges,
    proratedAt,
    differences,
    /** The owner confirms the change that waits. */
    confirm: (id: string): void => {
      const held = model.find(id)
      const { pending } = held
      if (pending === undefined) throw new Error(`no change of ${id} waits`)
      model.dropPending(id)
      moveTo(model, held, pending.price, true)
    },
    /** Plans the fault of the next call of that name. */
    fail: (call: Call, failure: Fault): void => void planned.push([call, failure]),
    /** The outcome of refunds from now on. */
    refunds: (will: typeof refunding): void => {
      refunding = will
    },
  }
}
export type PaymentsModel = ReturnType<typeof createPaymentsModel>
