import { gives, itemsBelow, only, type PortsIn, type Writing } from '../../adapters/dynamodb/access.ts'
import { defineFunction, task, type WorkflowAlarms } from '../_runtime/define-function.ts'
import { awaitJobs } from './copy/run-archive-job.ts'

// The tasks of most state machines: sites end, are copied, restored and upgraded.

const jobWaits = async (writing: Writing) => (await import('./store.ts')).createJobWaits(writing)
const quarantine = async (writing: Writing) => (await import('./store.ts')).createQuarantine(writing)

export const access = {
  'jobs:complete': gives(
    { jobWaits: only(jobWaits, 'list', 'remove') },
    itemsBelow('short', ['Query', 'DeleteItem'], 'JOBS'),
  ),
  // A new wait replaces the previous one.
  'jobs:note': gives({ jobWaits: only(jobWaits, 'note') }, itemsBelow('short', ['PutItem'], 'JOBS')),
  'quarantine:write': gives({ quarantine }, itemsBelow('main', ['Query', 'PutItem', 'DeleteItem'], 'QUARANTINE')),
}

declare module '../_runtime/ports.ts' {
  interface TablePorts extends PortsIn<typeof access> {}
}

export const workflows = {
  'suspend-site': { failed: 'A trial that has ended keeps running.' },
  'archive-site': { failed: 'Nothing; a disk that could be released costs money. Its data is in place.' },
  'restore-site': {
    failed: 'An owner who resumes an archived site does not get it back; its archive is in place.',
    timedOut: 'An owner has waited a day for an archived site.',
  },
  'purge-site': { failed: 'Data is kept longer than promised.' },
  'copy-site': {
    failed:
      'An owner does not get the copy that they requested or that their plan schedules; their site runs, or a sweep starts it again.',
    timedOut: 'An owner has waited a day for a copy.',
  },
} satisfies WorkflowAlarms

declare module '../../core/ports/workflows.ts' {
  interface StateMachines extends Record<keyof typeof workflows, true> {}
}

/** Checks billing and the brake, and then commits the step that ends a site. */
export const passGate = defineFunction({
  name: 'pass-gate',
  triggers: [
    task('SuspendSite', ['suspend-site'], async () => (await import('./end-site.ts')).suspendDueSite),
    task('PurgeSite', ['purge-site'], async () => (await import('./purge-site.ts')).purgeDueSite),
  ],
  uses: ['sites:read', 'sites:write', 'accounts:read', 'payments:call', 'brake:read'],
  timeout: 30,
  alarm: { feels: 'Ended trials keep running, or data is kept longer than announced.', tolerated: 4 },
})

export const stopSite = defineFunction({
  name: 'stop-site',
  triggers: [
    task(
      'StopSite',
      ['suspend-site', 'archive-site', 'copy-site', 'upgrade-site', 'sleep-site'],
      async () => (await import('./end-site.ts')).stopSite,
    ),
  ],
  uses: ['sites:read', 'sites:write', 'runtime:remove', 'runtime:stop'],
  timeout: 120,
  alarm: { feels: 'Ended trials and sites that nobody uses keep running and cost money.', tolerated: 9 },
})

export const useCopy = defineFunction({
  name: 'use-copy',
  triggers: [
    task('CopyData', ['archive-site', 'copy-site', 'upgrade-site'], async () =>
      awaitJobs((await import('./archive-site.ts')).copyData),
    ),
    task('VerifyCopy', ['archive-site', 'copy-site'], async () =>
      awaitJobs((await import('./archive-site.ts')).verifyCopy),
    ),
    task('RestoreCopy', ['upgrade-site'], async () =>
      awaitJobs((await import('../releases/swap/upgrade-data.ts')).restoreCopy),
    ),
    task('RestoreArchive', ['provision-site', 'anonymise-copy'], async () =>
      awaitJobs((await import('../sites/build/build-from-archive.ts')).restoreArchive),
    ),
    task('TakeResult', ['anonymise-copy'], async () =>
      awaitJobs((await import('../sites/build/anonymise-copy.ts')).takeResult),
    ),
    task('DestroyCopy', ['anonymise-copy'], async () =>
      awaitJobs((await import('../sites/build/anonymise-copy.ts')).destroyCopy),
    ),
    task('RestoreData', ['restore-site'], async () => awaitJobs((await import('./restore-site.ts')).restoreData)),
  ],
  uses: [
    'sites:read',
    'sites:write',
    'blueprints:read',
    'archiver:run',
    'jobs:note',
    'storage:prepare',
    'totals:place',
  ],
  timeout: 120,
  alarm: {
    feels: 'An owner waits for a copy or for an archived site, or disks of ended trials are not released.',
    tolerated: 9,
  },
})

