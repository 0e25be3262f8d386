import { eventFunctions } from './manifest/event-functions.ts'
import type { FunctionEntry } from './manifest/function-entry.ts'
import { httpFunctions } from './manifest/http-functions.ts'
import { taskFunctions } from './manifest/task-functions.ts'

/**
 * Every function there is. The stacks turn this into Lambda functions, routes, rules, schedules and policies, and the
 * one-machine host into one process; neither has a list of its own.
 */
export const manifest = {
  ...httpFunctions,
  ...taskFunctions,
  ...eventFunctions,
} as const satisfies Readonly<Record<string, FunctionEntry>>

export type FunctionName = keyof typeof manifest

const isFunctionName = (name: string): name is FunctionName => Object.hasOwn(manifest, name)

export const functionEntries: readonly (readonly [FunctionName, FunctionEntry])[] = Object.keys(manifest)
  .filter(isFunctionName)
  .map((name) => [name, manifest[name]])
