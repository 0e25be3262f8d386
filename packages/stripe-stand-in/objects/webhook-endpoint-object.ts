import type Stripe from 'stripe'
import type { WebhookEndpoint } from '../records/webhook-endpoint.ts'

export const webhookEndpointObject = (
  endpoint: WebhookEndpoint,
): Stripe.WebhookEndpoint | Stripe.DeletedWebhookEndpoint =>
  endpoint.isDeleted
    ? { id: endpoint.id, object: 'webhook_endpoint', deleted: true }
    : {
        id: endpoint.id,
        object: 'webhook_endpoint',
        api_version: endpoint.apiVersion,
        application: null,
        created: endpoint.created,
        description: endpoint.description,
        enabled_events: endpoint.enabledEvents,
        livemode: false,
        metadata: endpoint.metadata,
        status: endpoint.status,
        url: endpoint.url,
      }
