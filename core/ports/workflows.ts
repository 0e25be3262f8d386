/** The state machines of `statemachines/`, by file name. */
export type StateMachineName = 'provision-site'

export type ExecutionStatus = 'running' | 'succeeded' | 'failed' | 'unknown'

/** Runs state machines. */
export interface Workflows {
  /** Starts an execution, or finds that one of this name was started before: a name is used once. */
  readonly start: (machine: StateMachineName, executionName: string, input: object) => Promise<void>
  readonly status: (machine: StateMachineName, executionName: string) => Promise<ExecutionStatus>
}
