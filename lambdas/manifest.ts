import type { EventPattern } from '../core/events/event-pattern.ts'
import type { StateMachineName } from '../core/ports/workflows.ts'
import type {
  AnyFunction,
  ClockTrigger,
  EventTrigger,
  HttpTrigger,
  PlatformTrigger,
  TaskTrigger,
} from './_runtime/define-function.ts'
import * as billing from './billing/functions.ts'
import * as domains from './domains/functions.ts'
import * as endings from './endings/functions.ts'
import * as events from './events/functions.ts'
import * as leads from './leads/functions.ts'
import * as operators from './operators/functions.ts'
import * as releases from './releases/functions.ts'
import * as reports from './reports/functions.ts'
import * as signup from './signup/functions.ts'
import * as build from './sites/build/functions.ts'
import * as sites from './sites/functions.ts'
import * as handOver from './sites/hand-over/functions.ts'
import * as logs from './sites/logs/functions.ts'
import * as pool from './sites/pool/functions.ts'
import * as run from './sites/run/functions.ts'
import * as sleep from './sleep/functions.ts'
import * as trials from './trials/functions.ts'
import * as webhooks from './webhooks/functions.ts'

/**
 * Every function. The stacks turn this into Lambda functions, routes, rules, schedules and policies, and the
 * one-machine host into one process; neither has its own list.
 */
const modules = {
  signup,
  sites,
  'sites/build': build,
  'sites/pool': pool,
  'sites/run': run,
  'sites/hand-over': handOver,
  'sites/logs': logs,
  trials,
  endings,
  sleep,
  releases,
  billing,
  domains,
  operators,
  webhooks,
  leads,
  reports,
  events,
} as const

type Modules = typeof modules
type DefinitionsOf<Module> = Module[keyof Module]
export type ManifestFunction = { [File in keyof Modules]: DefinitionsOf<Modules[File]> }[keyof Modules]
export type FunctionName = ManifestFunction['name']

export const functions: readonly ManifestFunction[] = Object.values(modules).flatMap((module): ManifestFunction[] =>
  Object.values(module),
)

/** Where the bundler finds a function: the module of its capability, and the name of its export. */
export const exportOf = (name: FunctionName): { readonly module: string; readonly exported: string } => {
  for (const [folder, exports] of Object.entries(modules)) {
    for (const [exported, definition] of Object.entries(exports)) {
      if (definition.name === name) return { module: `lambdas/${folder}/functions.ts`, exported }
    }
  }
  throw new Error(`no function ${name}`)
}

type Of<Kind> = (definition: AnyFunction) => readonly Kind[]

export const httpTriggersOf: Of<HttpTrigger<never>> = ({ triggers }) => triggers.filter((one) => 'operations' in one)
export const tasksOf: Of<TaskTrigger<never>> = ({ triggers }) => triggers.filter((one) => 'task' in one)
export const clocksOf: Of<ClockTrigger<never>> = ({ triggers }) => triggers.filter((one) => 'everyMinutes' in one)
export const eventsOf: Of<EventTrigger<never>> = ({ triggers }) => triggers.filter((one) => 'events' in one)
const platformEventsOf: Of<PlatformTrigger<never>> = ({ triggers }) => triggers.filter((one) => 'platformEvents' in one)

/** The patterns of all events that call a function. */
export const patternsOf = (definition: AnyFunction): readonly EventPattern[] => [
  ...eventsOf(definition).map(({ events }) => events),
  ...clocksOf(definition).flatMap(({ wokenBy }) => (wokenBy === undefined ? [] : [wokenBy])),
  ...platformEventsOf(definition).map(({ platformEvents }) => platformEvents),
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

export const isHttp = (definition: AnyFunction): boolean => httpTriggersOf(definition).length > 0

export const machineNames: readonly StateMachineName[] = [
  ...new Set(functions.flatMap((definition) => tasksOf(definition).flatMap(({ machines }) => machines))),
]
