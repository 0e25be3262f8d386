import type Stripe from 'stripe'
import * as z from 'zod'
import { endpoint, finder, flag, listEndpoint, mergeMetadata, metadataParameter, text } from '../api/endpoint.ts'
import { collection, metadata, record } from '../collection.ts'
import { nulls } from '../objects.ts'

const endpointSchema = z.object({
  ...record,
  url: z.string(),
  secret: z.string(),
  enabledEvents: z.array(z.string()),
  status: z.enum(['enabled', 'disabled']),
  apiVersion: z.string().nullable(),
  metadata,
})
type WebhookEndpoint = z.infer<typeof endpointSchema>

export const webhookEndpoints = collection('webhook endpoint', endpointSchema)

const endpointObject = (found: WebhookEndpoint): Stripe.WebhookEndpoint => ({
  id: found.id,
  object: 'webhook_endpoint',
  api_version: found.apiVersion,
  created: found.created,
  enabled_events: found.enabledEvents,
  livemode: false,
  metadata: found.metadata,
  status: found.status,
  url: found.url,
  ...nulls('application description'),
})

const url = z.url()
const enabled_events = z.array(text).min(1)

export const webhookEndpointEndpoints = [
  endpoint(
    'POST',
    '/v1/webhook_endpoints',
    { url, enabled_events, api_version: text.optional(), metadata: metadataParameter.optional() },
    (world, _id, given) => {
      const made = webhookEndpoints.create(world, 'we_', {
        url: given.url,
        secret: world.newId('whsec_'),
        enabledEvents: given.enabled_events,
        status: 'enabled',
        apiVersion: given.api_version ?? null,
        metadata: mergeMetadata({}, given.metadata),
      })
      // The secret is shown only here.
      return { ...endpointObject(made), secret: made.secret }
    },
  ),
  listEndpoint(
    '/v1/webhook_endpoints',
    'webhook_endpoint',
    {},
    { find: (world) => webhookEndpoints.list(world), show: endpointObject },
  ),
  endpoint(
    'POST',
    '/v1/webhook_endpoints/:id',
    { url: url.optional(), enabled_events: enabled_events.optional(), disabled: flag.optional() },
    (world, id, given) => {
      finder(webhookEndpoints.get, 'webhook_endpoint')(world, id)
      const status = given.disabled === undefined ? undefined : given.disabled ? 'disabled' : 'enabled'
      const change = { url: given.url, enabledEvents: given.enabled_events, status } as const
      return endpointObject(webhookEndpoints.change(world, id, change))
    },
  ),
]
