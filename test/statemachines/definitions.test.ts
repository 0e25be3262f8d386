import validate from 'asl-validator'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { waiting } from '../../cloud/parts/waiting.ts'
import { blueprintSchema } from '../../core/blueprint/blueprint.ts'
import { commandSecondsSchema } from '../../core/blueprint/handing-over.ts'
import { functions, tasksOf as tasksOfFunction } from '../../lambdas/manifest.ts'
import { functionOfState, waitsForToken } from '../../statemachines/read-state-machine.ts'
import { type Definition, definitions, nextOf, type State, tasksOf } from './definitions.ts'
import { problemsOf } from './problems.ts'

/** A copy, which the validator writes into, with placeholders as they are when deployed. */
const deployed = (definition: Definition): unknown =>
  JSON.parse(JSON.stringify(definition).replaceAll(/\$\{(\w+)\}/g, 'arn:aws:lambda:us-east-1:000000000000:function:$1'))

const taskFunctions = functions.flatMap((definition) =>
  tasksOfFunction(definition).map(({ task, machines }) => ({
    state: task,
    machines,
    timeoutSeconds: definition.timeout,
  })),
)
const retrierSchema = z.object({
  IntervalSeconds: z.number(),
  BackoffRate: z.number(),
  MaxDelaySeconds: z.number(),
  MaxAttempts: z.number(),
})
const byNumber = (a: number, b: number): number => a - b

describe.each(definitions)('the state machine %s', (name, definition) => {
  it('is valid Amazon States Language', () => {
    const { isValid, errorsText } = validate(deployed(definition))
    expect(isValid, errorsText('\n')).toBe(true)
  })

  it('has none of the faults that the validator lets through', () => {
    expect(problemsOf(definition)).toEqual([])
  })

  it('has a function of the manifest for every task, and a task for every function', () => {
    const placeholders = new Set(tasksOf(definition).map(([, state]) => functionOfState(state)))
    const functions = taskFunctions
      .filter(({ machines }) => machines.some((machine) => machine === name))
      .map(({ state }) => state)
    expect([...placeholders].toSorted()).toEqual(functions.toSorted())
  })

  it('waits for minutes until a function that runs as often as it may has room', () => {
    for (const [state, { Retry = [] }] of tasksOf(definition)) {
      const retrier = Retry.find(({ ErrorEquals }) => ErrorEquals.includes('Lambda.TooManyRequestsException'))
      expect([state, retrier?.['MaxAttempts']]).toEqual([state, 30])
    }
  })

  it('calls each task as its state is called, or reads with it what the state before has waited for', () => {
    for (const [state, task] of tasksOf(definition)) {
      const called = functionOfState(task) ?? ''
      if (called === state) continue
      expect([state, definition.States[called]]).toMatchObject([state, { Resource: waitsForToken, Next: state }])
    }
  })

  it('waits with a token for what takes longer than a call, and hands it to the function with the attempt', () => {
    for (const [state, { Resource, Parameters, TimeoutSeconds }] of tasksOf(definition)) {
      if (Resource !== waitsForToken) continue
      expect(Parameters).toEqual({
        FunctionName: `\${${state}}`,
        Payload: {
          task: state,
          input: {
            'siteId.$': '$.siteId',
            'operationId.$': '$.operationId',
            'fence.$': '$.fence',
            'taskToken.$': '$$.Task.Token',
          },
        },
      })
      expect(Number(TimeoutSeconds)).toBeGreaterThan(3600)
    }
  })

  it('names its task in every other call', () => {
    for (const [, task] of tasksOf(definition)) {
      if (task.Resource === waitsForToken) continue
      expect(task['Parameters']).toEqual({ task: functionOfState(task), 'input.$': '$' })
    }
  })

  it('gives no function longer than the function gives itself', () => {
    const ofState = new Map(
      taskFunctions
        .filter(({ machines }) => machines.some((machine) => machine === name))
        .map((entry) => [entry.state, entry]),
    )
    for (const [state, task] of tasksOf(definition)) {
      if (task.Resource === waitsForToken) continue
      const called = functionOfState(task) ?? ''
      expect([state, Number(task['TimeoutSeconds']) <= (ofState.get(called)?.timeoutSeconds ?? 0)]).toEqual([
        state,
        true,
      ])
    }
  })

  it('ends by itself, after every task could have taken its time', () => {
    const longest = tasksOf(definition).map(([, { TimeoutSeconds }]) => Number(TimeoutSeconds))
    expect(Number(definition['TimeoutSeconds'])).toBeGreaterThan(longest.toSorted(byNumber).at(-1) ?? 0)
  })

  it('lets an attempt that was overtaken end without a try more and without clearing anything away', () => {
    for (const [state, { Retry = [], Catch = [] }] of tasksOf(definition)) {
      const retrier = Retry.find(({ ErrorEquals }) => ErrorEquals.includes('OperationSuperseded'))
      expect([state, retrier?.['MaxAttempts']]).toEqual([state, 0])
      const catcher = Catch.find(({ ErrorEquals }) => ErrorEquals.some((error) => /Superseded|ALL/.test(error)))
      expect(tasksOf(definition).map(([task]) => task)).not.toContain(catcher?.Next)
    }
  })
})

const eventsPerAttempt = (state: State): number => (state.Resource === waitsForToken ? 5 : 3)

/** Entered, left, and every attempt that its retriers allow, each counted by itself as Step Functions does. */
const eventsOf = (state: State): number => {
  const attempts = (state.Retry ?? []).reduce((sum, { MaxAttempts }) => sum + Number(MaxAttempts), 1)
  return state.Type === 'Task' ? 2 + attempts * eventsPerAttempt(state) : 2
}

