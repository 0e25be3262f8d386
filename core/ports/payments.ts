import type { AccountId, SiteId } from '../ids.ts'
import type { Instant } from '../instant.ts'
import type { BillingInterval } from '../plan/plan.ts'

/** All there are: https://docs.stripe.com/api/subscriptions/object#subscription_object-status */
export const subscriptionStatuses = [
  'incomplete',
  'incomplete_expired',
  'trialing',
  'active',
  'past_due',
  'canceled',
  'unpaid',
  'paused',
] as const
export type SubscriptionStatus = (typeof subscriptionStatuses)[number]

/** Which price of which plan. */
export interface PriceChoice {
  readonly plan: string
  readonly interval: BillingInterval
  /** ISO 4217, upper case. */
  readonly currency: string
}

/** A subscription as Stripe has it at this moment. Whatever hangs on it is decided from this alone, never from an event. */
export interface Subscription {
  /** `sub_…` */
  readonly id: string
  /** `cus_…` */
  readonly customerId: string
  /** Of its metadata; absent where it is none of ours. */
  readonly siteId: SiteId | undefined
  readonly status: SubscriptionStatus
  readonly createdAt: Instant
  /** By the lookup key of its price; undefined where that is none of ours, as after a change in the dashboard. */
  readonly price: PriceChoice | undefined
  readonly cancelsAtPeriodEnd: boolean
  /** The latest end of a period on a line of a paid and not refunded invoice. */
  readonly paidThrough: Instant | undefined
  /** Whether a payment of it, whichever, is disputed, and that is not decided. */
  readonly isDisputed: boolean
}

export interface CheckoutSession {
  /** `cs_…` */
  readonly id: string
  readonly status: 'open' | 'complete' | 'expired'
  /** Where the owner pays; absent once it is not open. */
  readonly url: string | undefined
  readonly subscriptionId: string | undefined
}

/** Money that went back. */
export interface Refund {
  /** Integer minor units. */
  readonly amount: number
  readonly currency: string
}

/** What became of all that was charged for a subscription. */
export interface Returned extends Refund {
  /** What was charged and not given back, in integer minor units. A refund that has failed gave nothing back. */
  readonly left: number
}

/**
 * Stripe, as far as we use it. Every function throws a SitewrightError `Unavailable` with a time to come again where Stripe
 * cannot be reached, is slow or turns us away for a while; nothing is then known to have been done, and the same call may be
 * repeated: whatever creates something takes an idempotency key.
 */
export interface Payments {
  /** The account's customer: found by its metadata's `accountId`, or created. */
  readonly openCustomer: (account: {
    readonly accountId: AccountId
    readonly email: string
    readonly idempotencyKey: string
  }) => Promise<string>
  /** Whether Stripe has this customer: not one that was deleted, nor one of another account or mode. */
  readonly hasCustomer: (customerId: string) => Promise<boolean>
  /** A session in subscription mode; its subscription carries the site and the account in its metadata. */
  readonly openCheckout: (order: {
    readonly siteId: SiteId
    readonly accountId: AccountId
    readonly customerId: string
    readonly price: PriceChoice
    readonly successUrl: string
    readonly cancelUrl: string
    readonly idempotencyKey: string
  }) => Promise<CheckoutSession>
  readonly findCheckout: (id: string) => Promise<CheckoutSession | undefined>
  /** The session as it is after that: complete where it was paid a moment before. */
  readonly expireCheckout: (id: string) => Promise<CheckoutSession>
  readonly openPortal: (visit: { readonly customerId: string; readonly returnUrl: string }) => Promise<{ url: string }>
  readonly getSubscription: (id: string) => Promise<Subscription | undefined>
  /** Of every status, newest first; none of a customer that Stripe does not know. Strongly consistent at Stripe, unlike its search. */
  readonly subscriptionsOf: (customerId: string) => Promise<readonly Subscription[]>
  /** Whose payment a dispute (`dp_…`) is about; undefined where there is no such dispute, or nobody of ours behind it. */
  readonly customerOfDispute: (disputeId: string) => Promise<string | undefined>
  /** All that carry a site of ours, those that have ended included, page by page. */
  readonly listSubscriptions: () => AsyncIterable<Subscription>
  /**
   * Moves a subscription to another price, the difference charged or credited at once.
   * @throws {SitewrightError} `PaymentDeclined` where the difference cannot be collected: then nothing has changed.
   */
  readonly changePrice: (change: {
    readonly subscriptionId: string
    readonly price: PriceChoice
    readonly idempotencyKey: string
  }) => Promise<Subscription>
  readonly setCancelAtPeriodEnd: (subscriptionId: string, cancels: boolean) => Promise<void>
  /** At once, nothing credited. One that has ended already stays as it is. */
  readonly cancel: (subscriptionId: string) => Promise<void>
  /**
   * What was paid on its latest invoice that was paid, and for time after `beyond`, and has not been refunded yet; undefined where there is none. Of what
   * was refunded `paidThrough` says nothing any more, so that repeating this comes to an end. What a refund has failed for is not
   * asked for again.
   */
  readonly refund: (order: {
    readonly subscriptionId: string
    readonly beyond: Instant
    readonly idempotencyKey: string
  }) => Promise<Refund | undefined>
  /** All that was given back of what was charged for it, by whomever, and what was not; undefined where nothing was charged. */
  readonly refundedOf: (subscriptionId: string) => Promise<Returned | undefined>
}
