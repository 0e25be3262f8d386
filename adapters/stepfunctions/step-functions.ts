import {
  type ExecutionStatus as CloudStatus,
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  InvalidToken,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  type SFNClient,
  StartExecutionCommand,
  TaskDoesNotExist,
  TaskTimedOut,
} from '@aws-sdk/client-sfn'
import type { ErrorKind } from '../../core/errors.ts'
import type { ExecutionStatus, StateMachineName, Workflows } from '../../core/ports/workflows.ts'
import type { TaskTokens } from '../../lambdas/endings/copy/run-archive-job.ts'

/** One that waits to be redriven has not ended yet. */
const statuses: Readonly<Record<CloudStatus, ExecutionStatus>> = {
  RUNNING: 'running',
  PENDING_REDRIVE: 'running',
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  TIMED_OUT: 'failed',
  ABORTED: 'failed',
}

/**
 * Standard state machines of Step Functions, which keep the name of a closed execution for 90 days. No execution waits for
 * others, so none has priority.
 * @param options.machineArnPrefix the machines' ARNs before their names, such as
 *   `arn:aws:states:eu-central-1:111122223333:stateMachine:sitewright-live-`.
 */
export const createStepFunctions = (options: {
  readonly client: SFNClient
  readonly machineArnPrefix: string
}): Workflows => {
  const { client, machineArnPrefix } = options
  const machineArn = (machine: StateMachineName): string => `${machineArnPrefix}${machine}`
  const executionArn = (machine: StateMachineName, name: string): string =>
    `${machineArn(machine).replace(':stateMachine:', ':execution:')}:${name}`

  return {
    start: async (machine, name, input) => {
      try {
        await client.send(
          new StartExecutionCommand({ stateMachineArn: machineArn(machine), name, input: JSON.stringify(input) }),
        )
      } catch (error) {
        if (!(error instanceof ExecutionAlreadyExists)) throw error
      }
    },
    status: async (machine, name) => {
      try {
        const { status } = await client.send(
          new DescribeExecutionCommand({ executionArn: executionArn(machine, name) }),
        )
        return status === undefined ? 'unknown' : statuses[status]
      } catch (error) {
        if (error instanceof ExecutionDoesNotExist) return 'unknown'
        throw error
      }
    },
  }
}

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
