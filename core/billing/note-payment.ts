import { SitewrightError } from '../errors.ts'
import { system } from '../events/system.ts'
import type { PaymentNotices } from '../ports/billing.ts'
import type { Clocks, Log, Randomness } from '../ports/context.ts'
import type { PaymentNotice } from './payment-notice.ts'
import { isMeaningful } from './payment-notice.ts'

export interface NotePaymentPorts {
  readonly paymentNotices: PaymentNotices
  /** Whether real money is meant here. */
  readonly paymentsAreLive: boolean
  readonly clocks: Clocks
  readonly randomness: Randomness
  readonly log: Log
}

/**
 * Takes note of what Stripe tells, once, and leaves the work to whoever hears of it: Stripe waits for the answer.
 * @returns `known` where it was told before, `meaningless` where nothing hangs on its kind.
 * @throws {SitewrightError} `WebhookRefused` for test money where real money is meant, and the other way round.
 */
export const notePayment = async (
  { paymentNotices, paymentsAreLive, clocks, randomness, log }: NotePaymentPorts,
  notice: PaymentNotice,
): Promise<'kept' | 'known' | 'meaningless'> => {
  const { id, type, isLive } = notice
  if (isLive !== paymentsAreLive) {
    log.error({ stripeEvent: id, type, isLive, paymentsAreLive }, "an event of Stripe's other mode came in")
    throw new SitewrightError(
      'WebhookRefused',
      `This event is of Stripe's ${isLive ? 'live' : 'test'} mode, and this installation is not.`,
    )
  }
  if (!isMeaningful(notice)) return 'meaningless'
  const { id: _, ...data } = notice
  return paymentNotices.keep(notice, {
    schemaVersion: 1,
    id: randomness.id('evt'),
    type: 'PaymentNoticed',
    aggregate: { type: 'payment', id },
    version: 1,
    at: clocks.domain(),
    actor: system,
    causationId: id,
    data,
  })
}
