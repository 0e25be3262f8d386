import { siteStatusEvents } from '../../core/events/event-names.ts'
import { defineFunction } from '../_runtime/define-function.ts'
import { onEnvironments, onEvents, onFailedWakes, onOwnersEvents, onRelocations } from '../_runtime/patterns.ts'
import { logOperations } from './logs/operations.ts'
import { ownerOperations } from './operations.ts'

export { access } from './access.ts'

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

export const ownerApi = defineFunction({
  name: 'owner-api',
  triggers: [
    {
      operations: Object.values(ownerOperations),
      answers: async () => (await import('../accounts/answers.ts')).accountAnswers,
      run: async () => (await import('./api.ts')).create,
    },
  ],
  uses: [
    'sessions:read',
    'sessions:write',
    'team:read',
    'leads:change',
    'sites:history',
    'sites:read',
    'sites:write',
    'blueprints:read',
    'configurations:read',
    'rollouts:read',
    'workflows:start',
    'archives:link',
    'readings:read',
    'refusals:count',
    'rate-windows:read',
    'rate-windows:write',
    'totals:place',
    'totals:read',
    'trials:read',
    'trials:admit',
    'waiting-list:write',
    'accounts:read',
    'accounts:write',
    'payments:call',
    'domains:check',
    'domains:read',
    'domains:write',
    'entrances:open',
    'summary-links:write',
    'usage:read',
  ],
  processesReserved: 50,
  timeout: 15,
  alarm: { feels: 'Owners cannot see or create their sites.', tolerated: 0 },
})

export const mailOwner = defineFunction({
  name: 'mail-owner',
  triggers: [
    {
      events: onOwnersEvents(
        'SiteClaimed',
        'PreparedSiteClaimed',
        'SiteRequested',
        'SiteFailed',
        'SiteReminded',
        'SiteSuspended',
        'SiteArchived',
        'SiteWarned',
        'SitePurged',
        'SiteRestored',
        'TrialExtended',
        'SiteDeletionRequested',
        'SiteStorageNoted',
        'SiteDown',
        'SiteBillingChanged',
        'SitePlanChanged',
        'SiteResumed',
        'SitePaymentReturned',
        'SiteSupportEntered',
        'RelocationDrafted',
        'RelocationAccepted',
        'RelocationAnnounced',
        'RelocationMissed',
        'RelocationWithdrawn',
      ),
      run: async () => (await import('./mail-owner.ts')).mailOwner,
    },
    {
      events: onEnvironments('SiteReminded', 'SiteSuspended'),
      run: async () => (await import('./mail-owner.ts')).mailOwner,
    },
    { events: onFailedWakes, run: async () => (await import('./mail-owner.ts')).mailOwner },
    {
      events: onRelocations('SiteUpgraded', 'SitePlanChanged'),
      run: async () => (await import('./mail-owner.ts')).mailOwner,
    },
  ],
  uses: ['sites:read', 'accounts:read', 'mail:send'],
  timeout: 30,
  alarm: { feels: 'Owners do not get the mail about their site.', tolerated: 2 },
})

/** Apart from the other operations: it alone of them has the sites' secrets, which it hides from readers. */
export const logApi = defineFunction({
  name: 'log-api',
  triggers: [
    {
      operations: Object.values(logOperations),
      answers: async () => (await import('./logs/operations.ts')).logAnswers,
      run: async () => (await import('./logs/api.ts')).create,
    },
  ],
  uses: [
    'operators:verify',
    'sessions:read',
    'audit:append',
    'refusals:count',
    'sites:read',
    'blueprints:read',
    'secrets:open',
    'secrets:read',
    'runtime:observe',
  ],
  timeout: 29,
  alarm: { feels: 'Staff and owners cannot read the output of sites.', tolerated: 0 },
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
