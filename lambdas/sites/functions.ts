import { siteStatusEvents } from '../../core/events/event-names.ts'
import { defineFunction } from '../_runtime/define-function.ts'
import { onActiveSites, onEvents, onOwnersEvents, onSite } from '../_runtime/patterns.ts'

// Builds and running sites: the tasks of provision-site, the pool, and the sweeps that retry.

const lateBuild = 'New sites that do not come from the pool are late or fail.'

export const prepareStorage = defineFunction({
  name: 'prepare-storage',
  triggers: [
    {
      task: 'PrepareStorage',
      machines: ['provision-site'],
      run: async () => (await import('./build/provision-site.ts')).prepareStorage,
    },
  ],
  uses: ['sites:read', 'sites:write', 'blueprints:read', 'storage:prepare'],
  timeout: 30,
  alarm: { feels: lateBuild, tolerated: 4 },
})

export const startSite = defineFunction({
  name: 'start-site',
  triggers: [
    {
      task: 'StartSite',
      machines: ['provision-site'],
      run: async () => (await import('./build/provision-site.ts')).startSite,
    },
    {
      task: 'StartRestored',
      machines: ['restore-site'],
      run: async () => (await import('../endings/restore-site.ts')).startRestored,
    },
    {
      task: 'StartPaused',
      machines: ['copy-site'],
      run: async () => (await import('../endings/copy/take-copy.ts')).startPaused,
    },
  ],
  uses: ['sites:read', 'sites:write', 'blueprints:read', 'blueprints:write', 'secrets:read', 'runtime:start'],
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
    {
      task: 'AwaitSite',
      machines: ['provision-site'],
      waitsFor: 'SiteNotReady',
      run: async () => (await import('./build/provision-site.ts')).checkReady,
    },
    {
      task: 'OpenRestored',
      machines: ['restore-site'],
      waitsFor: 'SiteNotReady',
      run: async () => (await import('../endings/restore-site.ts')).openRestored,
    },
    {
      task: 'UnpauseSite',
      machines: ['copy-site'],
      waitsFor: 'SiteNotReady',
      run: async () => (await import('../endings/copy/take-copy.ts')).unpauseSite,
    },
    {
      // The name of a site's service is the site's id.
      platformEvents: {
        source: ['aws.ecs'],
        'detail-type': ['ECS Task State Change'],
        detail: { group: [{ prefix: 'service:site_' }] },
      },
      run: async () => (await import('./run/follow-task.ts')).followTaskEvent,
    },
  ],
  uses: [
    'sites:read',
    'sites:write',
    'blueprints:read',
    'blueprints:write',
    'secrets:read',
    'runtime:read',
    'runtime:observe',
    'runtime:probe',
    'evidence:keep',
  ],
  // After an outage thousands of tasks start, and each holds a call until it answers.
  processesReserved: 300,
  timeout: 60,
  // A task that finds a site not answering yet fails. Each build does so several times.
  alarm: { feels: 'Sites that start, or whose task was replaced, answer late or fail.', tolerated: 49 },
})

/** Keeps what is known of failures, and records those of builds. */
export const failSite = defineFunction({
  name: 'fail-site',
  triggers: [
    {
      task: 'FailSite',
      machines: ['provision-site'],
      run: async () => (await import('./build/provision-site.ts')).failSite,
    },
    {
      task: 'KeepEvidence',
      machines: ['restore-site', 'wake-site'],
      run: async () => (await import('./evidence/keep-evidence.ts')).keepEvidenceOfOperation,
    },
  ],
  uses: [
    'sites:read',
    'sites:write',
    'blueprints:read',
    'blueprints:write',
    'secrets:read',
    'runtime:read',
    'runtime:observe',
    'runtime:probe',
    'evidence:keep',
  ],
  timeout: 60,
  alarm: { feels: 'Owners are not told that their site could not be built.', tolerated: 4 },
})

export const removeFailedSite = defineFunction({
  name: 'remove-failed-site',
  triggers: [
    {
      task: 'RemoveFailedSite',
      machines: ['provision-site'],
      run: async () => (await import('./build/provision-site.ts')).removeFailedSite,
    },
    {
      task: 'GiveBack',
      machines: ['dormancy-site'],
      run: async () => (await import('../sleep/dormancy.ts')).giveBack,
    },
  ],
  uses: ['sites:read', 'sites:write', 'runtime:remove', 'storage:remove'],
  timeout: 120,
  alarm: {
    feels: 'Nothing; remains of failed builds cost money, and sites that sleep count against quotas.',
    tolerated: 4,
  },
})

