import { defineFunction, task, type WorkflowAlarms, waitingTask } from '../../_runtime/define-function.ts'
import { onEvents, onSite } from '../../_runtime/patterns.ts'

export const workflows = {
  'provision-site': {
    failed: 'Somebody may have been told that their site could not be built.',
    timedOut: 'Somebody has waited six hours for a site.',
  },
  'anonymise-copy': {
    failed: 'A developer was told that an anonymised environment could not be made.',
    timedOut: 'A developer has waited six hours for an anonymised environment.',
  },
} satisfies WorkflowAlarms

declare module '../../../core/ports/workflows.ts' {
  interface StateMachines extends Record<keyof typeof workflows, true> {}
}

/** What a launch is prepared with. */
const launching = ['sites:read', 'sites:write', 'blueprints:read', 'secrets:open', 'secrets:read'] as const

export const prepareStorage = defineFunction({
  name: 'prepare-storage',
  triggers: [
    task(
      'PrepareStorage',
      ['provision-site', 'anonymise-copy'],
      async () => (await import('./provision-site.ts')).prepareStorage,
    ),
  ],
  uses: ['sites:read', 'sites:write', 'blueprints:read', 'storage:prepare'],
  timeout: 30,
  alarm: { feels: 'New sites that do not come from the pool are late or fail.', tolerated: 4 },
})

export const startSite = defineFunction({
  name: 'start-site',
  triggers: [
    task('StartSite', ['provision-site'], async () => (await import('./provision-site.ts')).startSite),
    task('StartRestored', ['restore-site'], async () => (await import('../../endings/restore-site.ts')).startRestored),
    task('StartPaused', ['copy-site'], async () => (await import('../../endings/copy/take-copy.ts')).startPaused),
  ],
  uses: [...launching, 'blueprints:write', 'runtime:start'],
  timeout: 300,
  alarm: {
    feels:
      'New sites that do not come from the pool, and restored sites, are late or fail; sites stay paused after a copy.',
    tolerated: 9,
  },
})

export const awaitSite = defineFunction({
  name: 'await-site',
  triggers: [
    waitingTask('AwaitSite', ['provision-site'], async () => (await import('./check-ready.ts')).checkReady),
    waitingTask(
      'OpenRestored',
      ['restore-site'],
      async () => (await import('../../endings/restore-site.ts')).openRestored,
    ),
    waitingTask(
      'UnpauseSite',
      ['copy-site'],
      async () => (await import('../../endings/copy/take-copy.ts')).unpauseSite,
    ),
    {
      // The name of a site's service is the site's id.
      platformEvents: {
        source: ['aws.ecs'],
        'detail-type': ['ECS Task State Change'],
        detail: { group: [{ prefix: 'service:site_' }] },
      },
      run: async () => (await import('../run/follow-task.ts')).followTaskEvent,
    },
  ],
  uses: [...launching, 'blueprints:write', 'runtime:read', 'runtime:observe', 'runtime:probe', 'evidence:keep'],
  // After an outage thousands of tasks start, and each holds a call until it answers.
  processesReserved: 300,
  timeout: 60,
  // A task that finds a site not answering yet fails. Each build does so several times.
  alarm: { feels: 'Sites that start, or whose task was replaced, answer late or fail.', tolerated: 49 },
})

/** The steps that change only the site's record. */
export const recordStep = defineFunction({
  name: 'record-step',
  triggers: [
    task('OpenSite', ['provision-site'], async () => (await import('./provision-site.ts')).openSite),
    task(
      'FinishOperation',
      ['suspend-site', 'archive-site', 'purge-site', 'sleep-site'],
      async () => (await import('../../endings/end-site.ts')).finishOperation,
    ),
    task('PauseSite', ['copy-site'], async () => (await import('../../endings/copy/take-copy.ts')).pauseSite),
    task('MakeWay', ['upgrade-site'], async () => (await import('../../releases/swap/swap-site.ts')).makeWay),
  ],
  uses: ['sites:read', 'sites:write', 'blueprints:read', 'blueprints:write'],
  timeout: 30,
  alarm: {
    feels:
      'New sites do not open, sites do not get the size of a new plan, and owners cannot act on sites whose operation is not recorded as done.',
    tolerated: 9,
  },
})

/** Keeps what is known of failures, and records those of builds. */
export const failSite = defineFunction({
  name: 'fail-site',
  triggers: [
    task('FailSite', ['provision-site', 'anonymise-copy'], async () => (await import('./fail-site.ts')).failSite),
    task(
      'KeepEvidence',
      ['restore-site', 'wake-site'],
      async () => (await import('../evidence/keep-evidence.ts')).keepEvidenceOfOperation,
    ),
  ],
  uses: [...launching, 'blueprints:write', 'runtime:read', 'runtime:observe', 'runtime:probe', 'evidence:keep'],
  timeout: 60,
  alarm: { feels: 'Owners are not told that their site could not be built.', tolerated: 4 },
})

export const removeFailedSite = defineFunction({
  name: 'remove-failed-site',
  triggers: [
    task(
      'RemoveFailedSite',
      ['provision-site', 'anonymise-copy'],
      async () => (await import('./fail-site.ts')).removeFailedSite,
    ),
    task('GiveBack', ['dormancy-site'], async () => (await import('../../sleep/dormancy.ts')).giveBack),
    {
      // Also of a build that the sweep gave up.
      events: onEvents('SiteFailed'),
      run: async () => onSite((await import('./fail-site.ts')).forgetFailed),
    },
  ],
  uses: ['sites:read', 'sites:write', 'archives:remove', 'configurations:erase', 'runtime:remove', 'storage:remove'],
  timeout: 120,
  alarm: {
    feels: 'Nothing; remains of failed builds cost money, and sites that sleep count against quotas.',
    tolerated: 4,
  },
})
