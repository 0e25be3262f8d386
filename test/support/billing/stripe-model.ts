import type { SiteId } from '../../../core/ids.ts'
import { type Instant, plusDays } from '../../../core/instant.ts'
import type { CheckoutSession, Payments, PriceChoice, Subscription } from '../../../core/ports/payments.ts'
import { billingStateOf } from '../../../core/site/site-billing.ts'
import config from '../../../sitewright.config.ts'

interface Invoice {
  /** In minor units. */
  readonly amount: number
  readonly end: Instant
  readonly paidAt: Instant
  refundedAt?: Instant
  /** Its unused time was credited by a later invoice. */
  isCredited?: true
  isDisputed?: true
  /** A dispute took it back. */
  isLost?: boolean
}

export interface HeldSubscription {
  id: string
  customerId: string
  siteId: SiteId | undefined
  status: Subscription['status']
  createdAt: Instant
  price: PriceChoice | undefined
  cancelsAtPeriodEnd: boolean
  /** A date that ends it, in place of the flag. */
  cancelAt?: Instant | undefined
  isDisputed: boolean
  periodEnd: Instant
  /** Staff gave its latest invoice up. */
  isWrittenOff?: boolean
  /** A change of price that waits for the owner's bank. */
  pending?: { readonly price: PriceChoice; readonly expiresAt: Instant }
  /** We hold back what is open. */
  isHeld?: boolean
  /** Since when Stripe could not collect. */
  pastDueSince?: Instant
  invoices: Invoice[]
}

interface HeldSession {
  readonly id: string
  readonly order: Parameters<Payments['openCheckout']>[0]
  status: CheckoutSession['status']
  /** Made once it is paid. */
  subscription?: string
  /** `done` by default. */
  payment?: CheckoutSession['payment']
}

type Card = 'good' | 'failing' | 'authenticates'

const lengths = { month: 30, year: 365 } as const

/** Days in which Stripe tries again to collect: longer than sites are left running for it. */
const dunningDays = 14

/** Undefined for a price that is not in the catalogue. */
export const amountOf = ({ plan, interval, currency }: PriceChoice): number | undefined =>
  config.plans
    .find(({ id }) => id === plan)
    ?.prices.find((price) => price.interval === interval && price.currency === currency)?.amount

/** The amount of a price that staff made by hand. */
const foreignAmount = 1900

export const amountDueOf = ({ price }: Pick<HeldSubscription, 'price'>): number =>
  (price && amountOf(price)) ?? foreignAmount

export const isOver = ({ status }: Pick<HeldSubscription, 'status'>): boolean =>
  status === 'canceled' || status === 'incomplete_expired'

/** The invoices of which nothing was refunded, the one with the latest end first. */
export const unrefunded = ({ invoices }: HeldSubscription): readonly Invoice[] =>
  invoices.filter(({ refundedAt }) => refundedAt === undefined).toSorted((a, b) => (a.end < b.end ? 1 : -1))

/** Whether it ends with its present period. */
export const endsWithPeriod = ({ cancelsAtPeriodEnd, cancelAt, periodEnd }: HeldSubscription): boolean =>
  cancelsAtPeriodEnd || (cancelAt !== undefined && cancelAt <= periodEnd)

const unusualOf = (held: HeldSubscription) => {
  const isLater = held.cancelAt !== undefined && !endsWithPeriod(held) && !isOver(held)
  const unusual = [
    ...(held.status === 'paused' ? ['paused' as const] : []),
    ...(isLater ? ['ends-later' as const] : []),
    ...(held.isWrittenOff && !isOver(held) ? ['written-off' as const] : []),
  ]
  return unusual.length > 0 ? { unusual } : {}
}

