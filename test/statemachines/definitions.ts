import * as z from 'zod'
import { readStateMachine, stateMachineNames } from '../../statemachines/read-state-machine.ts'

const retrierSchema = z.looseObject({ ErrorEquals: z.array(z.string()).min(1) })
const catcherSchema = z.looseObject({ ErrorEquals: z.array(z.string()).min(1), Next: z.string() })

const stateSchema = z.looseObject({
  Type: z.string(),
  Choices: z.array(z.looseObject({ Next: z.string() })).optional(),
  Default: z.string().optional(),
  Resource: z.string().optional(),
  Next: z.string().optional(),
  End: z.boolean().optional(),
  Retry: z.array(retrierSchema).optional(),
  Catch: z.array(catcherSchema).optional(),
})
export type State = z.infer<typeof stateSchema>

const definitionSchema = z.looseObject({ StartAt: z.string(), States: z.record(z.string(), stateSchema) })
export type Definition = z.infer<typeof definitionSchema>

/** Every state machine there is, by name, with the retry policies that its states name. */
export const definitions: readonly (readonly [string, Definition])[] = stateMachineNames().map((name) => [
  name,
  definitionSchema.parse(readStateMachine(name)),
])

/** The states that may follow a state. */
export const nextOf = ({ Next, Default, Choices = [], Catch = [] }: State): readonly string[] => [
  ...[Next, Default].flatMap((name) => name ?? []),
  ...[...Choices, ...Catch].map((way) => way.Next),
]

export const tasksOf = (definition: Definition): readonly (readonly [string, State])[] =>
  Object.entries(definition.States).filter(([, { Type }]) => Type === 'Task')
