import { ECSClient } from '@aws-sdk/client-ecs'
import { playAws } from '../../adapters/play-aws.ts'
import { createAgentCalls } from './agent-calls.ts'
import type { VirtualTime } from './virtual-time.ts'

/** The quotas of a new account, as `[burst, a second]`. Sources: docs/deploy.md, Quotas. */
const quotasOf = (serviceChanges: number) =>
  ({
    serviceChange: [10 * serviceChanges, serviceChanges],
    serviceRead: [100, 20],
    taskRead: [100, 20],
    definitionChange: [20, 1],
    definitionRead: [50, 20],
    FARGATE: [100, 20],
    FARGATE_SPOT: [100, 20],
  }) as const

type Quota = keyof ReturnType<typeof quotasOf>

const quotaOfCommand: Readonly<Record<string, Quota>> = {
  CreateServiceCommand: 'serviceChange',
  UpdateServiceCommand: 'serviceChange',
  DescribeServicesCommand: 'serviceRead',
  ListServicesCommand: 'serviceRead',
  ListTasksCommand: 'taskRead',
  DescribeTasksCommand: 'taskRead',
  RegisterTaskDefinitionCommand: 'definitionChange',
  DeregisterTaskDefinitionCommand: 'definitionChange',
  DescribeTaskDefinitionCommand: 'definitionRead',
  ListTaskDefinitionsCommand: 'definitionRead',
}

type Capacity = 'FARGATE' | 'FARGATE_SPOT'

interface ModelTask {
  readonly taskArn: string
  readonly service: string
  readonly host: string
  readonly startedAt: number
}

interface ModelService {
  readonly name: string
  capacity: Capacity
  taskDefinition: string
  deployedAt: number
  events: { createdAt: Date; message: string }[]
  task: ModelTask | undefined
}

interface Input {
  readonly services?: readonly string[]
  readonly serviceName?: string
  readonly service?: string
  readonly tasks?: readonly string[]
  readonly taskDefinition?: string
  readonly family?: string
  readonly desiredStatus?: string
  readonly familyPrefix?: string
  readonly tags?: readonly object[]
  readonly capacityProviderStrategy?: readonly { readonly capacityProvider: Capacity }[]
  readonly nextToken?: string
  readonly maxResults?: number
}

const latencyMilliseconds = 80

const refusal = (name: string, message: string): Error => Object.assign(new Error(message), { name })

/**
 * ECS with its quotas, in virtual time: a call too many is refused, and tasks start at Fargate's rate, each after 30–60 s.
 * @param options.begin the wall clock's time at the start, in milliseconds.
 * @param options.onTask told of each task that runs or ends.
 */