export const seenOf = (held: HeldSubscription): Subscription => ({
  id: held.id,
  customerId: held.customerId,
  siteId: held.siteId,
  status: held.status,
  createdAt: held.createdAt,
  price: held.price,
  ...(held.price && amountOf(held.price) !== undefined && { amount: amountDueOf(held) }),
  cancelsAtPeriodEnd: endsWithPeriod(held),
  ...(held.isHeld ? { collection: 'held' } : held.status === 'past_due' && { collection: 'retried' }),
  paidThrough: held.siteId !== undefined && held.invoices.length > 0 ? held.periodEnd : undefined,
  isDisputed: held.siteId !== undefined && held.isDisputed,
  ...(held.invoices.some(({ isLost }) => isLost) && {
    lostDisputes: held.invoices.filter(({ isLost }) => isLost).length,
  }),
  ...(held.pending === undefined ? {} : { pendingChange: held.pending }),
  ...unusualOf(held),
})

/** The facts of a subscription that a site's billing repeats. */
export const projectionOf = ({ id, status, cancelsAtPeriodEnd, paidThrough, isDisputed }: Subscription): string =>
  JSON.stringify([id, billingStateOf(status), cancelsAtPeriodEnd, paidThrough, isDisputed])

/** What time did to a subscription. */
export type Turn =
  | 'a first payment that never came'
  | 'a renewal'
  | 'a renewal that failed'
  | 'given up, cancelled'
  | 'given up, unpaid'
  | 'over with its period'
  | 'a change that nobody confirmed'

