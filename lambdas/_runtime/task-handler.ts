import middy from '@middy/core'
import type * as z from 'zod'
import type { Log } from '../../core/ports/context.ts'

/**
 * The chain of a state machine's task. What it throws keeps its name, which the machine's Retry and Catch match.
 */
export const taskHandler = <Input extends z.ZodType>(
  name: string,
  input: Input,
  log: Log,
  handle: (input: z.output<Input>) => Promise<unknown>,
) =>
  middy<unknown, unknown>()
    .onError(({ error }) => {
      log.info({ task: name, err: error }, 'a task did not succeed')
    })
    .handler(async (event) => (await handle(input.parse(event))) ?? {})
