import { randomUUID } from 'node:crypto'
import { StateMachine } from 'aws-local-stepfunctions'
import * as z from 'zod'
import type { Log } from '../core/ports/context.ts'
import type { ExecutionStatus, StateMachineName, Workflows } from '../core/ports/workflows.ts'
import { functionOfState, readStateMachine, waitsForToken } from '../statemachines/read-state-machine.ts'

export interface LocalWorkflows extends Workflows {
  /** Ends what runs at its next step and starts nothing more. What was cut off is taken up by the sweep of the next start. */
  readonly close: () => Promise<void>
}

type Task = (input: unknown) => Promise<unknown>

interface Execution {
  status: ExecutionStatus
  abort: () => void
}

const definitionSchema = z.looseObject({
  States: z.record(
    z.string(),
    z.looseObject({
      Resource: z.string().optional(),
      Parameters: z.unknown().optional(),
      Retry: z.array(z.looseObject({ IntervalSeconds: z.number().optional() })).optional(),
    }),
  ),
})

type Definition = ConstructorParameters<typeof StateMachine>[0]

const isDefinition = (value: unknown): value is Definition => definitionSchema.safeParse(value).success

type States = z.infer<typeof definitionSchema>['States']

interface Machine {
  readonly stateMachine: StateMachine
  readonly states: States
}

/** Reads a state machine; its placeholders for functions become names that the validator takes. */
const readMachine = (machine: StateMachineName): Machine => {
  const read = readStateMachine(machine)
  const definition: unknown = JSON.parse(
    JSON.stringify(read).replaceAll(/\$\{(\w+)\}/g, 'arn:aws:lambda:us-east-1:000000000000:function:$1'),
  )
  if (!isDefinition(definition)) throw new Error(`${machine} is no state machine`)
  return { stateMachine: new StateMachine(definition), states: definitionSchema.parse(read).States }
}

/** Checking a definition takes some 70 ms, and the files are the same for every host of this process. */
const machinesRead = new Map<StateMachineName, Machine>()

const machineOf = (name: StateMachineName): Machine => {
  const read = machinesRead.get(name) ?? readMachine(name)
  machinesRead.set(name, read)
  return read
}

/** The shortest pause of each Retry, in milliseconds, where a second does not last as long as it should. */
const shortenedRetries = (states: States, secondMilliseconds: number): Record<string, number[]> =>
  Object.fromEntries(
    Object.entries(states).flatMap(([name, { Retry = [] }]) =>
      Retry.length === 0 ? [] : [[name, Retry.map(({ IntervalSeconds = 1 }) => IntervalSeconds * secondMilliseconds)]],
    ),
  )

const nothingToAbort = (): void => undefined

/** Closed names are kept to refuse a second use; Step Functions keeps them for 90 days. */
const rememberedExecutions = 10_000

const payloadSchema = z.object({ Payload: z.unknown() })

/**
 * Runs the state machines in this process.
 * @param options.tasks the tasks by machine and by the placeholders of their functions.
 * @param options.untilCompleted resolves when the task that was handed a token need not be waited for any more. An execution
 *   has one token, which its tasks use one after the other.
 * @param options.atOnce how many executions run at once; others wait their turn, so that a crowd does not choke the
 *   machine that its sites are to run on.
 * @param options.secondMilliseconds how long a second lasts between two attempts at a task.
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
  /** What a person waits for goes first; the rest, such as the pool's builds, when nobody waits. */
  const awaited: (() => Promise<void>)[] = []
  const others: (() => Promise<void>)[] = []
  const running = new Set<Promise<void>>()
  const tasksUnderWay = new Set<Promise<unknown>>()
  let closed = false

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

  /** Calls the task, and waits for its token outside of the calls that closing waits for. */
  const withToken = (task: Task, token: string) => async (input: unknown) => {
    await task(payloadSchema.parse(input).Payload)
    await untilCompleted(token)
    return {}
  }

  const handlersOf = (machine: StateMachineName, states: States, token: string) =>
    Object.fromEntries(
      Object.entries(states).flatMap(([name, state]) => {
        const task = tasks.get(machine)?.get(functionOfState(state) ?? '')
        if (task === undefined) return []
        return [[name, state.Resource === waitsForToken ? withToken(watched(task), token) : watched(task)]]
      }),
    )

  const execute = async (machine: StateMachineName, name: string, input: object, execution: Execution) => {
    try {
      const found = machines.get(machine)
      if (found === undefined) throw new Error(`there is no state machine ${machine}`)
      const token = randomUUID()
      const run = found.stateMachine.run(JSON.parse(JSON.stringify(input)), {
        overrides: {
          taskResourceLocalHandlers: handlersOf(machine, found.states, token),
          ...(secondMilliseconds === 1000
            ? {}
            : { retryIntervalOverrides: shortenedRetries(found.states, secondMilliseconds) }),
        },
        context: { Execution: { Name: name, StartTime: new Date().toISOString() }, Task: { Token: token } },
      })
      execution.abort = run.abort
      await run.result
      execution.status = 'succeeded'
    } catch (error) {
      execution.status = 'failed'
      if (!closed) log.warn({ event: 'execution-failed', execution: name, err: error }, 'an execution failed')
    } finally {
      // Its name is remembered for long, and what the run holds need not be.
      execution.abort = nothingToAbort
    }
  }

  const startNext = (): void => {
    while (!closed && running.size < atOnce) {
      const next = awaited.shift() ?? others.shift()
      if (next === undefined) return
      const work = next().finally(() => {
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
      if (closed || executions.has(name)) return
      const execution: Execution = { status: 'running', abort: nothingToAbort }
      executions.set(name, execution)
      forgetOldest()
      const line = isAwaited ? awaited : others
      line.push(() => execute(machine, name, input, execution))
      startNext()
    },
    status: async (_machine, name) => executions.get(name)?.status ?? 'unknown',
    close: async () => {
      closed = true
      for (const { abort } of executions.values()) abort()
      await Promise.allSettled([...running, ...tasksUnderWay])
    },
  }
}
