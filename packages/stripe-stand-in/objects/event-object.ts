import { apiVersion } from '../api-version.ts'
import type { Event } from '../records/event.ts'

/** The official types tell every event by its type; here one form does for all. */
export const eventObject = (event: Event, pendingWebhooks: number) => ({
  id: event.id,
  object: 'event',
  api_version: apiVersion,
  created: event.created,
  data: { object: event.object, ...(event.previous === null ? {} : { previous_attributes: event.previous }) },
  livemode: false,
  pending_webhooks: pendingWebhooks,
  request: { id: event.request, idempotency_key: event.idempotencyKey },
  type: event.type,
})
