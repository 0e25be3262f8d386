import { freemem, totalmem } from 'node:os'
import type { Outbox } from '../adapters/dynamodb/embedded.ts'
import { eventKey } from '../adapters/dynamodb/keys.ts'
import type { DomainEvent } from '../core/events/event.ts'
import type { Log } from '../core/ports/context.ts'
import type { StateMachineName } from '../core/ports/workflows.ts'
import type { AnyFunction } from '../lambdas/_runtime/define-function.ts'
import type { EveryPort } from '../lambdas/_runtime/ports.ts'
import { runTriggers } from '../lambdas/_runtime/run-triggers.ts'
import { functions as definitions, machineNames, tasksOf } from '../lambdas/manifest.ts'
import { type MakeRoomPorts, makeRoom } from '../lambdas/sleep/make-room.ts'
import { type SiteWakes, wakeAnswerSchema } from '../lambdas/sleep/sleep-policy.ts'
import { createEventBus } from './event-bus.ts'
import { createLocalJobWaits, type LocalArchiver, type LocalJobWaits } from './job-waits.ts'
import { coalesceCalls, type LoadedFunction, lambdaContext, portsFor, type WatchPorts } from './loaded-function.ts'
import { createStreamFeeder } from './stream-feeder.ts'
import { createWorkflows, type LocalWorkflows } from './workflows.ts'

/** Wakes sites by the function that routers call on AWS too. */
export const wakesBy =
  (functions: readonly LoadedFunction[]): SiteWakes['wake'] =>
  async (call) =>
    wakeAnswerSchema.parse(await functions.find(({ name }) => name === 'wake-site-on-request')?.invoke(call))

/** Memory that a site which starts is likely to take: what is free does not show it yet. */
const startingBytes = 128 * 2 ** 20

/** Puts sites to sleep while less than this share of the machine's memory is free. */
export const roomBy = (
  ports: Omit<MakeRoomPorts, 'isMemoryShort' | 'workflows'> & { readonly workflows: LocalWorkflows },
  reserve: number,
) => {
  const isMemoryShort = (): boolean => freemem() - startingBytes * ports.workflows.starting() < reserve * totalmem()
  return (causationId: string): Promise<boolean> => makeRoom({ ...ports, isMemoryShort }, causationId)
}

const withinSeconds = async (
  { name, timeout }: Pick<AnyFunction, 'name' | 'timeout'>,
  log: Log,
  work: Promise<unknown>,
): Promise<unknown> => {
  const { promise, reject } = Promise.withResolvers<never>()
  const giveUp = (): void => {
    const err = new Error(`function ${name} took longer than ${timeout} s`)
    // A function logs what it throws. This one has thrown nothing, and its callers log nothing.
    log.error({ function: name, err }, 'a function failed')
    reject(err)
  }
  const timer = setTimeout(giveUp, timeout * 1000)
  return Promise.race([work, promise]).finally(() => clearTimeout(timer))
}

/** Creates every function of the manifest in this process, on these ports. */
export const loadFunctions = (
  ports: EveryPort,
  watch: WatchPorts = (unwatched) => unwatched,
): Promise<readonly LoadedFunction[]> =>
  Promise.all(
    definitions.map(async (definition) => {
      const { name, timeout, oneAtATime } = definition
      const handler = await runTriggers(definition, portsFor(definition.uses, watch(ports, name)))
      const call = (event: unknown): Promise<unknown> => handler(event, lambdaContext(name, timeout))
      // The timeout ends the wait but not the handler, so `oneAtATime` counts handlers.
      const inTurn = oneAtATime ? coalesceCalls(call) : call
      const invoke = (event: unknown): Promise<unknown> => withinSeconds(definition, ports.log, inTurn(event))
      return { name, definition, invoke }
    }),
  )

type Invoke = (name: string, event: unknown) => Promise<unknown>

type Tasks = ReadonlyMap<string, (input: unknown) => Promise<unknown>>

/** The tasks of each state machine, as the manifest assigns functions to states. */
const tasksByMachine = (invoke: Invoke): ReadonlyMap<StateMachineName, Tasks> => {
  const tasks = definitions.flatMap((definition) =>
    tasksOf(definition).map((task) => ({ ...task, name: definition.name })),
  )
  return new Map(
    machineNames.map((machine) => [
      machine,
      new Map(
        tasks
          .filter(({ machines }) => machines.includes(machine))
          .map(({ task, name }) => [task, (input: unknown) => invoke(name, input)]),
      ),
    ]),
  )
}

/**
 * Creates every function of the manifest and their callers besides HTTP and the clock: state machines, the event bus and
 * the stream. They refer to each other, so calls look up their function by name.
 * @param options.secondMilliseconds the length of a second in pauses between attempts.
 * @param options.onEvent gets each event as it is published, perhaps more than once.
 */
export const startFunctions = async ({
  ports,
  outbox,
  executionsAtOnce,
  log,
  watch,
  onEvent,
  secondMilliseconds = 1000,
}: {
  readonly ports: Omit<EveryPort, 'workflows' | 'bus' | keyof LocalJobWaits['ports'] | 'archiver'> & {
    readonly archiver: LocalArchiver
  }
  readonly outbox: Outbox
  readonly executionsAtOnce: number
  readonly log: Log
  readonly watch?: WatchPorts
  readonly onEvent?: (event: DomainEvent) => void
  readonly secondMilliseconds?: number
}) => {
  let functions: readonly LoadedFunction[] = []
  const invoke: Invoke = (name, event) => {
    const found = functions.find((candidate) => candidate.name === name)
    return found === undefined ? Promise.reject(new Error(`there is no function ${name}`)) : found.invoke(event)
  }
  const waits = createLocalJobWaits(ports.archiver, ports)
  const workflows = createWorkflows({
    tasks: tasksByMachine(invoke),
    untilCompleted: waits.ended,
    atOnce: executionsAtOnce,
    log,
    secondMilliseconds,
  })
  const bus = createEventBus(() => functions, {
    secondMilliseconds,
    onDelivered: ({ aggregate, version }) => feeder.delivered(eventKey(aggregate, version)),
    ...(onEvent === undefined ? {} : { onEvent }),
  })
  functions = await loadFunctions({ ...ports, ...waits.ports, workflows, bus }, watch)
  const feeder = createStreamFeeder({
    outbox,
    invoke: (batch) => invoke('publish-events', batch),
    log,
    secondMilliseconds,
  })
  return {
    functions,
    /** Reports that a commit was made. */
    nudge: feeder.nudge,
    workflows,
    /** Whether every earlier event has reached all its subscribers. */
    isPublished: feeder.isIdle,
    close: async (): Promise<void> => {
      await Promise.all([workflows.close(), bus.close()])
      await feeder.close()
    },
  }
}

export type RunningFunctions = Awaited<ReturnType<typeof startFunctions>>