export const archiveDueSite = defineFunction({
  name: 'archive-due-site',
  triggers: [task('ArchiveSite', ['archive-site'], async () => (await import('./archive-site.ts')).archiveDueSite)],
  uses: [
    'sites:read',
    'sites:write',
    'accounts:read',
    'payments:call',
    'brake:read',
    'archiver:run',
    'archives:remove',
  ],
  timeout: 120,
  alarm: { feels: 'Nothing; disks of ended trials are not released, and cost money.', tolerated: 9 },
})

export const recordOwnerCopy = defineFunction({
  name: 'record-owner-copy',
  triggers: [task('RecordCopy', ['copy-site'], async () => (await import('./copy/take-copy.ts')).recordOwnerCopy)],
  uses: ['sites:read', 'sites:write', 'archiver:run', 'archives:remove', 'workflows:start'],
  timeout: 60,
  alarm: { feels: 'An owner does not get the copy that they requested or that their plan schedules.', tolerated: 4 },
})

/** Removes the data of purged and archived sites, and the partial results of a failed operation. */
export const removeRemains = defineFunction({
  name: 'remove-remains',
  triggers: [
    task('ReleaseData', ['archive-site'], async () => awaitJobs((await import('./archive-site.ts')).releaseData)),
    task('RemoveRemains', ['purge-site'], async () => awaitJobs((await import('./purge-site.ts')).removeRemains)),
    task(
      'FailOperation',
      [
        'suspend-site',
        'archive-site',
        'restore-site',
        'purge-site',
        'copy-site',
        'sleep-site',
        'dormancy-site',
        'wake-site',
      ],
      async () => (await import('./fail-operation.ts')).failOperation,
    ),
  ],
  uses: [
    'sites:read',
    'sites:write',
    'archiver:run',
    'jobs:note',
    'archives:remove',
    'configurations:erase',
    'deployments:erase',
    'software:remove',
    'evidence:erase',
    'runtime:remove',
    'storage:remove',
  ],
  timeout: 300,
  alarm: {
    feels: 'Data and disks are kept longer than announced, or owners cannot act on a site whose operation failed.',
    tolerated: 9,
  },
})

export const clearLeftovers = defineFunction({
  name: 'clear-leftovers',
  triggers: [{ everyMinutes: 60, run: async () => (await import('./leftovers/clear-leftovers.ts')).clearLeftovers }],
  uses: [
    'sites:read',
    'quarantine:write',
    'brake:read',
    'pace:take',
    'archiver:run',
    'archives:list',
    'archives:remove',
    'runtime:read',
    'runtime:remove',
    'storage:remove',
    'leftovers:remove',
  ],
  oneAtATime: true,
  timeout: 900,
  alarm: { feels: 'Nothing; leftovers of sites cost money.', tolerated: 0 },
})

/** Completes the task tokens of archiving jobs. It can only read outcomes, complete tokens and remove its own notes. */
export const completeJobs = defineFunction({
  name: 'complete-jobs',
  triggers: [
    { everyMinutes: 1, run: async () => (await import('./copy/run-archive-job.ts')).completeJobs },
    {
      // A task without a service belongs to the archiver. Its event may be lost, so the clock checks all jobs.
      platformEvents: {
        source: ['aws.ecs'],
        'detail-type': ['ECS Task State Change'],
        detail: { group: [{ prefix: 'family:' }], lastStatus: ['STOPPED'] },
      },
      run: async () => (await import('./copy/run-archive-job.ts')).completeJobsOfTask,
    },
  ],
  uses: ['sites:read', 'jobs:complete'],
  timeout: 60,
  alarm: { feels: 'Copies, restores and purges wait although their work is done.', tolerated: 2 },
})
