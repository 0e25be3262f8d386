import {
  InvalidToken,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  type SFNClient,
  TaskDoesNotExist,
  TaskTimedOut,
} from '@aws-sdk/client-sfn'
import type { ErrorKind } from '../../core/errors.ts'
import type { TaskTokens } from '../../lambdas/endings/copy/run-archive-job.ts'

/** What the state machines retry; see `awaited` in statemachines/read-state-machine.ts. */
const sentBackWith: ErrorKind = 'ArchiveNotReady'

/** Whether the token's task has completed before, has timed out, or its execution has ended. */
const isOver = (error: unknown): boolean =>
  error instanceof TaskTimedOut || error instanceof TaskDoesNotExist || error instanceof InvalidToken

const unlessOver = async (call: Promise<unknown>): Promise<void> => {
  try {
    await call
  } catch (error) {
    if (!isOver(error)) throw error
  }
}

/** The task tokens of Step Functions. */
export const createTaskTokens = (client: SFNClient): TaskTokens => ({
  succeed: (taskToken) => unlessOver(client.send(new SendTaskSuccessCommand({ taskToken, output: '{}' }))),
  sendBack: (taskToken) =>
    unlessOver(
      client.send(
        new SendTaskFailureCommand({ taskToken, error: sentBackWith, cause: 'A job ended without an outcome.' }),
      ),
    ),
})
