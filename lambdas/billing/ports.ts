import type { PaymentEvent, ReconciliationEvent } from '../../core/events/event.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Instant } from '../../core/instant.ts'
import type { CheckoutRecord, PaymentNotice } from './payment-notice.ts'
import type { BillingReport, ReconciliationAttempt, ReconciliationRequest } from './reconciliation/billing-report.ts'

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

export interface PaymentNotices {
  /** Stores a notice and its event in one transaction. @returns `known` for a repeated notice: nothing is written. */
  readonly keep: (notice: PaymentNotice, event: PaymentEvent) => Promise<'kept' | 'known'>
}

export interface ReconciliationState {
  readonly request?: ReconciliationRequest
  readonly attempt?: ReconciliationAttempt
  readonly report?: BillingReport
}

export interface BillingReconciliations {
  readonly read: () => Promise<ReconciliationState>
  /** Stores a request and its event in one transaction. @returns false if another request has this version. */
  readonly request: (request: ReconciliationRequest, event: ReconciliationEvent) => Promise<boolean>
  /** Stores a new attempt and keeps the report. @returns its number, higher than all before. */
  readonly begin: (beganAt: Instant) => Promise<number>
  /** Marks the run as failed, unless a newer one began. */
  readonly fail: (run: number, failure: NonNullable<ReconciliationAttempt['failure']>) => Promise<void>
  /** Replaces the report, unless it is of a newer run. */
  readonly finish: (report: BillingReport) => Promise<void>
}

export interface Checkouts {
  /** Strongly consistent. */
  readonly find: (siteId: SiteId) => Promise<CheckoutRecord | undefined>
  /** Replaces the record of the version before; false if it has another version, or is not `unopened` as given. */
  readonly begin: (record: CheckoutRecord, before?: 'unopened') => Promise<boolean>
  /** Adds the session to this record; false if it was replaced. */
  readonly noteSession: (record: CheckoutRecord & { readonly sessionId: string }) => Promise<boolean>
}
