import * as z from 'zod'
import { webhookEndpointObject } from '../objects/webhook-endpoint-object.ts'
import type { WebhookEndpoint } from '../records/webhook-endpoint.ts'
import { noSuch } from '../stripe-fault.ts'
import type { World } from '../world.ts'
import { endpoint } from './endpoint.ts'
import { pageOf, pageParameters } from './page.ts'
import { clearable, flag, mergeMetadata, metadataParameter, text } from './parameters.ts'

const what = 'webhook_endpoint'

const requireEndpoint = ({ records }: World, id: string): WebhookEndpoint => {
  const found = records.endpoints.get(id)
  if (found === undefined || found.isDeleted) throw noSuch(what, id)
  return found
}

const events = z.array(text).min(1)

export const webhookEndpointEndpoints = [
  endpoint(
    'POST',
    '/v1/webhook_endpoints',
    {
      url: z.url(),
      enabled_events: events,
      api_version: text.optional(),
      description: clearable.optional(),
      metadata: metadataParameter.optional(),
      connect: z.literal('false').optional(),
    },
    ({ records, newId, now }, _id, given) => {
      const made = records.endpoints.put({
        id: newId('we_'),
        created: now,
        url: given.url,
        secret: newId('whsec_'),
        enabledEvents: given.enabled_events,
        status: 'enabled',
        description: given.description ?? null,
        apiVersion: given.api_version ?? null,
        metadata: mergeMetadata({}, given.metadata),
        isDeleted: false,
      })
      // Only here is the secret ever shown.
      return { ...webhookEndpointObject(made), secret: made.secret }
    },
  ),
  endpoint('GET', '/v1/webhook_endpoints', pageParameters, ({ records }, _id, page) =>
    pageOf(records.endpoints.list(), ({ isDeleted }) => !isDeleted, page, {
      what,
      url: '/v1/webhook_endpoints',
      show: webhookEndpointObject,
    }),
  ),
  endpoint('GET', '/v1/webhook_endpoints/:id', {}, (world, id) => webhookEndpointObject(requireEndpoint(world, id))),
  endpoint(
    'POST',
    '/v1/webhook_endpoints/:id',
    {
      url: z.url().optional(),
      enabled_events: events.optional(),
      disabled: flag.optional(),
      description: clearable.optional(),
      metadata: metadataParameter.optional(),
    },
    (world, id, given) => {
      const { metadata } = requireEndpoint(world, id)
      const status = given.disabled ? 'disabled' : 'enabled'
      return webhookEndpointObject(
        world.records.endpoints.change(id, {
          url: given.url,
          enabledEvents: given.enabled_events,
          status: given.disabled === undefined ? undefined : status,
          description: given.description,
          metadata: mergeMetadata(metadata, given.metadata),
        }),
      )
    },
  ),
  endpoint('DELETE', '/v1/webhook_endpoints/:id', {}, (world, id) => {
    requireEndpoint(world, id)
    return webhookEndpointObject(world.records.endpoints.change(id, { isDeleted: true, status: 'disabled' }))
  }),
]
