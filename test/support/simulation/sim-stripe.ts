import type { PaymentNotice } from '../../../core/billing/payment-notice.ts'
import { paymentNoticeSchema } from '../../../core/billing/payment-notice.ts'
import type { SiteId } from '../../../core/ids.ts'
import type { Instant } from '../../../core/instant.ts'
import { plusDays } from '../../../core/instant.ts'
import type { WebhookSignatures } from '../../../core/ports/billing.ts'
import type { PriceChoice } from '../../../core/ports/payments.ts'
import { createPaymentsModel } from '../billing/payments-model.ts'

type Model = ReturnType<typeof createPaymentsModel>
export type HeldSubscription = ReturnType<Model['ofSite']>[number]

/** How long Stripe tries again to collect, in days: longer than sites are left running for it. */
const dunningDays = 14

/** Of one in so many happenings nothing is ever told; of the others one in so many events; and one delivery in so many comes again. */
const untoldOneIn = 3
const lostOneIn = 6
const doubledOneIn = 3

/** Signatures are proved elsewhere: here whoever tells of something is Stripe. */
export const trustedSignatures: WebhookSignatures = {
  verify: (body) => paymentNoticeSchema.parse(JSON.parse(Buffer.from(body).toString('utf8'))),
}

/** Stripe in a run: subscriptions that live on by themselves, cards that fail, and a post that is late and forgetful. */
export interface SimStripe {
  readonly payments: Model['payments']
  readonly ofSite: Model['ofSite']
  readonly seen: Model['seen']
  /** Since when Stripe has tried in vain to collect. */
  readonly pastDueSince: (subscriptionId: string) => Instant | undefined
  /** Whose money staff gave back by hand. */
  readonly refundedByStaff: ReadonlySet<string>
  /** What was opened for a site, and not paid as far as the owner knows. */
  readonly noteSession: (siteId: SiteId, sessionId: string) => void
  /** The owner pays in it, unless it is no longer open or the card is declined; true where money has come in. */
  readonly pay: (siteId: SiteId) => boolean
  /** Somebody buys once more, past our checkout: by a link of the sales team. */
  readonly payAgain: (siteId: SiteId, price: PriceChoice) => boolean
  readonly breakCard: (siteId: SiteId) => void
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
  /** What becomes of subscriptions by themselves, up to now. */
  readonly turn: () => void
  /** When something is to become of one. */
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
    fault: () => {
      if (silentCalls === 0) return undefined
      silentCalls -= 1
      happened.push('Stripe: a call without an answer')
      return integer(2) === 0 ? 'before' : 'after'
    },
  })
  const sessions = new Map<SiteId, string>()
  const badCards = new Set<SiteId>()
  const dueSince = new Map<string, Instant>()
  const refundedByStaff = new Set<string>()
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
    dueSince.delete(held.id)
    model.collect(held.id)
    did(held, what, 'invoice.created', 'invoice.paid', 'customer.subscription.updated')
  }

  const end = (held: HeldSubscription, what: string): void => {
    dueSince.delete(held.id)
    model.end(held.id)
    did(held, what, 'customer.subscription.deleted')
  }

  const newest = (siteId: SiteId, ...statuses: readonly HeldSubscription['status'][]): HeldSubscription | undefined =>
    model.ofSite(siteId).findLast(({ status }) => statuses.includes(status))

  const isBad = ({ siteId }: HeldSubscription): boolean => siteId !== undefined && badCards.has(siteId)

  const nextOf = ({ id, status, periodEnd, createdAt }: HeldSubscription): Instant | undefined => {
    if (status === 'incomplete') return plusDays(createdAt, 1)
    if (status === 'active') return periodEnd
    return status === 'past_due' ? plusDays(dueSince.get(id) ?? periodEnd, dunningDays) : undefined
  }

  const turnOne = (held: HeldSubscription): void => {
    if (held.status === 'incomplete') {
      model.change(held.id, { status: 'incomplete_expired' })
      did(held, 'a first payment that never came', 'customer.subscription.updated')
    } else if (held.status === 'past_due') {
      if (integer(2) === 0) {
        end(held, 'given up, cancelled')
      } else {
        dueSince.delete(held.id)
        model.change(held.id, { status: 'unpaid' })
        did(held, 'given up, unpaid', 'customer.subscription.updated')
      }
    } else if (held.cancelsAtPeriodEnd) {
      end(held, 'over with its period')
    } else if (isBad(held)) {
      dueSince.set(held.id, now())
      model.change(held.id, { status: 'past_due' })
      did(held, 'a renewal that failed', 'invoice.payment_failed', 'customer.subscription.updated')
    } else {
      collect(held, 'a renewal')
    }
  }

  return {
    payments: model.payments,
    ofSite: model.ofSite,
    seen: model.seen,
    pastDueSince: (id) => dueSince.get(id),
    refundedByStaff,
    happened,
    noteSession: (siteId, sessionId) => void sessions.set(siteId, sessionId),
    pay: (siteId) => {
      const session = sessions.get(siteId)
      if (session === undefined || badCards.has(siteId)) return false
      const id = model.pay(session)
      const held = id === undefined ? undefined : model.ofSite(siteId).find((one) => one.id === id)
      if (held === undefined) return false
      did(held, 'a purchase', 'checkout.session.completed', 'customer.subscription.created', 'invoice.paid')
      return true
    },
    payAgain: (siteId, price) => {
      const [first] = model.ofSite(siteId)
      if (first === undefined) return false
      const id = model.create({ customerId: first.customerId, siteId, price })
      const held = model.ofSite(siteId).find((one) => one.id === id)
      if (held === undefined) return false
      did(held, 'one more subscription', 'customer.subscription.created')
      if (isBad(held)) return false
      collect(held, 'one more subscription that was paid')
      return true
    },
    breakCard: (siteId) => void badCards.add(siteId),
    mendCard: (siteId) => {
      badCards.delete(siteId)
      const due = newest(siteId, 'past_due', 'unpaid', 'paused', 'incomplete')
      if (due !== undefined) collect(due, 'collected after all')
      return due !== undefined
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
      refundedByStaff.add(held.id)
      did(held, 'refunded by hand', 'charge.refunded')
    },
    fallSilent: (calls) => {
      silentCalls = calls
    },
    turn: () => {
      for (const held of [...model.subscriptions.values()]) {
        const at = nextOf(held)
        if (at !== undefined && at <= now()) turnOne(held)
      }
    },
    nextAt: () => [...model.subscriptions.values()].flatMap((held) => nextOf(held) ?? []).toSorted()[0],
    take: () => {
      const [notice] = post.splice(integer(Math.max(1, post.length)), 1)
      if (notice !== undefined && integer(doubledOneIn) === 0) post.push(notice)
      return notice
    },
    tellAgain: (notice) => void post.push(notice),
    waiting: () => post.length,
  }
}
