import * as z from 'zod'
import { eventObject } from '../objects/event-object.ts'
import { noSuch } from '../stripe-fault.ts'
import { endpoint } from './endpoint.ts'
import { pageOf, pageParameters } from './page.ts'
import { createdParameter, isCreatedIn } from './parameters.ts'

const what = 'event'

export const eventEndpoints = [
  endpoint(
    'GET',
    '/v1/events',
    {
      ...pageParameters,
      type: z.string().optional(),
      types: z.array(z.string()).optional(),
      created: createdParameter.optional(),
    },
    ({ records, pendingWebhooks }, _id, { type, types, created, ...page }) =>
      pageOf(
        records.events.list(),
        (event) =>
          (type === undefined || event.type === type) &&
          (types === undefined || types.includes(event.type)) &&
          isCreatedIn(event.created, created),
        page,
        { what, url: '/v1/events', show: (event) => eventObject(event, pendingWebhooks(event.id)) },
      ),
  ),
  endpoint('GET', '/v1/events/:id', {}, ({ records, pendingWebhooks }, id) => {
    const event = records.events.get(id)
    if (event === undefined) throw noSuch(what, id)
    return eventObject(event, pendingWebhooks(id))
  }),
]
