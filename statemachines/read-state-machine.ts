import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import * as z from 'zod'

/** The same call would fail again, or somebody else has taken over. */
const finalErrors = [
  'OperationSuperseded',
  'NotFound',
  'ArchiveDamaged',
  'ArchivingFailed',
  'LaunchFailed',
  'BlueprintUnknown',
  'BlueprintUnavailable',
]

const growing = { IntervalSeconds: 1, BackoffRate: 2, MaxDelaySeconds: 20, JitterStrategy: 'FULL' }
const others = { ErrorEquals: ['States.ALL'], MaxAttempts: 6, ...growing }
/** Some five minutes: an engine may be restarting, a cell may be short of room, and a function may run as often as it may. */
const unavailable = {
  ErrorEquals: ['RuntimeUnavailable', 'Sandbox.Timedout', 'States.Timeout', 'Lambda.TooManyRequestsException'],
  MaxAttempts: 30,
  ...growing,
}

/** What a state's `Retry` names. */
const retryPolicies = {
  /** One call does the work. */
  steady: [{ ErrorEquals: finalErrors, MaxAttempts: 0 }, unavailable, others],
  /** Each call looks for seconds whether a site answers. Half an hour in all, longer than a release command, placement and a start together may take. */
  starting: [
    { ErrorEquals: finalErrors, MaxAttempts: 0 },
    unavailable,
    { ErrorEquals: ['SiteNotReady'], IntervalSeconds: 1, MaxAttempts: 90, BackoffRate: 1.1, MaxDelaySeconds: 30 },
    others,
  ],
  /** The task token is completed when jobs of the archiver end. `ArchiveNotReady`: a job was cut off and has to be started again. */
  awaited: [
    { ErrorEquals: [...finalErrors, 'States.Timeout'], MaxAttempts: 0 },
    { ...unavailable, ErrorEquals: ['RuntimeUnavailable', 'Sandbox.Timedout', 'Lambda.TooManyRequestsException'] },
    { ...growing, ErrorEquals: ['ArchiveNotReady'], MaxAttempts: 8 },
    others,
  ],
}

/**
 * The `Catch` of a state that names another state there: an attempt that was superseded ends, because the newer one cleans up. After any other
 * error the named state follows.
 */
const catchersTo = (Next: string) => [
  { ErrorEquals: ['OperationSuperseded', 'NotFound'], ResultPath: '$.error', Next: 'Superseded' },
  { ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next },
]

const stateSchema = z.looseObject({
  Type: z.string(),
  Resource: z.string().optional(),
  Parameters: z.looseObject({ FunctionName: z.string() }).optional(),
  Retry: z.enum(['steady', 'starting', 'awaited']).optional(),
  Catch: z.union([z.string(), z.array(z.unknown())]).optional(),
})
const definitionSchema = z.looseObject({ StartAt: z.string(), States: z.record(z.string(), stateSchema) })

export interface StateMachineDefinition {
  readonly StartAt: string
  readonly States: Readonly<Record<string, { readonly Type: string; readonly Resource?: string | undefined }>>
}

const root = new URL('../', import.meta.url)

/** By name. Those of sites are in this folder, one of a capability alone is in the capability's. */
const files = (): ReadonlyMap<string, URL> =>
  new Map(
    globSync('{statemachines,lambdas/**}/*.asl.json', { cwd: root }).map((path) => [
      basename(path, '.asl.json'),
      new URL(path, root),
    ]),
  )

/** The names of all state machines, which are those of their files. */
export const stateMachineNames = (): readonly string[] => [...files().keys()]

/** The `Resource` of a state that calls its function with a task token and waits until the token is completed. */
export const waitsForToken = 'arn:aws:states:::lambda:invoke.waitForTaskToken'

/** The placeholder of the function that a task calls, such as `StartSite`. */
export const functionOfState = (state: {
  readonly Resource?: string | undefined
  readonly Parameters?: unknown
}): string | undefined => {
  const { FunctionName } = z.object({ FunctionName: z.string().optional() }).catch({}).parse(state.Parameters)
  const called = state.Resource === waitsForToken ? FunctionName : state.Resource
  return /^\$\{(\w+)\}$/.exec(called ?? '')?.[1]
}

/** One function may do several tasks, so each call says which: `{ task, input }`. */
const namingTask = (state: z.output<typeof stateSchema>) => {
  const task = functionOfState(state)
  if (task === undefined) return state
  if (state.Resource !== waitsForToken) return { ...state, Parameters: { task, 'input.$': '$' } }
  return { ...state, Parameters: { ...state.Parameters, Payload: { task, input: state.Parameters?.['Payload'] } } }
}

/** Reads a state machine, with the policies that its `Retry` and `Catch` name. Functions stay placeholders, such as `${StartSite}`. */
export const readStateMachine = (name: string): StateMachineDefinition => {
  const file = files().get(name)
  if (file === undefined) throw new Error(`no state machine ${name}`)
  const text = readFileSync(file, 'utf8')
  const { States, ...machine } = definitionSchema.parse(JSON.parse(text))
  const expanded = Object.entries(States).map(([name, { Retry, Catch, ...state }]) => [
    name,
    {
      ...namingTask(state),
      ...(Retry && { Retry: retryPolicies[Retry] }),
      ...(Catch && { Catch: typeof Catch === 'string' ? catchersTo(Catch) : Catch }),
    },
  ])
  return { ...machine, States: Object.fromEntries(expanded) }
}
