/** The state machines of `statemachines/`, by file name. */
export type StateMachineName =
  | 'provision-site'
  | 'suspend-site'
  | 'archive-site'
  | 'restore-site'
  | 'purge-site'
  | 'copy-site'
  | 'resize-site'

export type ExecutionStatus = 'running' | 'succeeded' | 'failed' | 'unknown'

/** Runs state machines. */
export interface Workflows {
  /**
   * Starts an execution, or finds that one of this name was started before: a name is used once.
   * @param options.isAwaited whether a person waits for it: where executions wait their turn, it goes before the others.
   */
  readonly start: (
    machine: StateMachineName,
    executionName: string,
    input: object,
    options?: { readonly isAwaited?: boolean },
  ) => Promise<void>
  readonly status: (machine: StateMachineName, executionName: string) => Promise<ExecutionStatus>
}
