import * as z from 'zod'
import { listEndpoint } from '../api/endpoint.ts'
import { collection, record } from '../collection.ts'
import { apiVersion } from '../objects.ts'

const eventSchema = z.object({
  ...record,
  type: z.string(),
  /** The object as it was when it happened. */
  object: z.record(z.string(), z.unknown()),
  previous: z.record(z.string(), z.unknown()).nullable(),
  request: z.string().nullable(),
  idempotencyKey: z.string().nullable(),
})
type Event = z.infer<typeof eventSchema>

export const events = collection('event', eventSchema)

/** One shape for all types of events, of which the official types have one each. */
export const eventObject = (event: Event) => ({
  id: event.id,
  object: 'event',
  api_version: apiVersion,
  created: event.created,
  data: { object: event.object, ...(event.previous === null ? {} : { previous_attributes: event.previous }) },
  livemode: false,
  pending_webhooks: 0,
  request: { id: event.request, idempotency_key: event.idempotencyKey },
  type: event.type,
})

export const eventEndpoints = [
  listEndpoint(
    '/v1/events',
    'event',
    { type: z.string().optional() },
    {
      find: (world) => events.list(world),
      isWanted: ({ type }, wanted) => (wanted.type ?? type) === type,
      show: eventObject,
    },
  ),
]
