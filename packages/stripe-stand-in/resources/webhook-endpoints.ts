import type Stripe from 'stripe'
import * as z from 'zod'
import {
  endpoint,
  finder,
  flag,
  mergeMetadata,
  metadataParameter,
  pageOf,
  pageParameters,
  text,
} from '../api/endpoint.ts'
import { collection, metadata, seconds } from '../collection.ts'
import { nulls } from '../objects.ts'

const endpointSchema = z.object({
  id: z.string(),
  created: seconds,
  url: z.string(),
  secret: z.string(),
  enabledEvents: z.array(z.string()),
  status: z.enum(['enabled', 'disabled']),
  apiVersion: z.string().nullable(),
  metadata,
})
type WebhookEndpoint = z.infer<typeof endpointSchema>

export const webhookEndpoints = collection<WebhookEndpoint>('webhook endpoint', { schema: endpointSchema })

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
      const made = webhookEndpoints.put(world, {
        id: world.newId('we_'),
        created: world.now,
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
  endpoint('GET', '/v1/webhook_endpoints', pageParameters, (world, _id, page) =>
    pageOf(webhookEndpoints.list(world), () => true, page, {
      what: 'webhook_endpoint',
      url: '/v1/webhook_endpoints',
      show: endpointObject,
    }),
  ),
  endpoint(
    'POST',
    '/v1/webhook_endpoints/:id',
    { url: url.optional(), enabled_events: enabled_events.optional(), disabled: flag.optional() },
    (world, id, given) => {
      const { status } = finder(webhookEndpoints.get, 'webhook_endpoint')(world, id)
      const wanted = given.disabled ? 'disabled' : 'enabled'
      return endpointObject(
        webhookEndpoints.change(world, id, {
          url: given.url,
          enabledEvents: given.enabled_events,
          status: given.disabled === undefined ? status : wanted,
        }),
      )
    },
  ),
]
