import type { StateMachineName } from '../../../core/ports/workflows.ts'
import type { FunctionEntry, TaskFunction } from '../../../lambdas/manifest/function-entry.ts'
import { functionEntries } from '../../../lambdas/manifest.ts'

const isTask = (entry: FunctionEntry): entry is TaskFunction => entry.kind === 'task'

/** The state machines that the manifest's tasks belong to. */
export const machineNames: readonly StateMachineName[] = [
  ...new Set(
    functionEntries
      .map(([, entry]) => entry)
      .filter(isTask)
      .flatMap(({ machines }) => machines),
  ),
]
