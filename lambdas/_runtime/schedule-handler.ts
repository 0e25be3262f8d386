import middy from '@middy/core'
import * as z from 'zod'
import type { Log } from '../../core/ports/context.ts'

const tickSchema = z.object({ id: z.string() })

/** The chain of a function that a schedule or an event wakes and that mostly needs to know only why it runs. */
export const scheduleHandler = <Result>(
  name: string,
  log: Log,
  handle: (causationId: string, tick: unknown) => Promise<Result>,
) =>
  middy<unknown, Result>()
    .onError(({ error }) => {
      log.error({ sweep: name, err: error }, 'a sweep failed')
    })
    .handler(async (event) => handle(tickSchema.parse(event).id, event))
