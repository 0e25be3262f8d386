import type { CheckoutRecord, PaymentNotice } from '../billing/payment-notice.ts'
import type {
  BillingReport,
  ReconciliationAttempt,
  ReconciliationRequest,
} from '../billing/reconciliation/billing-report.ts'
import type { PaymentEvent, ReconciliationEvent } from '../events/event.ts'
import type { SiteId } from '../ids.ts'
import type { Instant } from '../instant.ts'
import type { KeptSite } from '../site/site.ts'

/** `unknown` where nobody could say: it counts as paid. */
export type PaidAnswer = 'paid' | 'unpaid' | 'unknown'

/** Who knows whether a site is paid for. Asked before anything is taken away. */
export interface Billing {
  /** Throws nothing: no answer is an answer. */
  readonly isPaidFor: (site: KeptSite) => Promise<PaidAnswer>
}

/** What is known of reconciling billing; nothing where it never was. */
export interface ReconciliationState {
  readonly request?: ReconciliationRequest
  readonly attempt?: ReconciliationAttempt
  readonly report?: BillingReport
}

/** Who asked for billing to be reconciled, and what came of it last. */
export interface BillingReconciliations {
  /** Strongly consistent. */
  readonly read: () => Promise<ReconciliationState>
  /**
   * Keeps a request and the event about it, in one transaction.
   * @returns false where another request of this version was made meanwhile.
   */
  readonly request: (request: ReconciliationRequest, event: ReconciliationEvent) => Promise<boolean>
  /** Notes that one begins. The last report stays. @returns its number, higher than that of every one before. */
  readonly begin: (beganAt: Instant) => Promise<number>
  /** Notes that one failed, unless another has begun since. The last report stays. */
  readonly fail: (run: number, failure: NonNullable<ReconciliationAttempt['failure']>) => Promise<void>
  /** Replaces the last report, unless that is of a later run. */
  readonly finish: (report: BillingReport) => Promise<void>
}

/** The checkouts that were begun, one for each site. */
export interface Checkouts {
  /** Strongly consistent. */
  readonly find: (siteId: SiteId) => Promise<CheckoutRecord | undefined>
  /** Puts a record in the place of the one with the version before; false where there is another one. */
  readonly begin: (record: CheckoutRecord) => Promise<boolean>
  /** Notes the session of this very record; false where another one is in its place. */
  readonly noteSession: (record: CheckoutRecord & { readonly sessionId: string }) => Promise<boolean>
}

/** What Stripe has told, each event once. */
export interface PaymentNotices {
  /**
   * Keeps a notice and the event about it, in one transaction.
   * @returns `known` where this notice was kept before: then nothing is written, and nobody hears of it again.
   */
  readonly keep: (notice: PaymentNotice, event: PaymentEvent) => Promise<'kept' | 'known'>
}

/** Knows Stripe's events from forged ones. */
export interface WebhookSignatures {
  /**
   * What the event is about, once it is certain that Stripe has sent it, and just now.
   * @param body the bytes as they came.
   * @param header `Stripe-Signature`, where there was one.
   * @throws {SitewrightError} `WebhookRefused`: forged, cut short, from the past or from the future, or no event at all.
   */
  readonly verify: (body: Uint8Array, header: string | undefined) => PaymentNotice
}