export const fillPool = defineFunction({
  name: 'fill-pool',
  triggers: [
    {
      everyMinutes: 1,
      // SiteFailed is no trigger: the next build would fail for the same reason, so the clock retries later.
      wokenBy: onEvents('SiteClaimed', 'PreparedSiteClaimed', 'SiteStocked', 'SiteRetired', 'RolloutHalted'),
      run: async () => (await import('./pool/fill-pool.ts')).fillPool,
    },
  ],
  uses: [
    'sites:read',
    'sites:write',
    'blueprints:read',
    'rollouts:read',
    'rate-windows:read',
    'totals:place',
    'workflows:start',
  ],
  oneAtATime: true,
  timeout: 60,
  alarm: { feels: 'Nothing at first; later, sign-ups wait for a site to be built.', tolerated: 2 },
})

/** Starts committed work that has no workflow. Its commits are conditional, so concurrent calls are safe. */
export const healWork = defineFunction({
  name: 'heal-work',
  triggers: [
    { everyMinutes: 1, run: async () => (await import('./build/heal-builds.ts')).healBuilds },
    { everyMinutes: 1, run: async () => (await import('../../core/site/heal-operations.ts')).healOperations },
    { everyMinutes: 1, run: async () => (await import('../accounts/follow-closures.ts')).followClosures },
    {
      // The ended operation may have delayed the resize of an active site, or was a wake that counts against its roll-out.
      events: onActiveSites('SitePlanChanged', 'SiteUrlChanged', 'SiteOperationEnded'),
      run: async () => (await import('../releases/swap/follow-operation.ts')).followOperation,
    },
    {
      events: {
        ...onEvents('SiteClaimed', 'SiteOpened', 'SiteResumed', 'SiteRestored'),
        detail: { data: { operation: ['handover'] } },
      },
      run: async () => onSite((await import('./hand-over/hand-over-site.ts')).beginHandOver),
    },
  ],
  uses: ['sites:read', 'sites:write', 'blueprints:read', 'rollouts:write', 'workflows:start', 'accounts:follow'],
  timeout: 60,
  alarm: {
    feels:
      'Builds and operations that lost their workflow never end; new plans get their size a minute late; closed accounts keep their sites.',
    tolerated: 2,
  },
})

export const runSite = defineFunction({
  name: 'run-site',
  triggers: [
    {
      // The ended operation may have delayed the start of an active site.
      events: onActiveSites('SiteResumed', 'SiteOperationEnded'),
      run: async () => onSite((await import('./run/bring-up.ts')).bringUpSite),
    },
    {
      task: 'MoveToSize',
      machines: ['resize-site'],
      waitsFor: 'SiteNotReady',
      run: async () => (await import('../releases/swap/swap-site.ts')).moveSite,
    },
    {
      task: 'FailResize',
      machines: ['resize-site'],
      waitsFor: 'SiteNotReady',
      run: async () => (await import('../releases/swap/fail-swap.ts')).failSwap,
    },
    {
      task: 'MoveToVersion',
      machines: ['upgrade-site'],
      waitsFor: 'SiteNotReady',
      run: async () => (await import('../releases/swap/swap-site.ts')).moveSite,
    },
    {
      task: 'FailUpgrade',
      machines: ['upgrade-site'],
      waitsFor: 'SiteNotReady',
      run: async () => (await import('../releases/swap/fail-swap.ts')).failSwap,
    },
    {
      task: 'WakeSite',
      machines: ['wake-site'],
      waitsFor: 'SiteNotReady',
      run: async () => (await import('../sleep/wake-site.ts')).wakeSite,
    },
  ],
  uses: [
    'sites:read',
    'sites:write',
    'blueprints:read',
    'secrets:read',
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
  alarm: { feels: 'A site that is woken, resized or resumed is late, and its visitors wait for it.', tolerated: 49 },
})

export const reconcileSites = defineFunction({
  name: 'reconcile-sites',
  triggers: [{ everyMinutes: 1, run: async () => (await import('./run/reconcile-sites.ts')).reconcileSites }],
  uses: [
    'sites:read',
    'sites:write',
    'blueprints:read',
    'secrets:read',
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
  alarm: {
    feels: 'A site that is down stays down; a site that was resumed keeps an old version.',
    tolerated: 2,
  },
})

export const publishEvents = defineFunction({
  name: 'publish-events',
  triggers: [{ stream: true, run: async () => (await import('../events/publish-events.ts')).create }],
  uses: ['bus:publish'],
  timeout: 30,
  alarm: { feels: 'Welcome mails and refills of the pool come late.', tolerated: 2 },
})

export const countSites = defineFunction({
  name: 'count-sites',
  triggers: [
    {
      events: onOwnersEvents(...siteStatusEvents, 'SitePlanChanged'),
      run: async () => (await import('./claim/count-site.ts')).countSite,
    },
  ],
  uses: ['totals:write', 'rate-windows:write', 'waiting-list:write'],
  timeout: 30,
  alarm: { feels: 'Nothing; the rate limit of ending trials uses old numbers.', tolerated: 2 },
})
