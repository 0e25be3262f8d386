import { defineFunction } from '../../_runtime/define-function.ts'
import { onEvents } from '../../_runtime/patterns.ts'

export const fillPool = defineFunction({
  name: 'fill-pool',
  triggers: [
    {
      everyMinutes: 1,
      // SiteFailed is no trigger: the next build would fail for the same reason, so the clock retries later.
      wokenBy: onEvents('SiteClaimed', 'PreparedSiteClaimed', 'SiteStocked', 'SiteRetired', 'RolloutHalted'),
      run: async () => (await import('./fill-pool.ts')).fillPool,
    },
  ],
  uses: [
    'sites:read',
    'sites:write',
    'blueprints:list',
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
