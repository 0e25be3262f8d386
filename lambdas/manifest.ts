import type { DomainEvent } from '../core/events/event.ts'
import type { EventPattern } from '../core/events/event-pattern.ts'
import { eventSource } from '../core/events/event-source.ts'
import type { StateMachineName } from '../core/ports/workflows.ts'
import type { Audience, Operation } from './_runtime/operation.ts'
import { api } from './http/api.ts'

/** What a function may do, in the domain's terms; infrastructure turns each into the narrowest policy there is. */
type Permission =
  | 'accounts:read'
  | 'accounts:write'
  | 'blueprints:read'
  | 'bus:publish'
  | 'mail:send'
  | 'rate-windows:write'
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
  readonly machine: StateMachineName
  /** The name of the machine's state, and of the placeholder in its `Resource`. */
  readonly state: string
}

/** Woken by the clock, by events, or by both. */
interface EventFunction extends FunctionForm {
  readonly kind: 'event'
  /** Of our own events, unless it names another source: those are the cloud's own, and no machine has them. */
  readonly pattern?: EventPattern
  readonly everyMinutes?: number
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
): TaskFunction => ({ kind: 'task', machine: 'provision-site', state, entry, timeoutSeconds, permissions })

/**
 * Every function there is. The stacks turn this into Lambda functions, routes, rules, schedules and policies, and the
 * one-machine host into one process; neither has a list of its own.
 */
export const manifest = {
  'public-api': {
    kind: 'http',
    entry: 'lambdas/http/public-api.ts',
    operations: operationsFor('public'),
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
    permissions: ['sessions:read', 'sessions:write', 'sites:read', 'sites:write', 'blueprints:read', 'workflows:start'],
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
      ...onEvents('SiteClaimed', 'SiteRequested', 'SiteFailed'),
      detail: { data: { accountId: [{ exists: true }] } },
    },
    timeoutSeconds: 30,
    permissions: ['sites:read', 'accounts:read', 'mail:send'],
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
      'storage:remove',
    ],
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

export const functionEntries: readonly (readonly [string, FunctionEntry])[] = Object.entries<FunctionEntry>(manifest)
