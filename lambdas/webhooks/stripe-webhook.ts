import type { NotePaymentPorts } from '../../core/billing/handle-billing-event.ts'
import { notePayment } from '../../core/billing/handle-billing-event.ts'
import type { WebhookSignatures } from '../../core/ports/billing.ts'
import { rawEndpoint } from '../_runtime/endpoint.ts'
import type { HttpPorts } from '../_runtime/http-handler.ts'
import { httpHandler } from '../_runtime/http-handler.ts'
import { webhookOperations as operations } from '../http/webhook-operations.ts'

export interface StripeWebhookPorts extends NotePaymentPorts, HttpPorts {
  /** Checks with the current secrets. */
  readonly webhookSignatures: () => Promise<WebhookSignatures>
}

/** Records Stripe's events and answers at once. Subscribers do the work. */
export const create = (ports: StripeWebhookPorts) =>
  httpHandler(
    [
      rawEndpoint(operations.receiveStripeEvent, async ({ bytes, headers }, { requestId }) => {
        const signatures = await ports.webhookSignatures()
        const notice = signatures.verify(bytes, headers['stripe-signature'])
        const outcome = await notePayment(ports, notice)
        ports.log.info(
          { event: 'stripe-event-received', requestId, stripeEvent: notice.id, type: notice.type, outcome },
          'an event of Stripe came in',
        )
        return { status: 200, body: { received: true } }
      }),
    ],
    ports,
  )
