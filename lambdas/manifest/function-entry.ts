import type { EventPattern } from '../../core/events/event-pattern.ts'
import type { StateMachineName } from '../../core/ports/workflows.ts'
import type { Operation } from '../_runtime/operation.ts'

/** What a function may do, in the domain's terms; infrastructure turns each into the narrowest policy there is. */
export type Permission =
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
  | 'jobs:complete'
  | 'jobs:note'
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

export interface HttpFunction extends FunctionForm {
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
export interface EventFunction extends FunctionForm {
  readonly kind: 'event'
  /** Of our own events, unless it names another source: those are the cloud's own, and no machine has them. */
  readonly pattern?: EventPattern
  readonly everyMinutes?: number
  /** Not called when a host starts, which has more urgent things to do then, but some minutes after. */
  readonly startsLater?: true
}

export interface StreamFunction extends FunctionForm {
  readonly kind: 'stream'
}

export type FunctionEntry = HttpFunction | TaskFunction | EventFunction | StreamFunction
