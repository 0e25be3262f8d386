import { functionOfState } from '../../statemachines/read-state-machine.ts'
import { type Definition, nextOf, type State, tasksOf } from './definitions.ts'

const retryFields = new Set([
  'Comment',
  'ErrorEquals',
  'IntervalSeconds',
  'MaxAttempts',
  'BackoffRate',
  'MaxDelaySeconds',
  'JitterStrategy',
])
const catchFields = new Set(['Comment', 'ErrorEquals', 'ResultPath', 'Next'])
const taskFields = new Set([
  'Type',
  'Comment',
  'Resource',
  'Parameters',
  'TimeoutSeconds',
  'ResultPath',
  'Retry',
  'Catch',
  'Next',
  'End',
])

type Handler = Readonly<Record<string, unknown>> & { readonly ErrorEquals: readonly string[] }

const unknownFields = (value: object, known: ReadonlySet<string>): string[] =>
  Object.keys(value).flatMap((field) => (known.has(field) ? [] : [`${field} is no field`]))

/** `States.ALL` stands alone, and nothing behind it is ever reached. */
const misplacedAll = (handlers: readonly Handler[]): string[] =>
  handlers.flatMap(({ ErrorEquals }, index) => {
    if (!ErrorEquals.includes('States.ALL')) return []
    if (ErrorEquals.length > 1) return ['States.ALL is not alone']
    return index < handlers.length - 1 ? ['States.ALL is not the last'] : []
  })

const atLeast = (handler: Handler, field: string, min: number): string[] => {
  const value = handler[field]
  return value === undefined || (typeof value === 'number' && value >= min) ? [] : [`${field} is below ${min}`]
}

const retryProblems = (retriers: readonly Handler[]): string[] => [
  ...misplacedAll(retriers),
  ...retriers.flatMap((retrier) => [
    ...unknownFields(retrier, retryFields),
    ...atLeast(retrier, 'BackoffRate', 1),
    ...atLeast(retrier, 'IntervalSeconds', 1),
    ...atLeast(retrier, 'MaxAttempts', 0),
  ]),
]

const catchProblems = (catchers: readonly Handler[], states: Definition['States']): string[] => [
  ...misplacedAll(catchers),
  ...catchers.flatMap((catcher) => unknownFields(catcher, catchFields)),
  ...catchers.flatMap(({ Next }) => (typeof Next === 'string' && Next in states ? [] : [`leads nowhere: ${Next}`])),
  ...(catchers.some(({ ErrorEquals }) => ErrorEquals.includes('States.ALL')) ? [] : ['does not catch everything']),
]

const taskProblems = (state: State, states: Definition['States']): string[] => [
  ...unknownFields(state, taskFields),
  ...(typeof state['TimeoutSeconds'] === 'number' ? [] : ['has no TimeoutSeconds']),
  ...(state.Retry === undefined ? ['has no Retry'] : retryProblems(state.Retry)),
  ...(state.Catch === undefined ? ['has no Catch'] : catchProblems(state.Catch, states)),
  ...(functionOfState(state) === undefined ? ['has a Resource that is no placeholder'] : []),
]

const reachable = ({ StartAt, States }: Definition): ReadonlySet<string> => {
  const seen = new Set<string>()
  const visit = (name: string): void => {
    const state = States[name]
    if (state === undefined || seen.has(name)) return
    seen.add(name)
    for (const next of nextOf(state)) visit(next)
  }
  visit(StartAt)
  return seen
}

/** What a person still follows. */
const maxStates = 14

/** The errors of a definition that asl-validator accepts; each line begins with the state. */
export const problemsOf = (definition: Definition): readonly string[] => {
  const { States } = definition
  const seen = reachable(definition)
  return [
    ...(Object.keys(States).length > maxStates ? [`more than ${maxStates} states`] : []),
    ...Object.keys(States).flatMap((name) => (seen.has(name) ? [] : [`${name}: is never reached`])),
    ...tasksOf(definition).flatMap(([name, state]) => taskProblems(state, States).map((text) => `${name}: ${text}`)),
  ]
}
