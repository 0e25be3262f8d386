import type { DomainEvent } from '../core/events/event.ts'
import type { EventPattern } from '../core/events/event-pattern.ts'
import { eventSource } from '../core/events/event-source.ts'
import type { StateMachineName } from '../core/ports/workflows.ts'
import type { Audience, Operation } from './_runtime/operation.ts'
import { api } from './http/api.ts'
import { publicOperations } from './http/public-operations.ts'
import { webhookOperations } from './webhooks/webhook-operations.ts'

/** What a function may do, in the domain's terms; infrastructure turns each into the narrowest policy there is. */
type Permission =
  | 'accounts:read'
  | 'accounts:write'
  | 'archiver:run'
  | 'archives:link'
  | 'archives:list'
  | 'archives:remove'
  | 'blueprints:read'
  | 'brake:read'
  | 'brake:write'
  | 'bus:publish'
  | 'domains:read'
  | 'domains:serve'
  | 'domains:write'
  | 'leftovers:remove'
  | 'mail:send'
  | 'pace:take'
  | 'payments:call'
  | 'payments:note'
  | 'quarantine:write'
  | 'rate-windows:read'
  | 'rate-windows:write'
  | 'reconciliations:read'
  | 'reconciliations:request'
  | 'reconciliations:write'
  | 'runtime:probe'
  | 'runtime:read'
  | 'runtime:remove'
  | 'runtime:start'
  | 'secrets:read'
  | 'sessions:read'
  | 'sessions:write'
  | 'signups:write'
  | 'sites:read'
  | 'sites:write'
  | 'storage:prepare'
  | 'storage:remove'
  | 'totals:read'
  | 'totals:write'
  | 'trials:read'
  | 'trials:write'
  | 'waiting-list:read'
  | 'waiting-list:write'
  | 'workflows:start'

interface FunctionForm {
  /** The module, from the root; it exports `create(ports)`, which makes the handler. */
  readonly entry: string
  readonly permissions: readonly Permission[]
  /** Seconds after which a call is ended. */
  readonly timeoutSeconds: number
  /** One call at a time, however many triggers come. */
  readonly oneAtATime?: true
}

interface HttpFunction extends FunctionForm {
  readonly kind: 'http'
  readonly operations: readonly Operation[]
}

export interface TaskFunction extends FunctionForm {
  readonly kind: 'task'
  readonly machines: readonly [StateMachineName, ...StateMachineName[]]
  /** The name of the machines' state, and of the placeholder in its `Resource`. */
  readonly state: string
}

/** Woken by the clock, by events, or by both. */
interface EventFunction extends FunctionForm {
  readonly kind: 'event'
  /** Of our own events, unless it names another source: those are the cloud's own, and no machine has them. */
  readonly pattern?: EventPattern
  readonly everyMinutes?: number
  /** Not called when a host starts, which has more urgent things to do then, but some minutes after. */
  readonly startsLater?: true
}

interface StreamFunction extends FunctionForm {
  readonly kind: 'stream'
}

export type FunctionEntry = HttpFunction | TaskFunction | EventFunction | StreamFunction

const operationsFor = (audience: Audience): readonly Operation[] =>
  Object.values<Operation>(api).filter((operation) => operation.audience === audience)

const onEvents = (...types: readonly DomainEvent['type'][]): EventPattern => ({
  source: [eventSource],
  'detail-type': types,
})

const provisionTask = (
  state: string,
  entry: string,
  timeoutSeconds: number,
  permissions: readonly Permission[],
): TaskFunction => ({ kind: 'task', machines: ['provision-site'], state, entry, timeoutSeconds, permissions })

type OperationTask = Omit<TaskFunction, 'kind'>

const operationTask = (task: OperationTask): TaskFunction => ({ kind: 'task', ...task })

/** What every task of an operation may do; a gate also asks about money and the brake. */
const onSites: readonly Permission[] = ['sites:read', 'sites:write']
/** To start what is there, see whether it answers, and stop it again where it is not to run any more. */
const startingSites: readonly Permission[] = [
  'blueprints:read',
  'secrets:read',
  'runtime:read',
  'runtime:probe',
  'runtime:start',
  'runtime:remove',
]
const gated: readonly Permission[] = [...onSites, 'accounts:read', 'payments:call', 'brake:read']

/**
 * Every function there is. The stacks turn this into Lambda functions, routes, rules, schedules and policies, and the
 * one-machine host into one process; neither has a list of its own.
 */
