import type { Permission, TaskFunction } from './function-entry.ts'
import { onSites, startingSites } from './permission-sets.ts'

const provisionTask = (
  state: string,
  entry: string,
  timeoutSeconds: number,
  permissions: readonly Permission[],
): TaskFunction => ({ kind: 'task', machines: ['provision-site'], state, entry, timeoutSeconds, permissions })

type OperationTask = Omit<TaskFunction, 'kind'>

const operationTask = (task: OperationTask): TaskFunction => ({ kind: 'task', ...task })

/** What a gate asks besides: about money, and the brake. */
const gated: readonly Permission[] = [...onSites, 'accounts:read', 'payments:call', 'brake:read']

/** The tasks of the state machines in `statemachines/`, in the order in which a site meets them. */
export const taskFunctions = {
  'prepare-storage': provisionTask('PrepareStorage', 'lambdas/tasks/prepare-storage.ts', 30, [
    'sites:read',
    'sites:write',
    'storage:prepare',
  ]),
  'start-site': provisionTask('StartSite', 'lambdas/tasks/start-site.ts', 300, [
    'sites:read',
    'sites:write',
    'blueprints:read',
    'secrets:read',
    'runtime:start',
  ]),
  'await-site': provisionTask('AwaitSite', 'lambdas/tasks/await-site.ts', 20, [
    'sites:read',
    'sites:write',
    'blueprints:read',
    'runtime:read',
    'runtime:probe',
  ]),
  'open-site': provisionTask('OpenSite', 'lambdas/tasks/open-site.ts', 30, ['sites:read', 'sites:write']),
  'fail-site': provisionTask('FailSite', 'lambdas/tasks/fail-site.ts', 30, ['sites:read', 'sites:write']),
  'remove-failed-site': provisionTask('RemoveFailedSite', 'lambdas/tasks/remove-failed-site.ts', 120, [
    'sites:read',
    'runtime:remove',
    'storage:remove',
  ]),
  'suspend-due-site': operationTask({
    machines: ['suspend-site'],
    state: 'SuspendSite',
    entry: 'lambdas/tasks/suspend-due-site.ts',
    timeoutSeconds: 30,
    permissions: gated,
  }),
  'stop-site': operationTask({
    machines: ['suspend-site', 'archive-site', 'copy-site'],
    state: 'StopSite',
    entry: 'lambdas/tasks/stop-site.ts',
    timeoutSeconds: 120,
    permissions: [...onSites, 'runtime:remove'],
  }),
  'finish-operation': operationTask({
    machines: ['suspend-site', 'archive-site', 'purge-site'],
    state: 'FinishOperation',
    entry: 'lambdas/tasks/finish-operation.ts',
    timeoutSeconds: 30,
    permissions: onSites,
  }),
  'fail-operation': operationTask({
    machines: ['suspend-site', 'archive-site', 'restore-site', 'purge-site', 'copy-site'],
    state: 'FailOperation',
    entry: 'lambdas/tasks/fail-operation.ts',
    timeoutSeconds: 120,
    permissions: [...onSites, 'archiver:run', 'archives:remove', 'runtime:remove', 'storage:remove'],
  }),
  'copy-data': operationTask({
    machines: ['archive-site', 'copy-site'],
    state: 'CopyData',
    entry: 'lambdas/tasks/copy-data.ts',
    timeoutSeconds: 120,
    permissions: [...onSites, 'archiver:run', 'jobs:note', 'runtime:read'],
  }),
  'verify-copy': operationTask({
    machines: ['archive-site', 'copy-site'],
    state: 'VerifyCopy',
    entry: 'lambdas/tasks/verify-copy.ts',
    timeoutSeconds: 120,
    permissions: [...onSites, 'archiver:run', 'jobs:note'],
  }),
  'archive-due-site': operationTask({
    machines: ['archive-site'],
    state: 'ArchiveSite',
    entry: 'lambdas/tasks/archive-due-site.ts',
    timeoutSeconds: 120,
    permissions: [...gated, 'archiver:run', 'archives:remove'],
  }),
  'release-data': operationTask({
    machines: ['archive-site'],
    state: 'ReleaseData',
    entry: 'lambdas/tasks/release-data.ts',
    timeoutSeconds: 120,
    permissions: [...onSites, 'archiver:run', 'jobs:note', 'storage:remove'],
  }),
  'restore-data': operationTask({
    machines: ['restore-site'],
    state: 'RestoreData',
    entry: 'lambdas/tasks/restore-data.ts',
    timeoutSeconds: 120,
    permissions: [...onSites, 'archiver:run', 'jobs:note', 'storage:prepare'],
  }),
  'start-restored': operationTask({
    machines: ['restore-site'],
    state: 'StartRestored',
    entry: 'lambdas/tasks/start-restored.ts',
    timeoutSeconds: 300,
    permissions: [...onSites, 'blueprints:read', 'secrets:read', 'runtime:start'],
  }),
  'open-restored': operationTask({
    machines: ['restore-site'],
    state: 'OpenRestored',
    entry: 'lambdas/tasks/open-restored.ts',
    timeoutSeconds: 20,
    permissions: [...onSites, 'blueprints:read', 'runtime:read', 'runtime:probe'],
  }),
  'purge-due-site': operationTask({
    machines: ['purge-site'],
    state: 'PurgeSite',
    entry: 'lambdas/tasks/purge-due-site.ts',
    timeoutSeconds: 30,
    permissions: gated,
  }),
  'remove-remains': operationTask({
    machines: ['purge-site'],
    state: 'RemoveRemains',
    entry: 'lambdas/tasks/remove-remains.ts',
    timeoutSeconds: 300,
    permissions: [
      ...onSites,
      'archiver:run',
      'jobs:note',
      'archives:list',
      'archives:remove',
      'runtime:remove',
      'storage:remove',
    ],
  }),
  'pause-site': operationTask({
    machines: ['copy-site'],
    state: 'PauseSite',
    entry: 'lambdas/tasks/pause-site.ts',
    timeoutSeconds: 30,
    permissions: onSites,
  }),
  'unpause-site': operationTask({
    machines: ['copy-site'],
    state: 'UnpauseSite',
    entry: 'lambdas/tasks/unpause-site.ts',
    timeoutSeconds: 300,
    permissions: [...onSites, 'blueprints:read', 'secrets:read', 'runtime:read', 'runtime:probe', 'runtime:start'],
  }),
  'record-owner-copy': operationTask({
    machines: ['copy-site'],
    state: 'RecordCopy',
    entry: 'lambdas/tasks/record-owner-copy.ts',
    timeoutSeconds: 60,
    permissions: [...onSites, 'archiver:run', 'archives:remove'],
  }),
  'make-way': operationTask({
    machines: ['resize-site'],
    state: 'MakeWay',
    entry: 'lambdas/tasks/make-way.ts',
    timeoutSeconds: 30,
    permissions: [...onSites, 'blueprints:read', 'runtime:read'],
  }),
  'move-to-size': operationTask({
    machines: ['resize-site'],
    state: 'MoveToSize',
    entry: 'lambdas/tasks/move-to-size.ts',
    timeoutSeconds: 300,
    permissions: [...onSites, ...startingSites],
  }),
  'leave-old-size': operationTask({
    machines: ['resize-site'],
    state: 'LeaveOldSize',
    entry: 'lambdas/tasks/leave-old-size.ts',
    timeoutSeconds: 300,
    permissions: [...onSites, 'blueprints:read', 'secrets:read', 'runtime:start', 'runtime:remove'],
  }),
  'fail-resize': operationTask({
    machines: ['resize-site'],
    state: 'FailResize',
    entry: 'lambdas/tasks/fail-resize.ts',
    timeoutSeconds: 300,
    permissions: [...onSites, ...startingSites],
  }),
} as const satisfies Readonly<Record<string, TaskFunction>>
