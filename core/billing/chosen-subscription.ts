import type { Instant } from '../instant.ts'
import type { PriceChoice, Subscription } from '../ports/payments.ts'
import type { BillingState, SiteBilling } from './site-billing.ts'
import { isCancellable, mapSubscription } from './subscription.ts'

export interface MappedSubscription {
  readonly subscription: Subscription
  readonly billing: SiteBilling
}

export interface ChoosingTerms {
  readonly recorded: SiteBilling | undefined
  readonly now: Instant
  readonly isSold: (price: PriceChoice) => boolean
}

/** Active beats past due, which beats ended. */
const ranks = { active: 2, 'past-due': 1, paused: 0, ended: 0 } as const satisfies Record<BillingState, number>

const compare = (one: MappedSubscription, other: MappedSubscription, recorded: SiteBilling | undefined): number => {
  const rank = ranks[one.billing.state]
  if (rank !== ranks[other.billing.state]) return ranks[other.billing.state] - rank
  const isRecorded = ({ billing }: MappedSubscription) => billing.subscriptionId === recorded?.subscriptionId
  const [paid, otherPaid] = [one.billing.paidThrough ?? '', other.billing.paidThrough ?? '']
  if (rank === 0 && paid !== otherPaid) return paid > otherPaid ? -1 : 1
  if (isRecorded(one) !== isRecorded(other)) return isRecorded(one) ? -1 : 1
  const [created, otherCreated] = [one, other].map(({ subscription: { createdAt, id } }) => `${createdAt} ${id}`)
  const isEarlier = String(created) < String(otherCreated)
  // The earliest of those that run, the latest of those that ended.
  return isEarlier === rank > 0 ? -1 : 1
}

/** A subscription that ended unnoticed with no paid time left does not count; it is refunded. */
const counts = ({ billing }: MappedSubscription, { recorded, now }: ChoosingTerms): boolean =>
  ranks[billing.state] > 0 ||
  billing.subscriptionId === recorded?.subscriptionId ||
  (billing.paidThrough !== undefined && billing.paidThrough > now)

/** Time paid on former subscriptions that ended without a refund stays paid. */
const withFormer = (
  { subscription, billing }: MappedSubscription,
  subscriptions: readonly Subscription[],
): MappedSubscription => {
  const former = new Set(billing.former)
  const formerPaidThrough = subscriptions
    .filter(({ id, status }) => former.has(id) && !isCancellable(status))
    .flatMap(({ paidThrough }) => paidThrough ?? [])
    .toSorted()
    .at(-1)
  return { subscription, billing: formerPaidThrough === undefined ? billing : { ...billing, formerPaidThrough } }
}

/**
 * Chooses the one subscription that counts for a site. An active one comes first, then a past-due one, then the one with
 * the latest paid time. Among equals the recorded one wins, then the earliest.
 */
export const chooseSubscription = (
  subscriptions: readonly Subscription[],
  terms: ChoosingTerms,
): MappedSubscription | undefined => {
  const [chosen] = subscriptions
    .flatMap((subscription) => {
      const billing = mapSubscription(subscription, terms.recorded, terms)
      return billing === undefined ? [] : [{ subscription, billing }]
    })
    .filter((mapped) => counts(mapped, terms))
    .toSorted((one, other) => compare(one, other, terms.recorded))
  return chosen && withFormer(chosen, subscriptions)
}
