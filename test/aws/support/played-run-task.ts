import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import type { PlayedTask, ServiceWorld } from './played-service.ts'
import type { PlayedContainer } from './played-task.ts'

/** With what it was started. */
export interface LoneTask extends PlayedTask {
  readonly startedBy?: string
  readonly overrides: unknown
}

/** Tasks that are of no service: `RunTask` starts one, and nobody starts another when it has ended. */
export interface PlayedRunTask {
  /** One for each client token of a cluster. */
  readonly start: (request: {
    readonly clusterArn: string
    readonly taskDefinitionArn: string
    readonly clientToken: string
    readonly capacity: string
    readonly startedBy: string | undefined
    readonly overrides: unknown
  }) => PlayedTask | 'conflict'
  readonly tasks: () => readonly LoneTask[]
  /** From an hour after its end on ECS does not tell of a task. */
  readonly forgetStopped: () => void
  readonly close: () => Promise<void>
}

const overridesSchema = z.object({
  containerOverrides: z
    .array(
      z.object({
        name: z.string(),
        environment: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
      }),
    )
    .default([]),
})

/** What a task was told when it was run stands beside what its definition says. */
const told = (containers: readonly PlayedContainer[], overrides: unknown): readonly PlayedContainer[] => {
  const { containerOverrides = [] } = overridesSchema.safeParse(overrides).data ?? {}
  return containers.map((container) => {
    const more = containerOverrides.find(({ name }) => name === container.name)?.environment ?? []
    return { ...container, environment: [...(container.environment ?? []), ...more] }
  })
}

const seconds = (): number => Date.now() / 1000

export const playRunTask = (world: ServiceWorld): PlayedRunTask => {
  const byToken = new Map<string, LoneTask>()
  let listed: LoneTask[] = []
  const running = new Set<() => Promise<void>>()

  const end = (task: PlayedTask, reason: string): void => {
    task.desiredStatus = 'STOPPED'
    task.lastStatus = 'STOPPED'
    task.stoppedReason = reason
    world.changed(task)
  }

  const live = async (task: LoneTask): Promise<void> => {
    try {
      const containers = await world.run(task, told(await world.containersOf(task.taskDefinitionArn), task.overrides))
      task.lastStatus = 'RUNNING'
      task.startedAt = seconds()
      world.changed(task)
      running.add(containers.stop)
      await containers.firstEnd
      running.delete(containers.stop)
      task.stopCode = 'EssentialContainerExited'
      task.containers = containers.exitCodes?.() ?? []
      await containers.stop()
      end(task, 'Essential container in task exited')
    } catch (error) {
      end(task, `ResourceInitializationError: ${String(error)}`)
    }
  }

  return {
    start: ({ clusterArn, taskDefinitionArn, clientToken, capacity, startedBy, overrides }) => {
      const key = `${clusterArn} ${clientToken}`
      const known = byToken.get(key)
      if (known !== undefined) return known.taskDefinitionArn === taskDefinitionArn ? known : 'conflict'
      const task: LoneTask = {
        taskArn: `${clusterArn.replace(':cluster/', ':task/')}/${randomUUID().replaceAll('-', '')}`,
        clusterArn,
        group: `family:${taskDefinitionArn.split('/').at(-1)?.split(':')[0] ?? ''}`,
        taskDefinitionArn,
        capacityProviderName: capacity,
        host: world.nextHost(),
        deployment: '',
        ...(startedBy === undefined ? {} : { startedBy }),
        overrides,
        createdAt: seconds(),
        desiredStatus: 'RUNNING',
        lastStatus: 'PROVISIONING',
      }
      byToken.set(key, task)
      listed.push(task)
      world.changed(task)
      live(task)
      return task
    },
    tasks: () => listed,
    forgetStopped: () => {
      listed = listed.filter(({ lastStatus }) => lastStatus !== 'STOPPED')
    },
    close: async () => {
      await Promise.all([...running].map((stop) => stop()))
    },
  }
}
