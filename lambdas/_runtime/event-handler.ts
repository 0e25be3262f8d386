import middy from '@middy/core'
import * as z from 'zod'
import type { DomainEvent } from '../../core/events/event.ts'
import { eventSchema } from '../../core/events/event.ts'
import type { Log } from '../../core/ports/context.ts'

const deliverySchema = z.object({ detail: eventSchema })

/** The chain of a subscriber. It may be called again with the same event, so what it does must bear that. */
export const eventHandler = (name: string, log: Log, handle: (event: DomainEvent) => Promise<void>) =>
  middy<unknown, void>()
    .onError(({ error }) => {
      log.error({ subscriber: name, err: error }, 'a subscriber failed')
    })
    .handler(async (delivery) => handle(deliverySchema.parse(delivery).detail))
