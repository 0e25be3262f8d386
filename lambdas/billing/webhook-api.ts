import { rawEndpoint } from '../_runtime/endpoint.ts'
import { type HttpPorts, httpHandler } from '../_runtime/http-handler.ts'
import { type ReceiveStripeEventPorts, receiveStripeEvent } from './receive-stripe-event.ts'
import { webhookOperations } from './webhook-operations.ts'

export const create = (ports: ReceiveStripeEventPorts & HttpPorts) =>
  httpHandler(
    [
      rawEndpoint(webhookOperations.receiveStripeEvent, async (request, { requestId }) => {
        await receiveStripeEvent(ports, request, requestId)
        return { status: 200, body: { received: true } }
      }),
    ],
    ports,
  )
