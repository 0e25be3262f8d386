import { pino } from 'pino'
import * as z from 'zod'
import type { StateMachineName } from '../../../core/ports/workflows.ts'
import { createWorkflows, type LocalWorkflows } from '../../../local/workflows.ts'
import { sayPlayed } from '../say-played.ts'
import type { Played } from './fault-proxy.ts'

export interface PlayedStepFunctions {
  /** What stands for the service's operations. */
  readonly operations: Readonly<Record<string, Played>>
  /**
   * From here on executions run, with these tasks by the names of each machine's states.
   * @param tick what the clock does while a task waits for its token.
   */
  readonly run: (tasks: MachineTasks, tick: () => Promise<unknown>) => Promise<void>
  /** The names of all executions that were started. */
  readonly started: () => readonly string[]
  /** Until no execution runs. */
  readonly settled: () => Promise<void>
  readonly close: () => Promise<void>
}

type Task = (input: unknown) => Promise<unknown>
type MachineTasks = ReadonlyMap<StateMachineName, ReadonlyMap<string, Task>>

const pauseBetweenTicks = 300

/** A state that waits gives its function a token: the call names the task beside its input. */
const callSchema = z.object({ input: z.object({ taskToken: z.string().optional() }) })

/** Tokens of tasks that wait, from when the task is called until it is completed. */
const playTokens = () => {
  const called = new Map<string, { readonly gate: PromiseWithResolvers<void>; isCompleted: boolean }>()

  const complete =
    (how: (gate: PromiseWithResolvers<void>, input: Readonly<Record<string, unknown>>) => void): Played =>
    (input) => {
      const task = called.get(String(input['taskToken']))
      if (task === undefined || task.isCompleted) return { status: 400, body: { __type: 'TaskTimedOut' } }
      task.isCompleted = true
      how(task.gate, input)
      return { status: 200, body: {} }
    }

  return {
    /** A task that is called with a token can be completed from then on, also before it returns. */
    registering:
      (task: Task): Task =>
      (call) => {
        const token = callSchema.parse(call).input.taskToken
        if (token !== undefined) {
          const gate = Promise.withResolvers<void>()
          gate.promise.catch(() => undefined)
          called.set(token, { gate, isCompleted: false })
        }
        return task(call)
      },
    untilCompleted: async (token: string, tick: () => Promise<unknown>): Promise<void> => {
      const task = called.get(token)
      if (task === undefined) throw new Error('no task was called with this token')
      while (!task.isCompleted) {
        await new Promise((resolve) => setTimeout(resolve, pauseBetweenTicks))
        await tick().catch(() => undefined)
      }
      await task.gate.promise
    },
    operations: {
      'states.SendTaskSuccess': complete(({ resolve }) => resolve()),
      'states.SendTaskFailure': complete(({ reject }, { error, cause }) =>
        reject(Object.assign(new Error(String(cause)), { name: String(error) })),
      ),
    },
  }
}

const account = '123456789012'

/** What an ARN of a machine or an execution of this stage says. */
const machineOf = (arn: unknown): StateMachineName =>
  (/:sitewright-production-([a-z-]+?)(?=:|$)/.exec(String(arn))?.[1] ?? 'provision-site') as StateMachineName

interface Started {
  readonly name: string
  readonly machine: StateMachineName
  readonly begun: Promise<void>
}

/** Runs the state machines as they are deployed, since the emulator records executions and runs none. A second lasts 100 ms. */
export const playStepFunctions = (): PlayedStepFunctions => {
  sayPlayed('Step Functions runs executions')
  const started = new Map<string, Started>()
  const tokens = playTokens()
  let workflows: LocalWorkflows | undefined

  const start: Played = (input) => {
    const name = String(input['name'])
    const machine = machineOf(input['stateMachineArn'])
    const key = `${machine}:${name}`
    if (!started.has(key)) {
      const begun = workflows?.start(machine, name, JSON.parse(String(input['input'])) as object)
      started.set(key, { name, machine, begun: begun ?? Promise.resolve() })
    }
    return { status: 200, body: { executionArn: `arn:aws:states:x:${account}:execution:m:${name}`, startDate: 1 } }
  }

  const describe: Played = async (input) => {
    const name = String(input['executionArn']).split(':').at(-1) ?? ''
    const known = started.get(`${machineOf(input['executionArn'])}:${name}`)
    if (known === undefined) return { status: 400, body: { __type: 'ExecutionDoesNotExist' } }
    const status = (await workflows?.status(known.machine, name)) ?? 'unknown'
    return { status: 200, body: { executionArn: input['executionArn'], status: status.toUpperCase(), startDate: 1 } }
  }

  return {
    operations: { 'states.StartExecution': start, 'states.DescribeExecution': describe, ...tokens.operations },
    run: async (tasks, tick) => {
      workflows = await createWorkflows({
        tasks: new Map(
          [...tasks].map(([machine, states]) => [
            machine,
            new Map([...states].map(([state, task]) => [state, tokens.registering(task)])),
          ]),
        ),
        untilCompleted: (token) => tokens.untilCompleted(token, tick),
        atOnce: 4,
        // Tests of failures expect some of these; elsewhere they tell why a test waits.
        log: pino({ level: 'warn' }, pino.destination(2)),
        secondMilliseconds: 100,
      })
    },
    started: () => [...started.values()].map(({ name }) => name),
    settled: async () => {
      for (;;) {
        const states = await Promise.all(
          [...started.values()].map(({ name, machine }) => workflows?.status(machine, name)),
        )
        if (states.every((state) => state !== 'running')) return
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
    close: async () => {
      await workflows?.close()
    },
  }
}