export const manifest = {
  'public-api': {
    kind: 'http',
    entry: 'lambdas/http/public-api.ts',
    operations: Object.values<Operation>(publicOperations),
    timeoutSeconds: 15,
    permissions: [
      'rate-windows:write',
      'signups:write',
      'accounts:read',
      'accounts:write',
      'sessions:write',
      'sites:read',
      'mail:send',
    ],
  },
  'owner-api': {
    kind: 'http',
    entry: 'lambdas/http/owner-api.ts',
    operations: operationsFor('owner'),
    timeoutSeconds: 15,
    permissions: [
      'sessions:read',
      'sessions:write',
      'sites:read',
      'sites:write',
      'blueprints:read',
      'workflows:start',
      'archives:link',
      'rate-windows:read',
      'rate-windows:write',
      'totals:read',
      'trials:read',
      'waiting-list:write',
      'accounts:read',
      'accounts:write',
      'payments:call',
      'domains:read',
      'domains:write',
    ],
  },
  'stripe-webhook': {
    kind: 'http',
    entry: 'lambdas/webhooks/stripe-webhook.ts',
    operations: Object.values<Operation>(webhookOperations),
    // Stripe waits for no longer than some seconds, and tells it again.
    timeoutSeconds: 10,
    permissions: ['payments:note'],
  },
  'operator-api': {
    kind: 'http',
    entry: 'lambdas/http/operator-api.ts',
    operations: operationsFor('operator'),
    timeoutSeconds: 15,
    permissions: [
      'accounts:read',
      'brake:read',
      'brake:write',
      'rate-windows:read',
      'reconciliations:read',
      'reconciliations:request',
      'sites:read',
      'sites:write',
      'totals:read',
      'trials:read',
      'trials:write',
      'waiting-list:read',
      'workflows:start',
    ],
  },
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
    permissions: [...onSites, 'archiver:run', 'runtime:read'],
  }),
  'verify-copy': operationTask({
    machines: ['archive-site', 'copy-site'],
    state: 'VerifyCopy',
    entry: 'lambdas/tasks/verify-copy.ts',
    timeoutSeconds: 120,
    permissions: [...onSites, 'archiver:run'],
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
    permissions: [...onSites, 'archiver:run', 'storage:remove'],
  }),
  'restore-data': operationTask({
    machines: ['restore-site'],
    state: 'RestoreData',
    entry: 'lambdas/tasks/restore-data.ts',
    timeoutSeconds: 120,
    permissions: [...onSites, 'archiver:run', 'storage:prepare'],
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
    permissions: [...onSites, 'archiver:run', 'archives:list', 'archives:remove', 'runtime:remove', 'storage:remove'],
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
  'publish-events': {
    kind: 'stream',
    entry: 'lambdas/events/publish-events.ts',
    timeoutSeconds: 30,
    permissions: ['bus:publish'],
  },
  'mail-owner': {
    kind: 'event',
    entry: 'lambdas/events/mail-owner.ts',
    pattern: {
      ...onEvents(
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
      detail: { data: { accountId: [{ exists: true }] } },
    },
    timeoutSeconds: 30,
    permissions: ['sites:read', 'accounts:read', 'mail:send'],
  },
  'start-again': {
    kind: 'event',
    entry: 'lambdas/events/start-again.ts',
    // What ends may have kept an active site from running.
    pattern: { ...onEvents('SiteResumed', 'SiteOperationEnded'), detail: { data: { status: ['active'] } } },
    timeoutSeconds: 300,
    permissions: [
      'sites:read',
      'sites:write',
      'blueprints:read',
      'secrets:read',
      'runtime:read',
      'runtime:probe',
      'runtime:start',
      'runtime:remove',
    ],
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
    pattern: {
      ...onEvents(
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
      detail: { data: { accountId: [{ exists: true }] } },
    },
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
    permissions: [
      'sites:read',
      'sites:write',
      'blueprints:read',
      'secrets:read',
      'runtime:read',
      'runtime:probe',
      'runtime:start',
      'runtime:remove',
      'workflows:start',
    ],
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
} as const satisfies Readonly<Record<string, FunctionEntry>>

export type FunctionName = keyof typeof manifest

const isFunctionName = (name: string): name is FunctionName => Object.hasOwn(manifest, name)

export const functionEntries: readonly (readonly [FunctionName, FunctionEntry])[] = Object.keys(manifest)
  .filter(isFunctionName)
  .map((name) => [name, manifest[name]])
