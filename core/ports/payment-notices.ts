import type { PaymentNotice } from '../billing/payment-notice.ts'
import type { PaymentEvent } from '../events/event.ts'

/** What Stripe has told, each event once. */
export interface PaymentNotices {
  /**
   * Keeps a notice and the event about it, in one transaction.
   * @returns `known` where this notice was kept before: then nothing is written, and nobody hears of it again.
   */
  readonly keep: (notice: PaymentNotice, event: PaymentEvent) => Promise<'kept' | 'known'>
}
