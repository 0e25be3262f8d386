import { SitewrightError } from '../../core/errors.ts'
import { system } from '../../core/events/event-names.ts'
import type { Context } from '../../core/ports/context.ts'
import { eventHead } from '../../core/site/lifecycle.ts'
import { rawEndpoint } from '../_runtime/endpoint.ts'
import { type HttpPorts, httpHandler } from '../_runtime/http-handler.ts'
import { type PaymentNotice, paymentNoticeTypes } from './payment-notice.ts'
import type { PaymentNotices, WebhookSignatures } from './ports.ts'
import { webhookOperations } from './webhook-operations.ts'

interface ReceiveStripeEventPorts extends NotePaymentPorts {
  /** Verifies with the current secrets. */
  readonly webhookSignatures: () => Promise<WebhookSignatures>
}

export const create = (ports: ReceiveStripeEventPorts & HttpPorts) =>
  httpHandler(
    [
      rawEndpoint(webhookOperations.receiveStripeEvent, async (request, { requestId }) => {
        await receiveStripeEvent(ports, request, requestId)
        return { body: { received: true } }
      }),
    ],
    ports,
  )

/**
 * Records a request of Stripe's webhook.
 * @throws {SitewrightError} `WebhookRefused` for a forged event or one of the other mode.
 */
const receiveStripeEvent = async (
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

interface NotePaymentPorts extends Pick<Context, 'paymentsAreLive' | 'clocks' | 'randomness' | 'log'> {
  readonly paymentNotices: PaymentNotices
}

export const isRelevant = ({ type }: Pick<PaymentNotice, 'type'>): boolean =>
  paymentNoticeTypes.some((relevant) => relevant === type)

/**
 * Stores Stripe's event once; the work follows from our event, because Stripe waits for the answer.
 * @returns `known` for a repeated event, `meaningless` for a type that does not matter.
 * @throws {SitewrightError} `WebhookRefused` for an event of Stripe's other mode.
 */
export const notePayment = async (
  ports: NotePaymentPorts,
  notice: PaymentNotice,
): Promise<'kept' | 'known' | 'meaningless'> => {
  const { paymentNotices, paymentsAreLive, log } = ports
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
    ...eventHead({ ...ports, actor: system, causationId: id }),
    type: 'PaymentNoticed',
    aggregate: { type: 'payment', id },
    version: 1,
    data,
  })
}
