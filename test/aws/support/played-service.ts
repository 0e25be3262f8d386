import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { PlayedContainer, RunningContainers } from './played-task.ts'

/** A task as ECS tells of it, by `DescribeTasks` and in its events alike. */
export interface PlayedTask {
  readonly taskArn: string
  readonly clusterArn: string
  readonly group: string
  readonly taskDefinitionArn: string
  readonly capacityProviderName: string
  readonly host: string
  readonly deployment: string
  readonly createdAt: number
  desiredStatus: 'RUNNING' | 'STOPPED'
  lastStatus: 'PROVISIONING' | 'RUNNING' | 'STOPPING' | 'STOPPED'
  startedAt?: number
  stoppedReason?: string
  stopCode?: 'EssentialContainerExited'
  containers?: readonly { readonly name: string; readonly exitCode: number | null }[]
}

/** The settings of a service that `UpdateService` changes. */
export interface ServiceRequest {
  readonly taskDefinition: string
  readonly capacity: string
  /** Whether the old task ends before the new one starts. */
  readonly isExclusive: boolean
}

export interface ServiceWorld {
  readonly containersOf: (taskDefinition: string) => Promise<readonly PlayedContainer[]>
  readonly run: (task: PlayedTask, containers: readonly PlayedContainer[]) => Promise<RunningContainers>
  readonly nextHost: () => string
  readonly hasCapacity: (capacity: string) => boolean
  readonly changed: (task: PlayedTask) => void
}

const seconds = (): number => Date.now() / 1000

/** What ECS's scheduler does for one service of one task. */
export interface PlayedService {
  readonly name: string
  readonly clusterArn: string
  /** All that the call said which made it. */
  readonly request: string
  readonly tasks: () => readonly PlayedTask[]
  readonly status: () => 'ACTIVE' | 'DRAINING' | 'INACTIVE'
  readonly update: (wanted: ServiceRequest) => void
  /** Ends its task and starts no other until the next update. */
  readonly halt: () => void
  readonly delete: () => void
  /** Stops the task that runs, as a retirement or a Spot interruption does; another takes its place. */
  readonly interrupt: (reason: string) => void
  /** Starts no more tasks of the present deployment, as the circuit breaker does after several that failed. */
  readonly giveUp: () => void
  /** What `DescribeServices` says that the emulator does not know. */
  readonly describe: () => object
  readonly close: () => Promise<void>
}

