import type { DomainEvent } from '../../core/events/event.ts'
import type { EventPattern } from '../../core/events/event-pattern.ts'
import { eventSource } from '../../core/events/event-source.ts'
import type { EventFunction, StreamFunction } from './function-entry.ts'
import { onSites, startingSites } from './permission-sets.ts'

const onEvents = (...types: readonly DomainEvent['type'][]): EventPattern => ({
  source: [eventSource],
  'detail-type': types,
})

/** Of sites that somebody owns, and not of those of the pool. */
const onEventsOfOwners = (...types: readonly DomainEvent['type'][]): EventPattern => ({
  ...onEvents(...types),
  detail: { data: { accountId: [{ exists: true }] } },
})

/** What events and the clock wake, and what publishes the events. */
export const eventFunctions = {
  'publish-events': {
    kind: 'stream',
    entry: 'lambdas/events/publish-events.ts',
    timeoutSeconds: 30,
    permissions: ['bus:publish'],
  },
  'mail-owner': {
    kind: 'event',
    entry: 'lambdas/events/mail-owner.ts',
    pattern: onEventsOfOwners(
      'SiteClaimed',
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
      'SiteBillingChanged',
      'SitePlanChanged',
      'SiteResumed',
      'SitePaymentReturned',
    ),
    timeoutSeconds: 30,
    permissions: ['sites:read', 'accounts:read', 'mail:send'],
  },
  'start-again': {
    kind: 'event',
    entry: 'lambdas/events/start-again.ts',
    // What ends may have kept an active site from running.
    pattern: { ...onEvents('SiteResumed', 'SiteOperationEnded'), detail: { data: { status: ['active'] } } },
    timeoutSeconds: 300,
    permissions: [...onSites, ...startingSites],
  },
  'follow-plan': {
    kind: 'event',
    entry: 'lambdas/events/follow-plan.ts',
    // What ends may have kept a site from being given its size.
    pattern: { ...onEvents('SitePlanChanged', 'SiteOperationEnded'), detail: { data: { status: ['active'] } } },
    timeoutSeconds: 30,
    permissions: ['sites:read', 'sites:write', 'workflows:start'],
  },
  'converge-billing': {
    kind: 'event',
    entry: 'lambdas/events/converge-billing.ts',
    // What Stripe tells; what owners do that changes a renewal; what ends that a payment had to wait for.
    pattern: onEvents(
      'PaymentNoticed',
      'SiteSuspended',
      'SiteDeletionRequested',
      'SiteDeletionRevoked',
      'SiteResumed',
      'SiteRestored',
      'SitePurged',
      'SiteOperationEnded',
    ),
    timeoutSeconds: 120,
    permissions: ['sites:read', 'sites:write', 'accounts:read', 'payments:call', 'workflows:start'],
  },
  'reconcile-billing': {
    kind: 'event',
    entry: 'lambdas/schedules/reconcile-billing.ts',
    // On demand; and twice a day: what watches over it can look back for a day at most.
    pattern: onEvents('BillingReconciliationRequested'),
    everyMinutes: 720,
    startsLater: true,
    oneAtATime: true,
    timeoutSeconds: 900,
    permissions: [
      'sites:read',
      'sites:write',
      'accounts:read',
      'payments:call',
      'workflows:start',
      'reconciliations:read',
      'reconciliations:write',
    ],
  },
  'fill-pool': {
    kind: 'event',
    entry: 'lambdas/schedules/fill-pool.ts',
    // Not on SiteFailed: what made one build fail fails the next as well, so the clock tries again, and not at once.
    pattern: onEvents('SiteClaimed', 'SiteStocked', 'SiteRetired'),
    everyMinutes: 1,
    oneAtATime: true,
    timeoutSeconds: 60,
    permissions: ['sites:read', 'sites:write', 'blueprints:read', 'workflows:start'],
  },
  'heal-builds': {
    kind: 'event',
    entry: 'lambdas/schedules/heal-builds.ts',
    everyMinutes: 1,
    oneAtATime: true,
    timeoutSeconds: 60,
    permissions: ['sites:read', 'sites:write', 'workflows:start'],
  },
  'act-on-deadlines': {
    kind: 'event',
    entry: 'lambdas/schedules/act-on-deadlines.ts',
    everyMinutes: 1,
    oneAtATime: true,
    // At the beginning of a day it reads what the next two days have.
    timeoutSeconds: 300,
    permissions: ['sites:read', 'sites:write', 'brake:read', 'brake:write', 'totals:read', 'workflows:start'],
  },
  'admit-waiting': {
    kind: 'event',
    entry: 'lambdas/schedules/admit-waiting.ts',
    everyMinutes: 1,
    oneAtATime: true,
    timeoutSeconds: 60,
    permissions: [
      'accounts:read',
      'mail:send',
      'rate-windows:read',
      'totals:read',
      'trials:read',
      'waiting-list:write',
    ],
  },
  'count-sites': {
    kind: 'event',
    entry: 'lambdas/events/count-sites.ts',
    pattern: onEventsOfOwners(
      'SiteRequested',
      'SiteOpened',
      'SiteFailed',
      'SiteClaimed',
      'SiteSuspended',
      'SiteResumed',
      'SiteArchived',
      'SiteRestored',
      'SitePurged',
      'SitePlanChanged',
    ),
    timeoutSeconds: 30,
    permissions: ['totals:write', 'rate-windows:write', 'waiting-list:write'],
  },
  'heal-operations': {
    kind: 'event',
    entry: 'lambdas/schedules/heal-operations.ts',
    everyMinutes: 1,
    oneAtATime: true,
    timeoutSeconds: 60,
    permissions: ['sites:read', 'sites:write', 'workflows:start'],
  },
  'complete-jobs': {
    kind: 'event',
    entry: 'lambdas/schedules/complete-jobs.ts',
    // A task without a service is one of the archiver. Its event may be lost: the clock looks at all.
    pattern: {
      source: ['aws.ecs'],
      'detail-type': ['ECS Task State Change'],
      detail: { group: [{ prefix: 'family:' }], lastStatus: ['STOPPED'] },
    },
    everyMinutes: 1,
    timeoutSeconds: 60,
    permissions: ['sites:read', 'jobs:complete'],
  },
  'meter-storage': {
    kind: 'event',
    entry: 'lambdas/schedules/meter-storage.ts',
    everyMinutes: 5,
    startsLater: true,
    oneAtATime: true,
    timeoutSeconds: 900,
    permissions: [
      'sites:read',
      'sites:write',
      'archiver:run',
      'archives:remove',
      'brake:read',
      'pace:take',
      'workflows:start',
    ],
  },
  'reconcile-sites': {
    kind: 'event',
    entry: 'lambdas/schedules/reconcile-sites.ts',
    everyMinutes: 1,
    oneAtATime: true,
    timeoutSeconds: 600,
    permissions: [...onSites, ...startingSites, 'workflows:start'],
  },
  'clear-leftovers': {
    kind: 'event',
    entry: 'lambdas/schedules/clear-leftovers.ts',
    everyMinutes: 60,
    oneAtATime: true,
    timeoutSeconds: 900,
    permissions: [
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
  },
  'check-domains': {
    kind: 'event',
    entry: 'lambdas/schedules/check-domains.ts',
    everyMinutes: 1,
    startsLater: true,
    oneAtATime: true,
    // Servers of DNS that do not answer are waited for.
    timeoutSeconds: 300,
    permissions: ['sites:read', 'domains:read', 'domains:write', 'domains:serve'],
  },
  'follow-site-domains': {
    kind: 'event',
    entry: 'lambdas/events/follow-site-domains.ts',
    pattern: onEvents('SitePlanChanged', 'SitePurged'),
    timeoutSeconds: 300,
    permissions: ['sites:read', 'domains:read', 'domains:write'],
  },
  'mail-domain': {
    kind: 'event',
    entry: 'lambdas/events/mail-domain.ts',
    pattern: onEvents('CustomDomainVerified', 'CustomDomainReleasing', 'CustomDomainReleased'),
    timeoutSeconds: 30,
    permissions: ['sites:read', 'domains:read', 'accounts:read', 'mail:send'],
  },
  'withdraw-domain': {
    kind: 'event',
    entry: 'lambdas/events/withdraw-domain.ts',
    pattern: onEvents('CustomDomainReleased'),
    timeoutSeconds: 60,
    permissions: ['domains:serve'],
  },
  'follow-task': {
    kind: 'event',
    entry: 'lambdas/events/follow-task.ts',
    // A site's service is named after the site.
    pattern: {
      source: ['aws.ecs'],
      'detail-type': ['ECS Task State Change'],
      detail: { group: [{ prefix: 'service:site_' }] },
    },
    timeoutSeconds: 60,
    permissions: ['sites:read', 'sites:write', 'blueprints:read', 'runtime:read', 'runtime:probe'],
  },
} as const satisfies Readonly<Record<string, EventFunction | StreamFunction>>
