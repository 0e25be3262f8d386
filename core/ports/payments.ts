import { SitewrightError } from '../errors.ts'
import type { AccountId, SiteId } from '../ids.ts'
import type { Instant } from '../instant.ts'
import type { BillingInterval } from '../plan/plan.ts'

/** https://docs.stripe.com/api/subscriptions/object#subscription_object-status */
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
/** `unknown`: Stripe shows something about it that we do not know, so nothing follows from it but caution. */
export type SubscriptionStatus = (typeof subscriptionStatuses)[number] | 'unknown'

/** Terms that we never sell, so that a person has to know of them. What follows for the site: docs/billing.md. */
export const unusualTerms = [
  'paused',
  'sends-invoices',
  'free-by-discount',
  'in-stripe-trial',
  'ends-later',
  'written-off',
  'without-tax',
] as const
export type UnusualTerm = (typeof unusualTerms)[number]

export interface PriceChoice {
  readonly plan: string
  readonly interval: BillingInterval
  /** ISO 4217, upper case. */
  readonly currency: string
}

export const isSamePrice = (price: PriceChoice | undefined, { plan, interval, currency }: PriceChoice): boolean =>
  price?.plan === plan && price.interval === interval && price.currency === currency

/** A change of price whose payment the owner has to confirm with the bank. */
interface PendingChange {
  readonly price: PriceChoice
  /** Stripe drops the change then. */
  readonly expiresAt: Instant
}

/** A subscription's state at Stripe now. All decisions use this, never an event. */
export interface Subscription {
  readonly id: string
  readonly customerId: string
  /** From its metadata; absent if it is not ours. One that is `unknown` and has none may be of any site of its customer. */
  readonly siteId: SiteId | undefined
  /** Also `paused` while Stripe says `active` and collects no payments. */
  readonly status: SubscriptionStatus
  readonly createdAt: Instant
  /** From its price's lookup key; undefined if it is not ours, as after a change in Stripe's dashboard. */
  readonly price: PriceChoice | undefined
  /** What its price is for an interval, in minor units: that of its purchase, whatever is sold by now. Absent without a whole amount, as with tiers. */
  readonly amount?: number
  /** False also if it is cancelled for a later date, until which Stripe renews it: that is an unusual term. */
  readonly cancelsAtPeriodEnd: boolean
  /** It is past due and Stripe tries again by itself to collect its latest invoice, or we hold that invoice back. */
  readonly collection?: 'retried' | 'held'
  /** The end of the latest period that was paid for. Refunds do not change it. */
  readonly paidThrough: Instant | undefined
  /** Whether a dispute about a payment is undecided. */
  readonly isDisputed: boolean
  /** How many of its payments a bank has taken back by a dispute that is lost; absent for none. */
  readonly lostDisputes?: number
  readonly pendingChange?: PendingChange
  /** Absent for one that has ended. */
  readonly unusual?: readonly UnusualTerm[]
}

export interface ChangedSubscription extends Subscription {
  /** Where the owner confirms the payment; absent if the price is changed. */
  readonly confirmUrl?: string
}

/** A price of the configuration that Stripe has otherwise, so that it is not sold. Terms such as `1900 EUR a month`. */
export interface PriceDifference {
  readonly lookupKey: string
  readonly wanted: string
  /** Undefined if Stripe has no active price of this key. */
  readonly found: string | undefined
}

/** There is no key of Stripe here: nobody has bought a plan, and nobody can. */
export class WithoutPayments extends SitewrightError {
  constructor() {
    super('Unavailable', 'Payments are not set up here. Write to us to choose a plan.', { retryAfterSeconds: 3600 })
  }
}

/** Stripe refused a request in a way that repeating does not change. A person has to look at it. */
export class RefusedByStripe extends SitewrightError {
  /** Such as 'open a checkout'. */
  readonly act: string
  /** Stripe's code, and the parameter if it names one. */
  readonly code: string
  /** Finds the request in Stripe's dashboard. */
  readonly requestId: string | undefined

  constructor({ act, code, requestId }: Pick<RefusedByStripe, 'act' | 'code' | 'requestId'>) {
    super('Unavailable', 'Payments are not available at the moment. We know about it. Try again later.', {
      retryAfterSeconds: 60,
    })
    this.act = act
    this.code = code
    this.requestId = requestId
  }
}

/** A subscription that Stripe permanently refuses to show in full. */
export interface RefusedSubscription extends Pick<Subscription, 'id' | 'siteId'> {
  readonly refused: RefusedByStripe
}

export interface CheckoutSession {
  readonly id: string
  readonly status: 'open' | 'complete' | 'expired'
  /** Absent once it is not open. */
  readonly url: string | undefined
  readonly subscriptionId: string | undefined
  /**
   * The payment of a complete one. `delayed` while a bank decides, as about a direct debit: that takes days. `failed` if it
   * declined. https://docs.stripe.com/checkout/fulfillment
   */
  readonly payment: 'done' | 'delayed' | 'failed'
}

/** What a change of price charges. Amounts in integer minor units, tax included. */
export interface PricePreview {
  readonly due: number
  /** The customer's credit afterwards, which pays for later invoices. */
  readonly credit: number
  readonly currency: string
  /** For the new price, without tax that is added. */
  readonly charge: number
  /** Given back for the time that was paid at the present price and is left. */
  readonly unused: number
  /** Added to the difference of both: 0 if prices include it, or there is none. */
  readonly tax: number
  /** The end of the time that the charge is for. */
  readonly paysUntil: Instant | undefined
}

