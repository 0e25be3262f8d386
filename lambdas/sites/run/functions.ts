import { defineFunction } from '../../_runtime/define-function.ts'
import { onActiveSites, onSite } from '../../_runtime/patterns.ts'

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
    {
      task: 'MoveToVersion',
      machines: ['upgrade-site'],
      waitsFor: 'SiteNotReady',
      run: async () => (await import('../../releases/swap/swap-site.ts')).moveSite,
    },
    {
      task: 'FailUpgrade',
      machines: ['upgrade-site'],
      waitsFor: 'SiteNotReady',
      run: async () => (await import('../../releases/swap/fail-swap.ts')).failSwap,
    },
    {
      task: 'AnonymiseCopy',
      machines: ['anonymise-copy'],
      waitsFor: 'SiteNotReady',
      run: async () => (await import('../build/anonymise-copy.ts')).anonymiseCopy,
    },
    {
      task: 'BeginBuild',
      machines: ['anonymise-copy'],
      run: async () => (await import('../build/anonymise-copy.ts')).beginBuild,
    },
    {
      task: 'ProveRestored',
      machines: ['provision-site'],
      waitsFor: 'SiteNotReady',
      run: async () => (await import('../build/build-from-archive.ts')).proveRestored,
    },
    {
      task: 'WakeSite',
      machines: ['wake-site'],
      waitsFor: 'SiteNotReady',
      run: async () => (await import('../../sleep/wake-site.ts')).wakeSite,
    },
  ],
  uses: [
    'sites:read',
    'sites:write',
    'blueprints:read',
    'secrets:open',
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
  alarm: {
    feels: 'A site that is woken or resumed, or gets another size, is late, and its visitors wait for it.',
    tolerated: 49,
  },
})

export const reconcileSites = defineFunction({
  name: 'reconcile-sites',
  triggers: [{ everyMinutes: 1, run: async () => (await import('./reconcile-sites.ts')).reconcileSites }],
  uses: [
    'sites:read',
    'sites:write',
    'blueprints:read',
    'secrets:open',
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
  alarm: { feels: 'A site that is down stays down; a site that was resumed keeps an old version.', tolerated: 2 },
})