/** Stripe's state in memory, and what owners, staff, banks and time do to it. It remembers every state that it ever had. */
export const createStripeModel = (now: () => Instant, givesUp: () => 'canceled' | 'unpaid' = () => 'canceled') => {
  const subscriptions = new Map<string, HeldSubscription>()
  const sessions: HeldSession[] = []
  const cards = new Map<string, Card>()
  const gone = new Set<string>()
  const disputes = new Map<string, string>()
  /** Every projection that a subscription ever had, in order. */
  const history = new Map<string, string[]>()
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
  const change = (id: string, facts: Partial<HeldSubscription>): void => touch(Object.assign(find(id), facts))

  const create = (facts: Pick<HeldSubscription, 'customerId' | 'price'> & { readonly siteId?: SiteId }): string => {
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
    held.periodEnd = plusDays(now() > held.periodEnd ? now() : held.periodEnd, lengths[held.price?.interval ?? 'month'])
    held.invoices.push({ amount: amount ?? amountDueOf(held), end: held.periodEnd, paidAt: now() })
    delete held.pastDueSince
    change(id, { status: 'active', isWrittenOff: false, isHeld: false })
  }

  /** Stripe collects again from the next period on. */
  const resume = (id: string, facts: Partial<HeldSubscription> = {}): void => {
    const held = find(id)
    while (held.periodEnd <= now()) held.periodEnd = plusDays(held.periodEnd, lengths[held.price?.interval ?? 'month'])
    change(id, { status: 'active', ...facts })
  }

  /** Staff gives an unpaid invoice up: Stripe calls the subscription active. */
  const writeOff = (id: string): void => {
    delete find(id).pastDueSince
    resume(id, { isWrittenOff: true, isHeld: false })
  }

  const end = (id: string): void => {
    const held = find(id)
    delete held.pastDueSince
    delete held.pending
    if (!isOver(held)) change(id, { status: held.status === 'incomplete' ? 'incomplete_expired' : 'canceled' })
  }

  const dropPending = (id: string): void => {
    delete find(id).pending
    touch(find(id))
  }

  const giveBack = (id: string, invoice = unrefunded(find(id))[0]): Invoice | undefined => {
    if (invoice !== undefined) invoice.refundedAt = now()
    touch(find(id))
    return invoice
  }

  /** @returns the subscription that was paid for; undefined if the session is not open or the card is declined. */
  const pay = (sessionId: string, card?: Card): string | undefined => {
    const session = sessions.find(({ id }) => id === sessionId)
    if (session?.status !== 'open') return undefined
    const { customerId, siteId, price } = session.order
    if ((card ?? cards.get(customerId)) === 'failing') return undefined
    const id = create({ customerId, siteId, price })
    session.status = 'complete'
    session.subscription = id
    collect(id)
    return id
  }

  const dueAt = ({ status, periodEnd, createdAt, pastDueSince, pending }: HeldSubscription): Instant | undefined => {
    if (pending !== undefined) return pending.expiresAt
    if (status === 'incomplete') return plusDays(createdAt, 1)
    if (status === 'active') return periodEnd
    return status === 'past_due' ? plusDays(pastDueSince ?? periodEnd, dunningDays) : undefined
  }

  const turnOne = (held: HeldSubscription): Turn => {
    const { id, status, customerId, pending } = held
    if (pending !== undefined) {
      dropPending(id)
      return 'a change that nobody confirmed'
    }
    if (status === 'incomplete') {
      end(id)
      return 'a first payment that never came'
    }
    if (status === 'past_due') {
      const outcome = givesUp()
      delete find(id).pastDueSince
      if (outcome === 'canceled') end(id)
      else change(id, { status: outcome })
      return outcome === 'canceled' ? 'given up, cancelled' : 'given up, unpaid'
    }
    if (endsWithPeriod(held)) {
      end(id)
      return 'over with its period'
    }
    if (cards.get(customerId) === 'failing') {
      change(id, { status: 'past_due', pastDueSince: now() })
      return 'a renewal that failed'
    }
    collect(id)
    return 'a renewal'
  }

  return {
    now,
    next,
    subscriptions,
    sessions,
    disputes,
    gone,
    history,
    find,
    change,
    create,
    /** A payment comes in: the subscription is active, and its period continues. */
    collect,
    resume,
    writeOff,
    end,
    dropPending,
    giveBack,
    pay,
    seen: (id: string): Subscription => seenOf(find(id)),
    ofSite: (siteId: SiteId): readonly HeldSubscription[] =>
      [...subscriptions.values()].filter((held) => held.siteId === siteId),
    ofCustomer: (customerId: string): readonly HeldSubscription[] =>
      [...subscriptions.values()].filter((held) => held.customerId === customerId),
    cardOf: (customerId: string): Card => cards.get(customerId) ?? 'good',
    /** Sets the customer's card. A good one pays a debt that is past due. */
    giveCard: (customerId: string, card: Card): void => {
      cards.set(customerId, card)
      for (const { id, customerId: of, status, isHeld } of subscriptions.values()) {
        const isBehind = status === 'past_due' || status === 'unpaid'
        if (card === 'good' && of === customerId && isBehind && !isHeld) collect(id)
      }
    },
    /** Staff deletes a customer, whose subscriptions end. */
    deleteCustomer: (customerId: string): void => {
      gone.add(customerId)
      for (const { id, customerId: of } of [...subscriptions.values()]) if (of === customerId) end(id)
    },
    /** The bank cannot pass the refunds on: the money is ours again. */
    failRefund: (id: string): void => {
      for (const invoice of find(id).invoices) {
        delete invoice.refundedAt
      }
      touch(find(id))
    },
    /** The bank takes the latest payment back. */
    dispute: (id: string): string => {
      const disputeId = next('dp')
      disputes.set(disputeId, id)
      const [latest] = unrefunded(find(id))
      if (latest !== undefined) latest.isDisputed = true
      change(id, { isDisputed: true })
      return disputeId
    },
    decide: (disputeId: string, outcome: 'won' | 'lost' = 'won'): void => {
      const id = disputes.get(disputeId) ?? ''
      const invoice = find(id).invoices.find(({ isDisputed }) => isDisputed)
      if (invoice !== undefined) invoice.isLost = outcome === 'lost'
      change(id, { isDisputed: false })
    },
    /** Does what is due by now. */
    turn: (tell: (held: HeldSubscription, what: Turn) => void = () => undefined): void => {
      for (const held of [...subscriptions.values()]) {
        const at = dueAt(held)
        if (at !== undefined && at <= now()) tell(held, turnOne(held))
      }
    },
    /** When something is due next. */
    nextAt: (): Instant | undefined => [...subscriptions.values()].flatMap((held) => dueAt(held) ?? []).toSorted()[0],
  }
}
export type StripeModel = ReturnType<typeof createStripeModel>