/** The longest way from a state to an end, in events. A machine that goes round in circles has none. */
const longestFrom = (definition: Definition, name: string, before: readonly string[] = []): number => {
  const state = definition.States[name]
  if (state === undefined || before.includes(name)) throw new Error(`no way on from ${before.join(', ')} to ${name}`)
  return eventsOf(state) + Math.max(0, ...nextOf(state).map((to) => longestFrom(definition, to, [...before, name])))
}

describe.each(definitions)('the history of %s', (_, definition) => {
  it('has 2,500 events at most on its way, whatever fails as often as it may', () => {
    // The start and the end of the execution.
    const events = 2 + longestFrom(definition, definition.StartAt)
    expect(events).toBeLessThanOrEqual(2500)
  })

  it('retries nothing hundreds of times', () => {
    for (const [state, { Retry = [] }] of tasksOf(definition)) {
      for (const { MaxAttempts } of Retry) expect([state, Number(MaxAttempts) < 100]).toEqual([state, true])
    }
  })
})

it('an upgrade is retried for longer than its command and its start may take', () => {
  const [, upgrade] = definitions.find(([name]) => name === 'upgrade-site') ?? []
  const retrier = upgrade?.States['MoveToVersion']?.Retry?.find(({ ErrorEquals }) =>
    ErrorEquals.includes('SiteNotReady'),
  )
  const { IntervalSeconds, BackoffRate, MaxDelaySeconds, MaxAttempts } = retrierSchema.parse(retrier)
  const delays = Array.from({ length: MaxAttempts }, (_, attempt) =>
    Math.min(MaxDelaySeconds, IntervalSeconds * BackoffRate ** attempt),
  )
  const waited = delays.reduce((sum, seconds) => sum + seconds, 0)
  const startSeconds = blueprintSchema.shape.traffic.shape.startSeconds.unwrap().maxValue ?? 0
  const commandSeconds = commandSecondsSchema.maxValue ?? 0
  expect([commandSeconds, startSeconds]).toEqual([600, 900])
  expect(waited).toBeGreaterThan(commandSeconds + waiting.placementSeconds + startSeconds)
})

it('every state machine of the manifest has its file', () => {
  expect(definitions.map(([name]) => name).toSorted()).toEqual(
    [...new Set(taskFunctions.flatMap(({ machines }) => machines))].toSorted(),
  )
})

describe('the checks themselves', () => {
  const task = {
    Type: 'Task',
    Resource: `\${Work}`,
    TimeoutSeconds: 10,
    Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 2, BackoffRate: 2 }],
    Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Done' }],
    Next: 'Done',
  }
  const machineWith = (change: object): Definition => ({
    StartAt: 'Work',
    States: { Work: { ...task, ...change }, Done: { Type: 'Succeed' } },
  })
  const retry = (...retriers: object[]) => ({ Retry: retriers.map((retrier) => ({ ErrorEquals: ['A'], ...retrier })) })
  const all = { ErrorEquals: ['States.ALL'] }

  it('find nothing wrong with a machine that is right', () => {
    expect(problemsOf(machineWith({}))).toEqual([])
  })

  it.each<[string, object, string]>([
    ['a misspelt Retry field', retry({ MaxAttemps: 3 }), 'Work: MaxAttemps is no field'],
    ['a pause that shrinks', retry({ BackoffRate: 0.5 }), 'Work: BackoffRate is below 1'],
    ['no pause', retry({ IntervalSeconds: 0 }), 'Work: IntervalSeconds is below 1'],
    ['States.ALL before others', retry(all, {}), 'Work: States.ALL is not the last'],
    ['States.ALL among others', retry({ ErrorEquals: ['A', 'States.ALL'] }), 'Work: States.ALL is not alone'],
    [
      'States.ALL caught before others',
      {
        Catch: [
          { ...all, Next: 'Done' },
          { ErrorEquals: ['A'], Next: 'Done' },
        ],
      },
      'Work: States.ALL is not the last',
    ],
    ['a catch that leads nowhere', { Catch: [{ ...all, Next: 'Gone' }] }, 'Work: leads nowhere: Gone'],
    [
      'a catch of one error alone',
      { Catch: [{ ErrorEquals: ['A'], Next: 'Done' }] },
      'Work: does not catch everything',
    ],
    [
      'a misspelt Catch field',
      { Catch: [{ ...all, Next: 'Done', ResultPat: '$.error' }] },
      'Work: ResultPat is no field',
    ],
    ['no time limit', { TimeoutSeconds: undefined }, 'Work: has no TimeoutSeconds'],
    ['no Retry', { Retry: undefined }, 'Work: has no Retry'],
    ['no Catch', { Catch: undefined }, 'Work: has no Catch'],
    ['a misspelt task field', { TimeoutSecond: 3 }, 'Work: TimeoutSecond is no field'],
    [
      'an address in its Resource',
      { Resource: 'arn:aws:lambda:us-east-1:000000000000:function:Work' },
      'Work: has a Resource that is no placeholder',
    ],
  ])('find %s', (_, change, problem) => {
    expect(problemsOf(machineWith(change))).toEqual([problem])
  })

  it('find a state that is never reached, and a machine that is too large', () => {
    const extra = Object.fromEntries(Array.from({ length: 14 }, (_, index) => [`Extra${index}`, { Type: 'Succeed' }]))
    const machine = { ...machineWith({}), States: { ...machineWith({}).States, ...extra } }
    expect(problemsOf(machine)).toContain('more than 14 states')
    expect(problemsOf(machine)).toContain('Extra3: is never reached')
  })
})
