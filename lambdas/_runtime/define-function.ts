import type { Context } from 'aws-lambda'
import type { ErrorKind } from '../../core/errors.ts'
import type { DomainEvent } from '../../core/events/event.ts'
import type { EventPattern } from '../../core/events/event-pattern.ts'
import type { StateMachineName } from '../../core/ports/workflows.ts'
import type { Attempt } from './attempt.ts'
import type { AnswerForms, Operation } from './operation.ts'
import type { Capability, Ports } from './ports.ts'

/** A method, so that its parameter is bivariant: a handler of one kind of event is assignable. Its own chain checks the event. */
export type LambdaHandler = { handle(event: unknown, context: Context): Promise<unknown> }['handle']

/** Imports the code only when needed: the stacks read definitions too, and load no handler. */
type Load<Code> = () => Promise<Code>

/** API routes. `run` creates one handler for all of them. */
export interface HttpTrigger<Available> {
  readonly operations: readonly Operation[]
  /** Only the description of the API loads them. */
  readonly answers: Load<AnswerForms>
  readonly run: Load<(ports: Available) => LambdaHandler>
}

/** One state of state machines, by its name. */
export interface TaskTrigger<Available> {
  readonly task: string
  readonly machines: readonly [StateMachineName, ...StateMachineName[]]
  /** The error that means "not yet": the task retries for some seconds before it fails with it. */
  readonly waitsFor?: ErrorKind
  /** `errorName` is the name of the error that the state machine caught. */
  readonly run: Load<(ports: Available, attempt: Attempt, errorName: string) => Promise<unknown>>
}

/** Our own events. The same event may come again. */
export interface EventTrigger<Available> {
  readonly events: EventPattern
  readonly run: Load<(ports: Available, event: DomainEvent) => Promise<unknown>>
}

/** Events of AWS itself; one machine has none. */
export interface PlatformTrigger<Available> {
  readonly platformEvents: EventPattern
  readonly run: Load<(ports: Available, detail: unknown, eventId: string) => Promise<unknown>>
}

/** The clock, and events that should not wait for it. */
export interface ClockTrigger<Available> {
  readonly everyMinutes: number
  readonly wokenBy?: EventPattern
  /** True delays the first call by some minutes, because a starting host has more urgent work. */
  readonly startsLater?: true
  /** `event` is the event that started it, if any. */
  readonly run: Load<(ports: Available, causationId: string, event?: DomainEvent) => Promise<unknown>>
}

/** Calls of a router, whose answer it waits for. */
interface CallTrigger<Available> {
  readonly calledBy: 'router'
  readonly run: Load<(ports: Available, call: unknown, causationId: string) => Promise<unknown>>
}

interface StreamTrigger<Available> {
  readonly stream: true
  readonly run: Load<(ports: Available) => LambdaHandler>
}

export type Trigger<Available> =
  | HttpTrigger<Available>
  | TaskTrigger<Available>
  | EventTrigger<Available>
  | PlatformTrigger<Available>
  | ClockTrigger<Available>
  | StreamTrigger<Available>
  | CallTrigger<Available>

/** What people notice while a function fails, and how many failures are normal. */
interface FunctionAlarm {
  /** The effect on users, as a sentence. */
  readonly feels: string
  /** What to do, as a sentence. By default, docs/runbook.md has a section with the function's name. */
  readonly todo?: string
  /**
   * Errors within five minutes (or a longer period with more of them) that need no action: the state machine, Lambda or the next
   * tick retries.
   */
  readonly tolerated: number
}

/** What people notice when an execution of a workflow fails, and when it takes too long (the same by default); by the name of the state machine. */
export type WorkflowAlarms = Readonly<
  Record<string, { readonly failed: string; readonly timedOut?: string; readonly todo?: string }>
>

export interface FunctionDefinition<Name extends string, Uses extends Capability> {
  readonly name: Name
  readonly triggers: readonly [Trigger<Ports<Uses>>, ...Trigger<Ports<Uses>>[]]
  readonly uses: readonly Uses[]
  /** The timeout in seconds. */
  readonly timeout: number
  /** One call at a time, whatever number of triggers arrive. */
  readonly oneAtATime?: true
  /** Calls at the same time on AWS, where each is a process of its own; further events wait for up to six hours. */
  readonly processesAtMost?: number
  /** Calls for which Lambda keeps room whatever else runs, and the most at the same time; where the account has the usual quota. */
  readonly processesReserved?: number
  readonly alarm: FunctionAlarm
}

/** A definition without its code, for readers that do not run it. */
export type AnyFunction = Omit<FunctionDefinition<string, Capability>, 'triggers'> & {
  readonly triggers: readonly Trigger<never>[]
}

/**
 * Declares a Lambda function. Its ports, IAM statements, environment and wiring on one machine follow from `uses`; its routes, rules,
 * schedules and states from `triggers`; its alarm from `alarm`. The compiler checks that `uses`
 * gives each trigger's code all the ports that it takes.
 */
export const defineFunction = <const Name extends string, const Uses extends Capability = never>(
  definition: FunctionDefinition<Name, Uses>,
): FunctionDefinition<Name, Uses> => definition

export const task = <Available>(
  name: string,
  machines: TaskTrigger<Available>['machines'],
  run: TaskTrigger<Available>['run'],
): TaskTrigger<Available> => ({ task: name, machines, run })

/** A task that fails with `SiteNotReady` while a site does not answer yet. */
export const waitingTask = <Available>(...parts: Parameters<typeof task<Available>>): TaskTrigger<Available> => ({
  ...task(...parts),
  waitsFor: 'SiteNotReady',
})