export const createEcsModel = ({
  time,
  begin,
  serviceChanges,
  integer,
  onTask,
  tasks: { containers, bootSeconds },
}: {
  readonly time: VirtualTime
  readonly begin: number
  readonly serviceChanges: number
  readonly integer: (limit: number) => number
  readonly onTask: (detail: object) => void
  /** The containers of each, with the helper, and the time to its first answer; up to six seconds more. */
  readonly tasks: { readonly containers: number; readonly bootSeconds: number }
}) => {
  const quotas = quotasOf(serviceChanges)
  const agentCalls = createAgentCalls(time)
  const buckets = new Map<Quota, { tokens: number; at: number }>()
  const services = new Map<string, ModelService>()
  const tasks = new Map<string, ModelTask>()
  /** From when on each running task answers, by its host. */
  const answersFrom = new Map<string, number>()
  const definitions = new Map<string, { readonly arn: string; readonly tags: readonly object[] }>()
  const calls = new Map<string, number>()
  const waiting: Record<Capacity, ModelService[]> = { FARGATE: [], FARGATE_SPOT: [] }
  /** Services that somebody deleted. Their tasks are shown as stopped for an hour. */
  const deleted = new Map<string, ModelService>()
  const throttled: string[] = []
  let isRunning = false
  let spotPlaces = Number.POSITIVE_INFINITY
  let made = 0

  const wall = (): Date => new Date(begin + time.now())

  const take = (quota: Quota): boolean => {
    const [burst, perSecond] = quotas[quota]
    const bucket = buckets.get(quota) ?? { tokens: burst, at: time.now() }
    buckets.set(quota, bucket)
    bucket.tokens = Math.min(burst, bucket.tokens + ((time.now() - bucket.at) / 1000) * perSecond)
    bucket.at = time.now()
    if (bucket.tokens < 1) return false
    bucket.tokens -= 1
    return true
  }

  const detailOf = ({ service, host }: ModelTask, desiredStatus: 'RUNNING' | 'STOPPED') => ({
    clusterArn: 'cluster',
    group: `service:${service}`,
    desiredStatus,
    lastStatus: desiredStatus,
    attachments: [{ details: [{ name: 'privateIPv4Address', value: host }] }],
  })

  const launch = async (service: ModelService): Promise<void> => {
    const { deployedAt } = service
    if (isRunning) {
      await time.pause(30_000 + integer(30_000))
      await agentCalls(containers)
    }
    if (services.get(service.name) !== service || service.deployedAt !== deployedAt || service.task !== undefined)
      return
    made += 1
    const host = `10.${1 + (made >> 16)}.${(made >> 8) & 255}.${made & 255}`
    const task = { taskArn: `task/${made}`, service: service.name, host, startedAt: begin + time.now() }
    answersFrom.set(host, time.now() + (isRunning ? 1000 * bootSeconds + integer(6000) : 0))
    service.task = task
    tasks.set(task.taskArn, task)
    service.events.unshift({ createdAt: wall(), message: `(service ${service.name}) has started 1 tasks.` })
    if (isRunning) onTask(detailOf(task, 'RUNNING'))
  }

  const place = (service: ModelService): void => {
    if (service.capacity === 'FARGATE_SPOT' && spotPlaces <= 0) {
      service.events.unshift({
        createdAt: wall(),
        message: 'was unable to place a task. Reason: Capacity is unavailable at this time.',
      })
      return
    }
    if (service.capacity === 'FARGATE_SPOT') spotPlaces -= 1
    if (isRunning) waiting[service.capacity].push(service)
    else void launch(service)
  }

  const schedule = async (): Promise<void> => {
    for (;;) {
      for (const capacity of ['FARGATE', 'FARGATE_SPOT'] as const) {
        while (waiting[capacity].length > 0 && take(capacity)) void launch(waiting[capacity].shift()!)
      }
      await time.pause(100)
    }
  }

  const described = (service: ModelService) => ({
    serviceName: service.name,
    status: 'ACTIVE',
    desiredCount: 1,
    taskDefinition: service.taskDefinition,
    capacityProviderStrategy: [{ capacityProvider: service.capacity }],
    events: service.events,
    deployments: [
      {
        status: 'PRIMARY',
        createdAt: new Date(service.deployedAt),
        runningCount: service.task === undefined ? 0 : 1,
        pendingCount: 0,
      },
    ],
  })

  const page = (all: readonly string[], { nextToken = '0', maxResults = 100 }: Input) => {
    const next = Number(nextToken) + maxResults
    return { items: all.slice(Number(nextToken), next), ...(next < all.length ? { nextToken: String(next) } : {}) }
  }

  const capacityOf = ({ capacityProviderStrategy }: Input): Capacity =>
    capacityProviderStrategy?.[0]?.capacityProvider ?? 'FARGATE'

  const answers: Readonly<Record<string, (input: Input) => object>> = {
    ListServicesCommand: (input) => {
      const { items, ...more } = page([...services.keys()], input)
      return { serviceArns: items, ...more }
    },
    DescribeServicesCommand: ({ services: names = [] }) => ({
      services: names.flatMap((name) => {
        const [service, gone] = [services.get(name), deleted.get(name)]
        if (service !== undefined) return described(service)
        return gone === undefined ? [] : { ...described(gone), status: 'INACTIVE', desiredCount: 0 }
      }),
      failures: [],
    }),
    CreateServiceCommand: (input) => {
      const { serviceName: name = '', taskDefinition = '' } = input
      if (services.has(name)) throw refusal('InvalidParameterException', 'Creation of service was not idempotent.')
      const capacity = capacityOf(input)
      const service = { name, taskDefinition, capacity, deployedAt: wall().getTime(), events: [], task: undefined }
      services.set(name, service)
      place(service)
      return {}
    },
    UpdateServiceCommand: (input) => {
      const service = services.get(input.service ?? '')
      if (service === undefined) throw refusal('ServiceNotFoundException', 'Service not found.')
      Object.assign(service, { capacity: capacityOf(input), deployedAt: wall().getTime() })
      service.taskDefinition = input.taskDefinition ?? service.taskDefinition
      place(service)
      return {}
    },
    ListTasksCommand: (input) => {
      const { family, desiredStatus } = input
      if (family !== undefined) return { taskArns: desiredStatus === 'STOPPED' ? ['task/stopped'] : [] }
      const { items, ...more } = page([...tasks.keys()], input)
      return { taskArns: items, ...more }
    },
    DescribeTasksCommand: ({ tasks: arns = [] }) => ({
      tasks: arns
        .flatMap((arn) => tasks.get(arn) ?? [])
        .map((task) => ({ ...detailOf(task, 'RUNNING'), taskArn: task.taskArn, startedAt: new Date(task.startedAt) })),
    }),
    DescribeTaskDefinitionCommand: ({ taskDefinition = '' }) => {
      const found = definitions.get(taskDefinition.replace(/:1$/, ''))
      if (found === undefined) throw refusal('ClientException', 'Unable to describe task definition.')
      return { taskDefinition: { taskDefinitionArn: found.arn, status: 'ACTIVE' }, tags: found.tags }
    },
    RegisterTaskDefinitionCommand: ({ family = '', tags = [] }) => {
      const arn = `${family}:1`
      definitions.set(family, { arn, tags })
      return { taskDefinition: { taskDefinitionArn: arn } }
    },
    ListTaskDefinitionsCommand: ({ familyPrefix = '' }) => ({
      taskDefinitionArns: [definitions.get(familyPrefix)?.arn].filter((arn) => arn !== undefined),
    }),
  }

  return {
    client: playAws(new ECSClient({ region: 'eu-central-1' }), async (input: Input, command) => {
      const [quota, answer] = [quotaOfCommand[command], answers[command]]
      if (quota === undefined || answer === undefined) throw new Error(`the model of ECS does not know ${command}`)
      if (isRunning) {
        calls.set(command, (calls.get(command) ?? 0) + 1)
        if (!take(quota)) {
          throttled.push(command)
          throw refusal('ThrottlingException', 'Rate exceeded')
        }
        await time.pause(latencyMilliseconds)
      }
      return answer(input)
    }),
    /** From now on calls and launches take their time and count. */
    run: (): void => {
      isRunning = true
      void schedule()
    },
    /** All tasks end at once. ECS starts the next ones. */
    endTasks: (): void => {
      for (const service of services.values()) {
        const { task } = service
        service.task = undefined
        if (task !== undefined) onTask(detailOf(task, 'STOPPED'))
        place(service)
      }
      tasks.clear()
      answersFrom.clear()
    },
    /** Somebody has deleted all services. */
    deleteServices: (): void => {
      for (const service of services.values()) {
        if (service.task !== undefined) onTask(detailOf(service.task, 'STOPPED'))
        deleted.set(service.name, service)
      }
      services.clear()
      tasks.clear()
      answersFrom.clear()
    },
    limitSpot: (places: number): void => {
      spotPlaces = places
    },
    /** Whether a site's task answers at this address. */
    answersAt: (host: string): boolean => (answersFrom.get(host) ?? Number.POSITIVE_INFINITY) <= time.now(),
    isRunning: (): boolean => isRunning,
    calls: (): ReadonlyMap<string, number> => calls,
    throttled: (): readonly string[] => throttled,
  }
}
