import type { PaymentNotice } from '../billing/payment-notice.ts'

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
