/** The state machines, by file name. Each capability adds its own. @public */
// biome-ignore lint/suspicious/noEmptyInterface: declarations elsewhere fill it
export interface StateMachines {}

export type StateMachineName = keyof StateMachines

export type ExecutionStatus = 'running' | 'succeeded' | 'failed' | 'unknown'

export interface Workflows {
  /** Starts an execution. A name is used once: a repeated call finds it started. @param options.isAwaited gives it priority, because a person waits for it. */
  readonly start: (
    machine: StateMachineName,
    executionName: string,
    input: object,
    options?: { readonly isAwaited?: boolean },
  ) => Promise<void>
  readonly status: (machine: StateMachineName, executionName: string) => Promise<ExecutionStatus>
}
