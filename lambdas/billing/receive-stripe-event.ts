import { SitewrightError } from '../../core/errors.ts'
import type { PaymentEvent } from '../../core/events/event.ts'
import { system } from '../../core/events/event-names.ts'
import type { Context } from '../../core/ports/context.ts'
import { type PaymentNotice, paymentNoticeTypes } from './payment-notice.ts'

export interface PaymentNotices {
  /** Stores a notice and its event in one transaction. @returns `known` for a repeated notice: nothing is written. */
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

const meaningful: ReadonlySet<string> = new Set(paymentNoticeTypes)

export const isRelevant = ({ type }: Pick<PaymentNotice, 'type'>): boolean => meaningful.has(type)

export interface NotePaymentPorts extends Pick<Context, 'paymentsAreLive' | 'clocks' | 'randomness' | 'log'> {
  readonly paymentNotices: PaymentNotices
}

/**
 * Stores Stripe's event once; the work follows from our event, because Stripe waits for the answer.
 * @returns `known` for a repeated event, `meaningless` for a type that does not matter.
 * @throws {SitewrightError} `WebhookRefused` for an event of Stripe's other mode.
 */
export const notePayment = async (
  { paymentNotices, paymentsAreLive, clocks, randomness, log }: NotePaymentPorts,
  notice: PaymentNotice,
): Promise<'kept' | 'known' | 'meaningless'> => {
  const { id, type, isLive } = notice
  if (isLive !== paymentsAreLive) {
    log.error({ stripeEvent: id, type, isLive, paymentsAreLive }, "received an event of Stripe's other mode")
    throw new SitewrightError(
      'WebhookRefused',
      `This event is from Stripe's ${isLive ? 'live' : 'test'} mode, but this installation uses the other one.`,
    )
  }
  if (!isRelevant(notice)) return 'meaningless'
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

export interface ReceiveStripeEventPorts extends NotePaymentPorts {
  /** Verifies with the current secrets. */
  readonly webhookSignatures: () => Promise<WebhookSignatures>
}

/**
 * Records a request of Stripe's webhook.
 * @throws {SitewrightError} `WebhookRefused` for a forged event or one of the other mode.
 */
export const receiveStripeEvent = async (
  ports: ReceiveStripeEventPorts,
  {
    bytes,
    headers,
  }: { readonly bytes: Uint8Array; readonly headers: { readonly 'stripe-signature'?: string | undefined } },
  requestId: string,
): Promise<void> => {
  const signatures = await ports.webhookSignatures()
  const notice = signatures.verify(bytes, headers['stripe-signature'])
  const outcome = await notePayment(ports, notice)
  ports.log.info(
    { event: 'stripe-event-received', requestId, stripeEvent: notice.id, type: notice.type, outcome },
    'received an event of Stripe',
  )
}
