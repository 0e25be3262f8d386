import { defineFunction, task, waitingTask } from '../../_runtime/define-function.ts'
import { onActiveSites, onEnvironments, onEvents, onOwnersEvents, onSite } from '../../_runtime/patterns.ts'

/** What a launch is prepared with. */
const launching = ['sites:read', 'sites:write', 'blueprints:read', 'secrets:open', 'secrets:read'] as const

export const meterStorage = defineFunction({
  name: 'meter-storage',
  triggers: [
    { everyMinutes: 5, startsLater: true, run: async () => (await import('./meter-storage.ts')).meterStorage },
  ],
  uses: ['sites:read', 'sites:write', 'storage:measure', 'brake:read', 'pace:take', 'workflows:start'],
  oneAtATime: true,
  timeout: 900,
  alarm: { feels: 'Owners do not learn that their storage is nearly full.', tolerated: 0 },
})

export const runSite = defineFunction({
  name: 'run-site',
  triggers: [
    {
      // The ended operation may have delayed the start of an active site.
      events: onActiveSites('SiteResumed', 'SiteOperationEnded'),
      run: async () => onSite((await import('./bring-up.ts')).bringUpSite),
    },
    waitingTask(
      'MoveToVersion',
      ['upgrade-site'],
      async () => (await import('../../releases/swap/swap-site.ts')).moveSite,
    ),
    waitingTask(
      'FailUpgrade',
      ['upgrade-site'],
      async () => (await import('../../releases/swap/fail-swap.ts')).failSwap,
    ),
    waitingTask(
      'AnonymiseCopy',
      ['anonymise-copy'],
      async () => (await import('../build/anonymise-copy.ts')).anonymiseCopy,
    ),
    task('BeginBuild', ['anonymise-copy'], async () => (await import('../build/anonymise-copy.ts')).beginBuild),
    waitingTask(
      'ProveRestored',
      ['provision-site'],
      async () => (await import('../build/build-from-archive.ts')).proveRestored,
    ),
    waitingTask('WakeSite', ['wake-site'], async () => (await import('../../sleep/wake-site.ts')).wakeSite),
  ],
  uses: [
    ...launching,
    'runtime:read',
    'runtime:observe',
    'runtime:probe',
    'runtime:run',
    'runtime:start',
    'runtime:remove',
    'evidence:keep',
    'rollouts:read',
    'workflows:start',
  ],
  timeout: 300,
  // A task that finds a site not answering yet fails while visitors wait.
  alarm: {
    feels: 'A site that is woken or resumed, or gets another size, is late, and its visitors wait for it.',
    tolerated: 49,
  },
})

export const reconcileSites = defineFunction({
  name: 'reconcile-sites',
  triggers: [{ everyMinutes: 1, run: async () => (await import('./reconcile-sites.ts')).reconcileSites }],
  uses: [
    ...launching,
    'runtime:read',
    'runtime:probe',
    'runtime:start',
    'runtime:remove',
    'runtime:stop',
    'rollouts:read',
    'brake:read',
    'totals:cells',
    'workflows:start',
  ],
  oneAtATime: true,
  timeout: 600,
  alarm: { feels: 'A site that is down stays down; a site that was resumed keeps an old version.', tolerated: 2 },
})

/** Starts committed work that has no workflow. Its commits are conditional, so concurrent calls are safe. */
export const healWork = defineFunction({
  name: 'heal-work',
  triggers: [
    { everyMinutes: 1, run: async () => (await import('../heal-work.ts')).healBuilds },
    { everyMinutes: 1, run: async () => (await import('../heal-work.ts')).healOperations },
    { everyMinutes: 1, run: async () => (await import('../../accounts/follow-closures.ts')).followClosures },
    {
      // The ended operation may have delayed the change to a plan's size, or was a wake that counts against its roll-out.
      events: onActiveSites('SitePlanChanged', 'SiteUrlChanged', 'SiteOperationEnded'),
      run: async () => (await import('../../releases/swap/follow-plan.ts')).followOperation,
    },
    {
      events: {
        ...onEvents('SiteClaimed', 'SiteOpened', 'SiteResumed', 'SiteRestored'),
        detail: { data: { operation: ['handover'] } },
      },
      run: async () => onSite((await import('../hand-over/hand-over-site.ts')).beginHandOver),
    },
    {
      // A rehearsal or a clone waits for a copy of its original, and a rehearsal ends with it.
      events: {
        ...onEvents('SiteCopied', 'SiteOperationEnded', 'SiteSuspended', 'SitePurged'),
        detail: { data: { accountId: [{ exists: true }], operation: [{ exists: false }, 'copy', 'pause'] } },
      },
      run: async () => onSite((await import('../../rehearsals/rehearsal.ts')).followOriginal),
    },
    {
      // A clone of an environment waits for a copy of it.
      events: onEnvironments('SiteCopied', 'SiteOperationEnded', 'SiteSuspended'),
      run: async () => onSite((await import('../../rehearsals/rehearsal.ts')).followOriginal),
    },
    {
      // Environments are suspended, deleted and resumed with their production, and have its plan.
      events: onOwnersEvents(
        'SiteSuspended',
        'SiteResumed',
        'SiteRestored',
        'SitePurged',
        'SitePlanChanged',
        'SiteDeletionRequested',
        'SiteDeletionRevoked',
      ),
      run: async () => onSite((await import('../../environments/change-environment.ts')).followProduction),
    },
    {
      // One that opens, is restored, stops or gets a plan meanwhile.
      events: onEnvironments('SiteOpened', 'SiteRestored', 'SiteOperationEnded', 'SitePlanChanged'),
      run: async () => onSite((await import('../../environments/change-environment.ts')).followProduction),
    },
    {
      // A planned relocation gets its forecast from a rehearsal that has passed before or after it was planned.
      events: onEvents('RelocationDrafted'),
      run: async () => onSite((await import('../../relocations/note-rehearsal.ts')).noteRehearsal),
    },
    {
      // Only rehearsals open without an account.
      events: { ...onEvents('SiteOpened'), detail: { data: { accountId: [{ exists: false }] } } },
      run: async () => onSite((await import('../../relocations/note-rehearsal.ts')).noteRehearsal),
    },
  ],
  uses: [
    'sites:read',
    'sites:write',
    'blueprints:read',
    'rollouts:write',
    'workflows:start',
    'accounts:follow',
    'deployments:erase',
  ],
  timeout: 60,
  alarm: {
    feels:
      'Builds and operations that lost their workflow never end; new plans get their size a minute late; closed accounts keep their sites.',
    tolerated: 2,
  },
})