export const playService = (
  { name, clusterArn, request }: { name: string; clusterArn: string; request: string },
  firstWanted: ServiceRequest,
  world: ServiceWorld,
): PlayedService => {
  let wanted = firstWanted
  let deployment = { id: randomUUID(), createdAt: seconds() }
  let isDeleted = false
  let isHalted = false
  let failures = 0
  let events: { id: string; createdAt: number; message: string }[] = []
  const tasks: PlayedTask[] = []
  const running = new Map<PlayedTask, RunningContainers>()

  const alive = (): readonly PlayedTask[] => tasks.filter(({ lastStatus }) => lastStatus !== 'STOPPED')
  const say = (message: string): void => {
    events = [{ id: randomUUID(), createdAt: seconds(), message: `(service ${name}) ${message}` }, ...events]
  }

  const hasStopped = (task: PlayedTask): void => {
    task.desiredStatus = 'STOPPED'
    task.lastStatus = 'STOPPED'
    world.changed(task)
  }

  const stop = async (task: PlayedTask, reason: string): Promise<void> => {
    if (task.desiredStatus === 'STOPPED') return
    const isStarting = task.lastStatus === 'PROVISIONING'
    task.desiredStatus = 'STOPPED'
    task.stoppedReason = reason
    world.changed(task)
    task.lastStatus = 'STOPPING'
    // Who starts it finds that it is to end.
    if (isStarting) return
    await running.get(task)?.stop()
    running.delete(task)
    hasStopped(task)
  }

  /** What keeps ending is started again less and less often. */
  const restPause = (): Promise<void> => {
    failures += 1
    return pause(Math.min(500, 10 * 2 ** failures))
  }

  const endedByItself = async (task: PlayedTask): Promise<void> => {
    if (task.desiredStatus === 'STOPPED') return
    await stop(task, 'Essential container in task exited')
    await restPause()
    check()
  }

  const start = async (): Promise<void> => {
    const id = randomUUID().replaceAll('-', '')
    const task: PlayedTask = {
      taskArn: `${clusterArn.replace(':cluster/', ':task/')}/${id}`,
      clusterArn,
      group: `service:${name}`,
      taskDefinitionArn: wanted.taskDefinition,
      capacityProviderName: wanted.capacity,
      host: world.nextHost(),
      deployment: deployment.id,
      createdAt: seconds(),
      desiredStatus: 'RUNNING',
      lastStatus: 'PROVISIONING',
    }
    tasks.push(task)
    world.changed(task)
    try {
      const containers = await world.run(task, await world.containersOf(task.taskDefinitionArn))
      if (task.lastStatus === 'STOPPING') {
        await containers.stop()
        return hasStopped(task)
      }
      running.set(task, containers)
      task.lastStatus = 'RUNNING'
      task.startedAt = seconds()
      say(`has started 1 tasks: (task ${id}).`)
      world.changed(task)
      containers.firstEnd.then(() => endedByItself(task))
    } catch (error) {
      say(`was unable to start a task: ${String(error)}`)
      hasStopped(task)
      await restPause()
    }
  }

  /** Ends tasks, and waits also for those that were told to end before. */
  const end = async (going: readonly PlayedTask[]): Promise<void> => {
    await Promise.all(going.map((task) => stop(task, 'Scaling activity initiated by deployment')))
    while (going.some(({ lastStatus }) => lastStatus !== 'STOPPED')) await pause(5)
  }

  /** ECS does not wait until they have stopped: they may write for all the time that they have to end. */
  const tellToEnd = (going: readonly PlayedTask[]): void => {
    for (const task of going) void stop(task, 'Scaling activity initiated by deployment')
  }

  const sayNoCapacity = (): void => {
    const isSaid = events.some(
      ({ createdAt, message }) => createdAt >= deployment.createdAt && message.includes('unavailable'),
    )
    if (!isSaid)
      say('was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later.')
  }

  /** One step towards what is wanted; true where another may follow. */
  const step = async (): Promise<boolean> => {
    const isPresent = (task: PlayedTask): boolean =>
      task.deployment === deployment.id && task.desiredStatus === 'RUNNING'
    const isToEnd = isDeleted || isHalted
    const hasPresent = !isToEnd && alive().some(isPresent)
    const going = isToEnd ? alive() : alive().filter((task) => !isPresent(task))
    if (going.length > 0 && (isToEnd || hasPresent)) {
      await end(going)
      return true
    }
    if (wanted.isExclusive) tellToEnd(going)
    if (isToEnd || hasPresent || givenUp === deployment.id) return false
    if (world.hasCapacity(wanted.capacity)) {
      await start()
      return true
    }
    sayNoCapacity()
    return false
  }

  let givenUp: string | undefined
  let checking: Promise<void> | undefined
  let again = false
  const check = (): void => {
    again = true
    checking ??= (async () => {
      while (again) {
        again = false
        while (await step());
      }
    })().finally(() => {
      checking = undefined
      if (again) check()
    })
  }
  check()

  const status = () => {
    if (!isDeleted) return 'ACTIVE' as const
    // It does not wait until they have stopped.
    return alive().every(({ lastStatus }) => lastStatus === 'STOPPING') ? ('INACTIVE' as const) : ('DRAINING' as const)
  }

  return {
    name,
    clusterArn,
    request,
    tasks: () => tasks,
    status,
    update: (next) => {
      wanted = next
      isHalted = false
      deployment = { id: randomUUID(), createdAt: seconds() }
      failures = 0
      check()
    },
    halt: () => {
      isHalted = true
      check()
    },
    delete: () => {
      isDeleted = true
      check()
    },
    giveUp: () => {
      givenUp = deployment.id
      for (const task of alive()) stop(task, 'Task failed container health checks').then(check)
    },
    interrupt: (reason) => {
      for (const task of alive()) stop(task, reason).then(check)
      check()
    },
    describe: () => {
      const present = alive().filter((task) => task.deployment === deployment.id)
      const runningCount = present.filter(({ lastStatus }) => lastStatus === 'RUNNING').length
      return {
        status: status(),
        desiredCount: isHalted ? 0 : 1,
        taskDefinition: wanted.taskDefinition,
        runningCount: alive().filter(({ lastStatus }) => lastStatus === 'RUNNING').length,
        pendingCount: alive().filter(({ lastStatus }) => lastStatus === 'PROVISIONING').length,
        capacityProviderStrategy: [{ capacityProvider: wanted.capacity, weight: 1, base: 0 }],
        events,
        deployments: [
          {
            id: `ecs-svc/${deployment.id}`,
            status: 'PRIMARY',
            taskDefinition: wanted.taskDefinition,
            createdAt: deployment.createdAt,
            rolloutState: givenUp === deployment.id ? 'FAILED' : 'COMPLETED',
            runningCount,
            pendingCount: present.length - runningCount,
          },
        ],
      }
    },
    close: async () => {
      isDeleted = true
      check()
      while (checking !== undefined) await checking
    },
  }
}
