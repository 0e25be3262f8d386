import type { Instant } from '../instant.ts'
import type { PriceChoice, Subscription } from '../ports/payments.ts'
import type { BillingState, SiteBilling } from './site-billing.ts'
import { isCancellable, mapSubscription } from './subscription.ts'

/** A subscription, and what it comes to for its site. */
export interface MappedSubscription {
  readonly subscription: Subscription
  readonly billing: SiteBilling
}

export interface ChoosingTerms {
  readonly recorded: SiteBilling | undefined
  readonly now: Instant
  readonly isSold: (price: PriceChoice) => boolean
}

/** What is paid goes before what is being collected, and that before what has ended. */
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
  // Of those that run the earliest, of those that have ended the latest.
  return isEarlier === rank > 0 ? -1 : 1
}

/** What has ended before anybody noted it, with nothing left of what was paid for, changes nothing any more; its money goes back. */
const counts = ({ billing }: MappedSubscription, { recorded, now }: ChoosingTerms): boolean =>
  ranks[billing.state] > 0 ||
  billing.subscriptionId === recorded?.subscriptionId ||
  (billing.paidThrough !== undefined && billing.paidThrough > now)

/** What was paid on those that counted before, and have ended without being given back, is paid for whatever became of the next one. */
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
 * The one subscription of a site that counts: of those that are paid the recorded one, else the earliest; then, in the same
 * way, of those that are past due; then whatever was paid for the longest.
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
