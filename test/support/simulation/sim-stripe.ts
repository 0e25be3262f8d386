import type { SiteId } from '../../../core/ids.ts'
import type { Instant } from '../../../core/instant.ts'
import type { PriceChoice } from '../../../core/ports/payments.ts'
import { type PaymentNotice, paymentNoticeSchema } from '../../../lambdas/billing/payment-notice.ts'
import type { WebhookSignatures } from '../../../lambdas/billing/ports.ts'
import { createPaymentsModel, type PaymentsModel } from '../billing/payments-model.ts'
import type { HeldSubscription, Turn } from '../billing/stripe-model.ts'

/** One in so many happenings has no event; of the others one in so many events is lost; and one delivery in so many comes again. */
const untoldOneIn = 3
const lostOneIn = 6
const doubledOneIn = 3

/** Signatures are proved elsewhere: here every sender is Stripe. */
export const trustedSignatures: WebhookSignatures = {
  verify: (body) => paymentNoticeSchema.parse(JSON.parse(Buffer.from(body).toString('utf8'))),
}

/** The events of each turn. */
const eventsOf: Readonly<Record<Turn, readonly PaymentNotice['type'][]>> = {
  'a first payment that never came': ['customer.subscription.updated'],
  'a renewal': ['invoice.created', 'invoice.paid', 'customer.subscription.updated'],
  'a renewal that failed': ['invoice.payment_failed', 'customer.subscription.updated'],
  'given up, cancelled': ['customer.subscription.deleted'],
  'given up, unpaid': ['customer.subscription.updated'],
  'a change that nobody confirmed': ['customer.subscription.updated', 'customer.subscription.pending_update_expired'],
  'over with its period': ['customer.subscription.deleted'],
}

/** The model of Stripe in a run: what people do there, and events that are late, lost or duplicate. */
export interface SimStripe {
  readonly payments: PaymentsModel['payments']
  readonly ofSite: PaymentsModel['ofSite']
  readonly seen: PaymentsModel['seen']
  /** Whose money staff gave back by hand. */
  /** What was opened for a site, and not paid as far as the owner knows. */
  readonly noteSession: (siteId: SiteId, sessionId: string) => void
  /** The owner pays in it, unless it is no longer open or the card is declined; true where money has come in. */
  readonly pay: (siteId: SiteId) => boolean
  /** Somebody buys once more, past our checkout: by a link of the sales team. */
  readonly payAgain: (siteId: SiteId, price: PriceChoice) => boolean
  readonly breakCard: (siteId: SiteId) => void
  /** In place of a good card, one whose bank wants payments confirmed. */
  readonly useConfirmedCard: (siteId: SiteId) => void
  /** The owner confirms a change of plan that waits for that. */
  readonly confirmChange: (siteId: SiteId) => void
  /** A card that is good: what is due is collected at once. */
  readonly mendCard: (siteId: SiteId) => boolean
  /** In the customer portal: cancelled with the period, or taken back. */
  readonly cancelOrNot: (siteId: SiteId) => void
  /** In the dashboard, at once. */
  readonly cancelNow: (siteId: SiteId) => void
  readonly pause: (siteId: SiteId) => void
  readonly dispute: (siteId: SiteId) => void
  readonly refundByHand: (siteId: SiteId) => void
  /** The next so many calls fail, before or after they have done their work. */
  readonly fallSilent: (calls: number) => void
  /** Applies the changes that subscriptions make by themselves, up to now. */
  readonly turn: () => void
  /** When the next change of one is due. */
  readonly nextAt: () => Instant | undefined
  /** Any one of what Stripe has to tell, taken out. */
  readonly take: () => PaymentNotice | undefined
  /** It was not acknowledged, or comes once more in any case. */
  readonly tellAgain: (notice: PaymentNotice) => void
  readonly waiting: () => number
  /** What happened at Stripe, counted. */
  readonly happened: readonly string[]
}

