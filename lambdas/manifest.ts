import type { TableAccess } from '../adapters/dynamodb/access.ts'
import type { EventPattern } from '../core/events/event-pattern.ts'
import type { StateMachineName } from '../core/ports/workflows.ts'
import type {
  AnyFunction,
  ClockTrigger,
  EventTrigger,
  HttpTrigger,
  PlatformTrigger,
  TaskTrigger,
  WorkflowAlarms,
} from './_runtime/define-function.ts'
import type { Operation } from './_runtime/operation.ts'
import * as capabilities from './capabilities.ts'

type Capabilities = typeof capabilities
type Exported = { [Folder in keyof Capabilities]: Capabilities[Folder][keyof Capabilities[Folder]] }[keyof Capabilities]
export type ManifestFunction = Extract<Exported, { readonly triggers: unknown }>
export type FunctionName = ManifestFunction['name']

const isFunction = (exported: Exported): exported is ManifestFunction => 'triggers' in exported

/**
 * Every function. The stacks turn this into Lambda functions, routes, rules, schedules and policies, and the
 * one-machine host into one process; neither has its own list.
 */
export const functions: readonly ManifestFunction[] = Object.values(capabilities)
  .flatMap((exports): readonly Exported[] => Object.values(exports))
  .filter(isFunction)

/** Where the bundler finds a function: the module of its capability, and the name of its export. */
export const exportOf = (name: FunctionName): { readonly module: string; readonly exported: string } => {
  for (const [folder, exports] of Object.entries(capabilities)) {
    for (const [exported, definition] of Object.entries<Exported>(exports)) {
      if (isFunction(definition) && definition.name === name) {
        return { module: `lambdas/${folder}/functions.ts`, exported }
      }
    }
  }
  throw new Error(`no function ${name}`)
}

/** What each name in `uses` gives of the tables. */
export const tableAccess: ReadonlyMap<string, TableAccess & { readonly module: string }> = new Map(
  Object.entries(capabilities).flatMap(([folder, exports]) =>
    'access' in exports
      ? Object.entries<TableAccess>(exports.access).map(
          ([name, access]) => [name, { ...access, module: `lambdas/${folder}/functions.ts` }] as const,
        )
      : [],
  ),
)

type Of<Kind> = (definition: AnyFunction) => readonly Kind[]

export const httpTriggersOf: Of<HttpTrigger<never>> = ({ triggers }) => triggers.filter((one) => 'operations' in one)
export const tasksOf: Of<TaskTrigger<never>> = ({ triggers }) => triggers.filter((one) => 'task' in one)
export const clocksOf: Of<ClockTrigger<never>> = ({ triggers }) => triggers.filter((one) => 'everyMinutes' in one)
export const eventsOf: Of<EventTrigger<never>> = ({ triggers }) => triggers.filter((one) => 'events' in one)
const platformEventsOf: Of<PlatformTrigger<never>> = ({ triggers }) => triggers.filter((one) => 'platformEvents' in one)

/** The events that a function acts on by themselves, without those that only wake its sweep early. */
export const subscribedPatternsOf = (definition: AnyFunction): readonly EventPattern[] => [
  ...eventsOf(definition).map(({ events }) => events),
  ...platformEventsOf(definition).map(({ platformEvents }) => platformEvents),
]

export const patternsOf = (definition: AnyFunction): readonly EventPattern[] => [
  ...subscribedPatternsOf(definition),
  ...clocksOf(definition).flatMap(({ wokenBy }) => (wokenBy === undefined ? [] : [wokenBy])),
]

/** How often the clock calls a function, in minutes; undefined if it never does. */
export const minutesOf = (definition: AnyFunction): number | undefined => clocksOf(definition)[0]?.everyMinutes

/** Lambda's quota of an account that has sent some load. Newer ones may have 10. */
export const usualConcurrency = 1000

/**
 * What Lambda reserves for a function: also the most that it runs at once. Undefined if it shares what is left.
 * @param concurrency the account's quota.
 */
export const reservedOf = (
  { oneAtATime, processesAtMost, processesReserved }: AnyFunction,
  concurrency: number,
): number | undefined =>
  oneAtATime ? 1 : (processesAtMost ?? (concurrency < usualConcurrency ? undefined : processesReserved))

export const operations: readonly Operation[] = functions.flatMap((definition) =>
  httpTriggersOf(definition).flatMap((trigger) => trigger.operations),
)

/** @throws {Error} if there is no such operation. */
export const operationOf = (id: string): Operation => {
  const found = operations.find((operation) => operation.id === id)
  if (found === undefined) throw new Error(`There is no operation '${id}' in lambdas/`)
  return found
}

export const isHttp = (definition: AnyFunction): boolean => httpTriggersOf(definition).length > 0

export const workflows: Readonly<Record<StateMachineName, WorkflowAlarms[string]>> = Object.assign(
  {},
  ...Object.values(capabilities).map((exports) => ('workflows' in exports ? exports.workflows : {})),
)

export const machineNames: readonly StateMachineName[] = [
  ...new Set(functions.flatMap((definition) => tasksOf(definition).flatMap(({ machines }) => machines))),
]
