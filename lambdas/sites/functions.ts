import { siteStatusEvents } from '../../core/events/event-names.ts'
import { defineFunction } from '../_runtime/define-function.ts'
import {
  onActiveSites,
  onEnvironments,
  onEvents,
  onFailedWakes,
  onOwnersEvents,
  onRelocations,
  onSite,
} from '../_runtime/patterns.ts'
import { ownerOperations } from './operations.ts'

export { access } from './access.ts'

/** Starts committed work that has no workflow. Its commits are conditional, so concurrent calls are safe. */
export const healWork = defineFunction({
  name: 'heal-work',
  triggers: [
    { everyMinutes: 1, run: async () => (await import('./build/heal-builds.ts')).healBuilds },
    { everyMinutes: 1, run: async () => (await import('../../core/site/heal-operations.ts')).healOperations },
    { everyMinutes: 1, run: async () => (await import('../accounts/follow-closures.ts')).followClosures },
    {
      // The ended operation may have delayed the change to a plan's size, or was a wake that counts against its roll-out.
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
    {
      // A rehearsal or a clone waits for a copy of its original, and a rehearsal ends with it.
      events: {
        ...onEvents('SiteCopied', 'SiteOperationEnded', 'SiteSuspended', 'SitePurged'),
        detail: { data: { accountId: [{ exists: true }], operation: [{ exists: false }, 'copy', 'pause'] } },
      },
      run: async () => onSite((await import('../rehearsals/rehearsal.ts')).followOriginal),
    },
    {
      // A clone of an environment waits for a copy of it.
      events: onEnvironments('SiteCopied', 'SiteOperationEnded', 'SiteSuspended'),
      run: async () => onSite((await import('../rehearsals/rehearsal.ts')).followOriginal),
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
      run: async () => onSite((await import('../environments/change-environment.ts')).followProduction),
    },
    {
      // One that opens, stops or gets a plan meanwhile.
      events: onEnvironments('SiteOpened', 'SiteOperationEnded', 'SitePlanChanged'),
      run: async () => onSite((await import('../environments/change-environment.ts')).followProduction),
    },
    {
      // A planned relocation gets its forecast from a rehearsal that has passed before or after it was planned.
      events: onEvents('RelocationDrafted'),
      run: async () => onSite((await import('../relocations/note-rehearsal.ts')).noteRehearsal),
    },
    {
      // Only rehearsals open without an account.
      events: { ...onEvents('SiteOpened'), detail: { data: { accountId: [{ exists: false }] } } },
      run: async () => onSite((await import('../relocations/note-rehearsal.ts')).noteRehearsal),
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