export const createSimStripe = ({
  now,
  integer,
}: {
  readonly now: () => Instant
  /** Of `[0, limit)`, from the run's seed. */
  readonly integer: (limit: number) => number
}): SimStripe => {
  let silentCalls = 0
  let notices = 0
  const happened: string[] = []
  const model = createPaymentsModel({
    now,
    givesUp: () => (integer(2) === 0 ? 'canceled' : 'unpaid'),
    fault: () => {
      if (silentCalls === 0) return undefined
      silentCalls -= 1
      happened.push('Stripe: a call without an answer')
      return integer(2) === 0 ? 'before' : 'after'
    },
  })
  const sessions = new Map<SiteId, string>()
  const post: PaymentNotice[] = []

  const tell = (
    { id, customerId, siteId }: HeldSubscription,
    type: PaymentNotice['type'],
    disputeId?: string,
  ): void => {
    if (integer(lostOneIn) === 0) return
    notices += 1
    const whose = siteId === undefined || integer(3) === 0 ? {} : { siteId }
    // Some kinds name the customer, some the subscription alone, and a dispute none of both.
    const by = disputeId !== undefined ? { disputeId } : integer(2) === 0 ? { customerId } : { subscriptionId: id }
    post.push({ id: `evt_stripe${notices}`, type, isLive: false, ...by, ...whose })
  }

  const did = (held: HeldSubscription, what: string, ...types: readonly PaymentNotice['type'][]): void => {
    happened.push(`Stripe: ${what}`)
    if (integer(untoldOneIn) === 0) return
    for (const type of types) tell(held, type)
  }

  const collect = (held: HeldSubscription, what: string): void => {
    model.collect(held.id)
    did(held, what, ...eventsOf['a renewal'])
  }

  const end = (held: HeldSubscription, what: string): void => {
    model.end(held.id)
    did(held, what, 'customer.subscription.deleted')
  }

  const newest = (siteId: SiteId, ...statuses: readonly HeldSubscription['status'][]): HeldSubscription | undefined =>
    model.ofSite(siteId).findLast(({ status }) => statuses.includes(status))

  const heldOf = (id: string | undefined): HeldSubscription | undefined =>
    id === undefined ? undefined : model.subscriptions.get(id)

  /** The customer of a site that has been to a checkout. */
  const customerOf = (siteId: SiteId): string =>
    model.sessions.find(({ id }) => id === sessions.get(siteId))?.order.customerId ?? ''

  return {
    payments: model.payments,
    ofSite: model.ofSite,
    seen: model.seen,
    happened,
    noteSession: (siteId, sessionId) => void sessions.set(siteId, sessionId),
    pay: (siteId) => {
      const held = heldOf(model.pay(sessions.get(siteId) ?? ''))
      if (held === undefined) return false
      did(held, 'a purchase', 'checkout.session.completed', 'customer.subscription.created', 'invoice.paid')
      return true
    },
    payAgain: (siteId, price) => {
      const [first] = model.ofSite(siteId)
      if (first === undefined) return false
      const held = model.find(model.create({ customerId: first.customerId, siteId, price }))
      did(held, 'one more subscription', 'customer.subscription.created')
      if (model.cardOf(held.customerId) === 'failing') return false
      collect(held, 'one more subscription that was paid')
      return true
    },
    useConfirmedCard: (siteId) => {
      const customer = customerOf(siteId)
      if (model.cardOf(customer) === 'good') model.giveCard(customer, 'authenticates')
    },
    confirmChange: (siteId) => {
      const held = model.ofSite(siteId).find(({ pending }) => pending !== undefined)
      if (held === undefined) return
      model.confirm(held.id)
      did(held, 'a confirmed change', 'customer.subscription.updated', 'customer.subscription.pending_update_applied')
    },
    breakCard: (siteId) => model.giveCard(customerOf(siteId), 'failing'),
    mendCard: (siteId) => {
      const due = newest(siteId, 'past_due', 'unpaid', 'paused', 'incomplete')
      model.giveCard(customerOf(siteId), 'good')
      if (due === undefined) return false
      if (due.status !== 'active') model.collect(due.id)
      did(due, 'collected later', ...eventsOf['a renewal'])
      return true
    },
    cancelOrNot: (siteId) => {
      const held = newest(siteId, 'active', 'past_due')
      if (held === undefined) return
      model.change(held.id, { cancelsAtPeriodEnd: !held.cancelsAtPeriodEnd })
      did(held, 'cancelled with its period, or taken back', 'customer.subscription.updated')
    },
    cancelNow: (siteId) => {
      const held = newest(siteId, 'active', 'past_due', 'unpaid', 'paused')
      if (held !== undefined) end(held, 'cancelled in the dashboard')
    },
    pause: (siteId) => {
      const held = newest(siteId, 'active')
      if (held === undefined) return
      model.change(held.id, { status: 'paused' })
      did(held, 'paused', 'customer.subscription.paused')
    },
    dispute: (siteId) => {
      const held = newest(siteId, 'active', 'past_due', 'canceled')
      if (held === undefined) return
      const id = model.dispute(held.id)
      happened.push('Stripe: a dispute')
      tell(held, 'charge.dispute.created', id)
    },
    refundByHand: (siteId) => {
      const held = newest(siteId, 'active', 'canceled')
      if (held === undefined || model.giveBack(held.id) === undefined) return
      did(held, 'refunded by hand', 'charge.refunded')
    },
    fallSilent: (calls) => {
      silentCalls = calls
    },
    turn: () => model.turn((held, what) => did(held, what, ...eventsOf[what])),
    nextAt: model.nextAt,
    take: () => {
      const [notice] = post.splice(integer(Math.max(1, post.length)), 1)
      if (notice !== undefined && integer(doubledOneIn) === 0) post.push(notice)
      return notice
    },
    tellAgain: (notice) => void post.push(notice),
    waiting: () => post.length,
  }
}
