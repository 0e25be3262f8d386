import * as z from 'zod'
import { endpoint, pageOf, pageParameters } from '../api/endpoint.ts'
import { collection, seconds } from '../collection.ts'
import { apiVersion } from '../objects.ts'

const eventSchema = z.object({
  id: z.string(),
  created: seconds,
  type: z.string(),
  /** The object as it was when it happened. */
  object: z.record(z.string(), z.unknown()),
  previous: z.record(z.string(), z.unknown()).nullable(),
  request: z.string().nullable(),
  idempotencyKey: z.string().nullable(),
})
type Event = z.infer<typeof eventSchema>

export const events = collection<Event>('event', { schema: eventSchema })

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
  endpoint('GET', '/v1/events', { ...pageParameters, type: z.string().optional() }, (world, _id, wanted) =>
    pageOf(events.list(world), ({ type }) => wanted.type === undefined || type === wanted.type, wanted, {
      what: 'event',
      url: '/v1/events',
      show: eventObject,
    }),
  ),
]
