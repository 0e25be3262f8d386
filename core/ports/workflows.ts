/** The state machines of `statemachines/`, by file name. */
export type StateMachineName =
  | 'provision-site'
  | 'suspend-site'
  | 'archive-site'
  | 'restore-site'
  | 'purge-site'
  | 'copy-site'
  | 'resize-site'
  | 'upgrade-site'
  | 'sleep-site'
  | 'wake-site'
  | 'dormancy-site'
  | 'handover-site'

export type ExecutionStatus = 'running' | 'succeeded' | 'failed' | 'unknown'

export interface Workflows {
  /**
   * Starts an execution. A name is used once: a repeated call finds it started.
   * @param options.isAwaited gives it priority, because a person waits for it.
   */
  readonly start: (
    machine: StateMachineName,
    executionName: string,
    input: object,
    options?: { readonly isAwaited?: boolean },
  ) => Promise<void>
  readonly status: (machine: StateMachineName, executionName: string) => Promise<ExecutionStatus>
}
