import { randomUUID } from 'node:crypto'
import { StateMachine } from 'aws-local-stepfunctions'
import * as z from 'zod'
import type { Log } from '../core/ports/context.ts'
import type { ExecutionStatus, StateMachineName, Workflows } from '../core/ports/workflows.ts'
import { functionOfState, readStateMachine, waitsForToken } from '../statemachines/read-state-machine.ts'
import { atMost, restartLimits } from './restart-limits.ts'

export interface LocalWorkflows extends Workflows {
  /** How many executions that start a site have not ended, those that wait for their turn included. */
  readonly starting: () => number
  /** Ends executions at their next step and starts no more. Waits five seconds for running tasks; the sweep of the next start resumes what was cut off. */
  readonly close: () => Promise<void>
}

const starters: readonly StateMachineName[] = ['provision-site', 'anonymise-copy', 'restore-site', 'wake-site']

type Task = (input: unknown) => Promise<unknown>

/** An execution that waits for its turn. */
interface Waiting {
  readonly machine: StateMachineName
  readonly run: () => Promise<void>
}

interface Execution {
  status: ExecutionStatus
  abort: () => void
}

const stateSchema = z.looseObject({
  Resource: z.string().optional(),
  Parameters: z.unknown().optional(),
  Retry: z.array(z.looseObject({ IntervalSeconds: z.number().optional() })).optional(),
})
const definitionSchema = z.looseObject({ States: z.record(z.string(), stateSchema) })

const isDefinition = (value: unknown): value is ConstructorParameters<typeof StateMachine>[0] =>
  definitionSchema.safeParse(value).success

type States = z.infer<typeof definitionSchema>['States']

/** Reads a state machine and replaces its placeholders for functions. Tests validate the definitions: here it would take 70 ms each. */
const readMachine = (machine: StateMachineName) => {
  const read = readStateMachine(machine)
  const definition: unknown = JSON.parse(
    JSON.stringify(read).replaceAll(/\$\{(\w+)\}/g, 'arn:aws:lambda:us-east-1:000000000000:function:$1'),
  )
  if (!isDefinition(definition)) throw new Error(`${machine} is not a state machine`)
  return {
    stateMachine: new StateMachine(definition, { validationOptions: { noValidate: true } }),
    states: definitionSchema.parse(read).States,
  }
}

/** All hosts of this process share the files. */
const machinesRead = new Map<StateMachineName, ReturnType<typeof readMachine>>()

const machineOf = (name: StateMachineName) => {
  const read = machinesRead.get(name) ?? readMachine(name)
  machinesRead.set(name, read)
  return read
}

/** The shortest pause of each Retry, in milliseconds, if a second is shortened. */
const shortenedRetries = (states: States, secondMilliseconds: number): Record<string, number[]> =>
  Object.fromEntries(
    Object.entries(states).flatMap(([name, { Retry = [] }]) =>
      Retry.length === 0 ? [] : [[name, Retry.map(({ IntervalSeconds = 1 }) => IntervalSeconds * secondMilliseconds)]],
    ),
  )

const nothingToAbort = (): void => undefined

/** Used names are kept to refuse a second use; Step Functions keeps them for 90 days. */
const rememberedExecutions = 10_000

const payloadSchema = z.object({ Payload: z.object({ task: z.string(), input: z.looseObject({}) }) })

/**
 * Runs the state machines in this process.
 * @param options.tasks the tasks by machine and by the placeholders of their functions.
 * @param options.untilCompleted resolves when the task with a token need not be awaited any more. Each call of a task has a token
 *   of its own, as in Step Functions.
 * @param options.atOnce how many executions run concurrently; others wait, so that a crowd does not overload the machine.
 * @param options.secondMilliseconds the length of a second between attempts of a task.
 */