/** A paid invoice. The amount is in integer minor units, tax included. */
export interface PaidInvoice {
  readonly amount: number
  readonly currency: string
  readonly paidAt: Instant
  /** Stripe's page with the invoice and the receipt; anybody with it can see them. */
  readonly url: string
}

/** What was refunded of payments. Amounts in integer minor units. */
export interface Returned {
  readonly amount: number
  /** Charged and not refunded, or taken of the customer's credit and not given back. A failed refund does not count, and nothing is left that a lost dispute took. */
  readonly left: number
  readonly currency: string
}

/**
 * The part of Stripe that we use. Functions throw `Unavailable` with a retry time if Stripe is unreachable, slow or
 * rate-limits us; the call can be repeated, because creations take an idempotency key. A key belongs to one attempt and its
 * retries: once Stripe has finally answered an attempt with an error, a repeated call is a new attempt.
 */
export interface Payments {
  /** Finds the account's customer by its metadata's `accountId`, or creates it. */
  readonly openCustomer: (account: { accountId: AccountId; email: string; idempotencyKey: string }) => Promise<string>
  /** False for a deleted customer, or one of another account or mode. */
  readonly hasCustomer: (customerId: string) => Promise<boolean>
  /** Removes names, addresses, phone number, tax ids and payment methods of a customer; its invoices stay. Repeating changes nothing. */
  readonly redactCustomer: (customerId: string) => Promise<void>
  /** In subscription mode; the subscription's metadata names the site and the account. */
  readonly openCheckout: (order: {
    readonly siteId: SiteId
    readonly accountId: AccountId
    readonly customerId: string
    readonly price: PriceChoice
    /** What the owner of several sites tells the subscription by, at most 500 characters. */
    readonly description: string
    readonly successUrl: string
    readonly cancelUrl: string
    readonly idempotencyKey: string
  }) => Promise<CheckoutSession>
  readonly findCheckout: (id: string) => Promise<CheckoutSession | undefined>
  /** Returns the session afterwards: complete if it was just paid. */
  readonly expireCheckout: (id: string) => Promise<CheckoutSession>
  readonly openPortal: (visit: { readonly customerId: string; readonly returnUrl: string }) => Promise<{ url: string }>
  readonly getSubscription: (id: string) => Promise<Subscription | undefined>
  /** Subscriptions of every status, newest first. Strongly consistent, unlike Stripe's search. */
  readonly subscriptionsOf: (customerId: string) => Promise<readonly Subscription[]>
  /** The customer of a dispute (`dp_…`); undefined if unknown. */
  readonly customerOfDispute: (disputeId: string) => Promise<string | undefined>
  /** Compares amount, currency and interval of all prices that are sold. */
  readonly pricesThatDiffer: () => Promise<readonly PriceDifference[]>
  /** All subscriptions of ours, including ended ones, and unreadable ones of customers of ours. One that Stripe refuses to show does not stop the others. */
  readonly listSubscriptions: () => AsyncIterable<Subscription | RefusedSubscription>
  /**
   * Says what `changePrice` with the same price and `proratedAt` charges. Nothing changes.
   * @throws {SitewrightError} `TransitionNotAllowed` if the subscription has ended.
   */
  readonly previewPrice: (change: {
    readonly subscriptionId: string
    readonly price: PriceChoice
    readonly proratedAt: Instant
  }) => Promise<PricePreview>
  /**
   * Moves a subscription to another price; the difference is charged or credited at once. If the owner's bank wants the payment
   * confirmed, the price stays until then, as `pendingChange`. A repeated call returns where to confirm it; a call for another
   * price replaces it, and one for the present price drops it.
   * @throws {SitewrightError} `PaymentDeclined`: nothing has changed.
   */
  readonly changePrice: (change: {
    readonly subscriptionId: string
    readonly price: PriceChoice
    readonly idempotencyKey: string
    /** From when the difference counts, within the current period, in whole seconds. Default: the time at Stripe. */
    readonly proratedAt?: Instant | undefined
  }) => Promise<ChangedSubscription>
  readonly setCancelAtPeriodEnd: (subscriptionId: string, cancels: boolean) => Promise<void>
  /** Holds back what Stripe would try again to collect, or lets it be collected again. What others stopped stays so. */
  readonly setCollection: (subscriptionId: string, collects: boolean) => Promise<void>
  /** At once, without a credit. An ended subscription stays as it is. */
  readonly cancel: (subscriptionId: string) => Promise<void>
  /** Refunds all charges of a subscription in full. What Stripe refuses to refund stays charged. */
  readonly refund: (subscriptionId: string) => Promise<void>
  /** Repeats work that can be repeated while Stripe takes no requests, half a minute at a time and at most five times. */
  readonly patiently: <Result>(work: () => Promise<Result>) => Promise<Result>
  /** The newest paid invoice of a subscription that charged something; undefined before there is one. */
  readonly lastInvoice: (subscriptionId: string) => Promise<PaidInvoice | undefined>
  /** The payments of a subscription since an instant, and their refunds by anybody; undefined if nothing was paid. */
  readonly refundedOf: (subscriptionId: string, since?: Instant) => Promise<Returned | undefined>
}
