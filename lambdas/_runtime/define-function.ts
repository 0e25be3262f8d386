import type { Context } from 'aws-lambda'
import type { ErrorKind } from '../../core/errors.ts'
import type { DomainEvent } from '../../core/events/event.ts'
import type { EventPattern } from '../../core/events/event-pattern.ts'
import type { StateMachineName } from '../../core/ports/workflows.ts'
import type { Attempt } from './attempt.ts'
import type { Operation } from './operation.ts'
import type { Capability, Ports } from './ports.ts'

/** As a method, so that a handler of one kind of event is one too: its own chain checks the event. */
export type LambdaHandler = { handle(event: unknown, context: Context): Promise<unknown> }['handle']

/** Imports the code only when it is needed: a definition is also read by the stacks, which load no handler. */
type Load<Code> = () => Promise<Code>

/** Calls of the API. `run` makes the handler of all of them. */
export interface HttpTrigger<Available> {
  readonly operations: readonly Operation[]
  readonly run: Load<(ports: Available) => LambdaHandler>
}

/** One state of state machines, by its name there. */
export interface TaskTrigger<Available> {
  readonly task: string
  readonly machines: readonly [StateMachineName, ...StateMachineName[]]
  /** The error that says "not yet": the task looks again for some seconds before it fails with it. */
  readonly waitsFor?: ErrorKind
  /** `errorName` is that of the failure which led to this state. */
  readonly run: Load<(ports: Available, attempt: Attempt, errorName: string) => Promise<unknown>>
}

/** Our own events. It may be called again with the same event. */
export interface EventTrigger<Available> {
  readonly events: EventPattern
  readonly run: Load<(ports: Available, event: DomainEvent) => Promise<unknown>>
}

/** Events of AWS itself; one machine has none. */
export interface PlatformTrigger<Available> {
  readonly platformEvents: EventPattern
  readonly run: Load<(ports: Available, detail: unknown, eventId: string) => Promise<unknown>>
}

/** The clock, and the events that are not to wait for it. */
export interface ClockTrigger<Available> {
  readonly everyMinutes: number
  readonly wokenBy?: EventPattern
  /** Not called when a host starts, which has more urgent work then, but some minutes later. */
  readonly startsLater?: true
  /** `event` is the one that woke it, if one did. */
  readonly run: Load<(ports: Available, causationId: string, event?: DomainEvent) => Promise<unknown>>
}

/** The stream of the main table. */
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

/** What people notice while a function fails, and how much failing is normal. */
interface FunctionAlarm {
  /** What its failure means to a user: a sentence. docs/runbook.md has a section with the function's name. */
  readonly feels: string
  /**
   * Errors within five minutes, or as long as more of them take, that need nobody: the state machine or the next tick
   * tries again.
   */
  readonly tolerated: number
}

export interface FunctionDefinition<Name extends string, Uses extends Capability> {
  readonly name: Name
  readonly triggers: readonly [Trigger<Ports<Uses>>, ...Trigger<Ports<Uses>>[]]
  readonly uses: readonly Uses[]
  /** In seconds; a call that takes longer is ended. */
  readonly timeout: number
  /** One call at a time, however many triggers come. */
  readonly oneAtATime?: true
  /** Calls at the same time on AWS, where each is a process of its own; further events wait for up to six hours. */
  readonly processesAtMost?: number
  readonly alarm: FunctionAlarm
}

/** A definition as those see it who only look at what it says: it cannot be run without its ports. */
export type AnyFunction = Omit<FunctionDefinition<string, Capability>, 'triggers'> & {
  readonly triggers: readonly Trigger<never>[]
}

/**
 * Declares a Lambda function. Its ports, IAM statements, environment and wiring on one machine follow from `uses`; its routes, rules,
 * schedules and places in state machines from `triggers`; its alarm from `alarm`. The compiler checks that `uses`
 * gives each trigger's code all the ports that it takes.
 */
export const defineFunction = <const Name extends string, const Uses extends Capability = never>(
  definition: FunctionDefinition<Name, Uses>,
): FunctionDefinition<Name, Uses> => definition