export const createWorkflows = (options: {
  readonly tasks: ReadonlyMap<StateMachineName, ReadonlyMap<string, Task>>
  readonly untilCompleted?: (token: string) => Promise<void>
  readonly atOnce: number
  readonly log: Log
  readonly secondMilliseconds?: number
}): LocalWorkflows => {
  const { tasks, untilCompleted = async () => undefined, atOnce, log, secondMilliseconds = 1000 } = options
  const machines = new Map([...tasks.keys()].map((name) => [name, machineOf(name)] as const))
  const executions = new Map<string, Execution>()
  /** A name is that of one execution in each machine. */
  const keyOf = (machine: StateMachineName, name: string): string => `${machine} ${name}`
  /** Executions that a person waits for run first; others, such as the pool's builds, run after them. */
  const awaited: Waiting[] = []
  const others: Waiting[] = []
  /** Executions that wait for the archiver, which has limits of its own. */
  let atArchiver = 0
  const running = new Set<Promise<void>>()
  const tasksUnderWay = new Set<Promise<unknown>>()
  let closed = false
  let starting = 0

  /** Results travel as JSON, as they do between Lambda and Step Functions. */
  const watched = (task: Task) => async (input: unknown) => {
    const work = task(input)
    tasksUnderWay.add(work)
    try {
      return JSON.parse(JSON.stringify((await work) ?? null))
    } finally {
      tasksUnderWay.delete(work)
    }
  }

  /** Calls the task, and waits for its token. Closing does not wait for the token. */
  const withToken = (task: Task) => async (parameters: unknown) => {
    const { task: name, input } = payloadSchema.parse(parameters).Payload
    // The library has one for all tasks of an execution. Who completes the first of them late would complete the second.
    const taskToken = randomUUID()
    await task({ task: name, input: { ...input, taskToken } })
    atArchiver += 1
    startNext()
    try {
      await untilCompleted(taskToken)
    } finally {
      atArchiver -= 1
    }
    return {}
  }

  const handlersOf = (machine: StateMachineName, states: States) =>
    Object.fromEntries(
      Object.entries(states).flatMap(([name, state]) => {
        const task = tasks.get(machine)?.get(functionOfState(state) ?? '')
        if (task === undefined) return []
        return [[name, state.Resource === waitsForToken ? withToken(watched(task)) : watched(task)]]
      }),
    )

  const execute = async (machine: StateMachineName, name: string, input: object, execution: Execution) => {
    try {
      const found = machines.get(machine)
      if (found === undefined) throw new Error(`there is no state machine ${machine}`)
      const run = found.stateMachine.run(JSON.parse(JSON.stringify(input)), {
        overrides: {
          taskResourceLocalHandlers: handlersOf(machine, found.states),
          ...(secondMilliseconds !== 1000 && {
            retryIntervalOverrides: shortenedRetries(found.states, secondMilliseconds),
          }),
        },
        context: {
          Execution: { Name: name, StartTime: new Date().toISOString() },
          Task: { Token: 'replaced for each call' },
        },
      })
      execution.abort = run.abort
      await run.result
      execution.status = 'succeeded'
    } catch (error) {
      execution.status = 'failed'
      if (!closed) log.warn({ event: 'execution-failed', execution: name, err: error }, 'an execution failed')
    } finally {
      // Its name is kept for long, its data is not.
      execution.abort = nothingToAbort
    }
  }

  /**
   * The next execution that may run. A person waits for no archive: they get the place of an execution that waits for the archiver. A copy
   * does not, because its site would stand still until the archiver takes it.
   */
  const takeNext = (): Waiting | undefined => {
    if (running.size < atOnce) return awaited.shift() ?? others.shift()
    if (running.size - atArchiver >= atOnce) return undefined
    const place = awaited.findIndex(({ machine }) => machine !== 'copy-site')
    return place === -1 ? undefined : awaited.splice(place, 1)[0]
  }

  const startNext = (): void => {
    while (!closed) {
      const next = takeNext()
      if (next === undefined) return
      const work = next.run().finally(() => {
        running.delete(work)
        startNext()
      })
      running.add(work)
    }
  }

  const forgetOldest = (): void => {
    for (const [name, { status }] of executions) {
      if (executions.size <= rememberedExecutions) return
      if (status !== 'running') executions.delete(name)
    }
  }

  return {
    start: async (machine, name, input, { isAwaited = false } = {}) => {
      const key = keyOf(machine, name)
      if (closed || executions.has(key)) return
      const execution: Execution = { status: 'running', abort: nothingToAbort }
      executions.set(key, execution)
      forgetOldest()
      const starts = starters.includes(machine) ? 1 : 0
      starting += starts
      const line = isAwaited ? awaited : others
      const run = async (): Promise<void> => {
        await execute(machine, name, input, execution)
        starting -= starts
      }
      line.push({ machine, run })
      startNext()
    },
    starting: () => starting,
    status: async (machine, name) => executions.get(keyOf(machine, name))?.status ?? 'unknown',
    close: async () => {
      closed = true
      for (const { abort } of executions.values()) abort()
      await atMost(restartLimits.workEnds, Promise.allSettled([...running, ...tasksUnderWay]))
    },
  }
}
