import { once } from 'node:events'
import { mkdir, mkdtemp } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { DescribeTaskDefinitionCommand, ECSClient } from '@aws-sdk/client-ecs'
import { DescribeAccessPointsCommand, EFSClient } from '@aws-sdk/client-efs'
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm'
import type { SiteId } from '../../../core/ids.ts'
import { type DataHome, homeName } from '../../../core/site/location.ts'
import { clientSettings } from '../client-settings.ts'
import { sayPlayed } from '../say-played.ts'
import { type Answer, type ForwardedCall, failure, json, readCall } from './forwarded-call.ts'
import { type LoneTask, playRunTask } from './played-run-task.ts'
import { type PlayedService, type PlayedTask, playService, type ServiceWorld } from './played-service.ts'
import type { PlayedContainer, RunTask } from './played-task.ts'

/** An "ECS Task State Change", as EventBridge delivers it. */
export interface TaskEvent {
  readonly id: string
  readonly source: 'aws.ecs'
  readonly 'detail-type': 'ECS Task State Change'
  readonly detail: ReturnType<typeof describeTask>
}

export interface PlayedFargate {
  /** Where the SDK finds AWS: what is not played is the emulator's. */
  readonly endpoint: string
  /** The operations that were called, in their order. */
  readonly calls: () => readonly string[]
  readonly tasksOf: (siteId: SiteId) => readonly PlayedTask[]
  /** Those of no service, that ECS still tells of. */
  readonly loneTasks: () => readonly LoneTask[]
  /** As an hour after they have stopped. */
  readonly forgetStoppedTasks: () => void
  /** Where a site's data is on this machine. */
  readonly directoryOf: (home: DataHome) => string
  /** As a retirement or a Spot interruption does. */
  readonly interrupt: (siteId: SiteId, reason?: string) => void
  /** As the circuit breaker does with a service whose tasks keep failing. */
  readonly giveUpOn: (siteId: SiteId) => void
  /** Whether there is room on Spot from now on. */
  readonly setSpot: (isAvailable: boolean) => void
  /** Gives the next task this address, as a VPC gives one again that another task had. */
  readonly placeNextAt: (host: string) => void
  /** From now on tasks that are told to end do not, until what is returned is called. */
  readonly holdEnds: () => () => void
  readonly onTaskEvent: (listener: (event: TaskEvent) => void) => void
  readonly close: () => Promise<void>
}

const describeTask = (task: PlayedTask) => ({
  taskArn: task.taskArn,
  clusterArn: task.clusterArn,
  group: task.group,
  taskDefinitionArn: task.taskDefinitionArn,
  capacityProviderName: task.capacityProviderName,
  launchType: 'FARGATE',
  desiredStatus: task.desiredStatus,
  lastStatus: task.lastStatus,
  createdAt: task.createdAt,
  ...(task.startedAt === undefined ? {} : { startedAt: task.startedAt }),
  ...('overrides' in task ? { overrides: task.overrides } : {}),
  ...('startedBy' in task ? { startedBy: task.startedBy } : {}),
  ...(task.stoppedReason === undefined ? {} : { stoppedReason: task.stoppedReason }),
  ...(task.stopCode === undefined ? {} : { stopCode: task.stopCode, containers: task.containers }),
  attachments:
    task.lastStatus === 'PROVISIONING'
      ? []
      : [
          {
            type: 'ElasticNetworkInterface',
            status: 'ATTACHED',
            details: [
              { name: 'subnetId', value: 'subnet-played' },
              { name: 'privateIPv4Address', value: task.host },
            ],
          },
        ],
})

/** The most that `ListTasks` gives at once here, so that pages are turned with few tasks. */
const pageSize = 2

const short = (arn: unknown): string => String(arn).split('/').at(-1) ?? ''

/** Addresses that this machine has without being told: each worker of the test runner has its own, as their files run side by side. */
let hosts = 0
const nextLoopbackHost = (): string => {
  hosts += 1
  const worker = 64 + (Number(process.env['VITEST_POOL_ID'] ?? 0) % 64)
  return `127.${worker}.${Math.floor(hosts / 250)}.${(hosts % 250) + 1}`
}

/**
 * Stands before the emulator and plays what that does not: services with tasks, which are real processes or containers with
 * addresses of their own, the rules of `CreateService`, and the client token of EFS. Everything else goes through.
 * @param options.root where the sites' data is.
 * @param options.newHost an address that no task has had; of 127.64.0.0/10 unless told.
 */
export const playFargate = async ({
  root,
  run,
  newHost = nextLoopbackHost,
}: {
  readonly root: string
  readonly run: RunTask
  readonly newHost?: () => string
}): Promise<PlayedFargate> => {
  sayPlayed('ECS starts the tasks of services (on this machine, at addresses of its own), ends and replaces them')
  sayPlayed(
    'ECS refuses another service of one name, makes nothing for a used token or a retired task definition; Spot may be full',
  )
  sayPlayed('ECS runs a task that is of no service, one for each client token')
  sayPlayed('EFS makes one access point for one client token, and mounts it (as a directory)')
  const settings = clientSettings()
  const upstream = new URL(settings.endpoint)
  const [ecs, efs, ssm] = [new ECSClient(settings), new EFSClient(settings), new SSMClient(settings)]
  /** By cluster and name the latest, and all that there ever were, whose tasks may still be ending. */
  const services = new Map<string, PlayedService>()
  const everyService: PlayedService[] = []
  /** Of `CreateService`, by cluster; ECS does not say when it forgets one. */
  const usedTokens = new Set<string>()
  const listeners: ((event: TaskEvent) => void)[] = []
  const called: string[] = []
  /** The emulator does not say when a definition was registered; not before this. */
  const begunAt = Date.now() / 1000
  let hasSpot = true
  let forcedHost: string | undefined
  let held: Promise<void> = Promise.resolve()

  const nextHost = (): string => {
    const host = forcedHost ?? newHost()
    forcedHost = undefined
    return host
  }

  const definitionOf = async (arn: string) =>
    (await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: arn }))).taskDefinition

  /** The access point that a definition mounts has to be there, as the mount of a real task would find. */
  const dataOf = async (taskDefinition: string) => {
    const volumes = (await definitionOf(taskDefinition))?.volumes ?? []
    const volume = volumes.find(({ efsVolumeConfiguration }) => efsVolumeConfiguration)
    const mounted = volume?.efsVolumeConfiguration
    if (mounted === undefined) return { dataVolume: '', dataDirectory: await mkdtemp(join(root, 'no-data-')) }
    const AccessPointId = mounted.authorizationConfig?.accessPointId
    const { AccessPoints } = await efs.send(new DescribeAccessPointsCommand({ AccessPointId }))
    const point = AccessPoints?.[0]
    if (point?.FileSystemId !== mounted.fileSystemId) throw new Error('the access point is of another file system')
    return { dataVolume: volume?.name ?? '', dataDirectory: join(root, point?.RootDirectory?.Path ?? 'nowhere') }
  }

  const valueOfSecret = async (arn: string): Promise<string> => {
    const Name = arn.slice(arn.indexOf(':parameter') + ':parameter'.length)
    return (await ssm.send(new GetParameterCommand({ Name, WithDecryption: true }))).Parameter?.Value ?? ''
  }

  const environmentOf = async ({ environment = [], secrets = [] }: PlayedContainer) =>
    Object.fromEntries([
      ...environment.map(({ name, value }) => [name, value] as const),
      ...(await Promise.all(
        secrets.map(async ({ name, valueFrom }) => [name, await valueOfSecret(valueFrom)] as const),
      )),
    ])

  const world: ServiceWorld = {
    containersOf: async (arn) => ((await definitionOf(arn))?.containerDefinitions ?? []) as readonly PlayedContainer[],
    run: async ({ host, taskDefinitionArn }, containers) => {
      const data = await dataOf(taskDefinitionArn)
      await mkdir(data.dataDirectory, { recursive: true, mode: 0o700 })
      const trafficFirst = containers.toSorted((a, b) => (b.portMappings?.length ?? 0) - (a.portMappings?.length ?? 0))
      const running = await run(trafficFirst, { host, ...data, environmentOf })
      return { ...running, stop: () => held.then(running.stop) }
    },
    nextHost,
    hasCapacity: (capacity) => capacity !== 'FARGATE_SPOT' || hasSpot,
    changed: (task) => {
      const event = { id: crypto.randomUUID(), source: 'aws.ecs', 'detail-type': 'ECS Task State Change' } as const
      for (const listen of listeners) listen({ ...event, detail: describeTask(task) })
    },
  }

  const lone = playRunTask(world)
  const runTask = async ({ input }: ForwardedCall): Promise<Answer> => {
    const refused = await refuseRetired(input)
    if (refused !== undefined) return refused
    const [strategy] = (input['capacityProviderStrategy'] ?? []) as { capacityProvider: string }[]
    const task = lone.start({
      clusterArn: String(input['cluster']),
      taskDefinitionArn: String(input['taskDefinition']),
      clientToken: String(input['clientToken']),
      capacity: strategy?.capacityProvider ?? 'FARGATE',
      startedBy: input['startedBy'] as string | undefined,
      overrides: input['overrides'],
    })
    if (task === 'conflict') return failure('ConflictException', 'The token was used with other parameters.')
    return json({ tasks: [describeTask(task)], failures: [] })
  }

  const keyOf = (cluster: unknown, service: unknown): string => `${short(cluster)}/${short(service)}`
  const requestOf = (input: ForwardedCall['input']) => {
    const [strategy] = (input['capacityProviderStrategy'] ?? []) as { capacityProvider: string }[]
    const { maximumPercent } = input['deploymentConfiguration'] as { maximumPercent: number }
    return {
      taskDefinition: String(input['taskDefinition']),
      capacity: strategy?.capacityProvider ?? 'FARGATE',
      isExclusive: maximumPercent === 100,
    }
  }
  const refuseRetired = async (input: ForwardedCall['input']): Promise<Answer | undefined> =>
    (await definitionOf(String(input['taskDefinition'])))?.status === 'ACTIVE'
      ? undefined
      : failure('ClientException', 'TaskDefinition is inactive')

  /** The emulator's answer with what is played written over what it says. */
  const overlaid = ({ body, ...answer }: Answer, change: (parsed: Record<string, unknown>) => object): Answer => ({
    ...answer,
    body: answer.status < 300 ? JSON.stringify(change(JSON.parse(body) as Record<string, unknown>)) : body,
  })
  const describeService = (service: unknown): unknown => {
    const { clusterArn, serviceName } = service as { clusterArn: string; serviceName: string }
    return { ...(service as object), ...services.get(keyOf(clusterArn, serviceName))?.describe() }
  }

  const createService = async ({ input, forward }: ForwardedCall): Promise<Answer> => {
    const refused = await refuseRetired(input)
    if (refused !== undefined) return refused
    // From here to where it is remembered nothing is waited for, so that of two calls at once one is the second.
    const key = keyOf(input['cluster'], input['serviceName'])
    const known = services.get(key)
    if (known?.status() === 'DRAINING') {
      return failure('InvalidParameterException', 'Unable to Start a service that is still Draining.')
    }
    const request = JSON.stringify(input)
    if (known?.status() === 'ACTIVE' && known.request !== request) {
      return failure('InvalidParameterException', 'Creation of service was not idempotent.')
    }
    const token = input['clientToken'] === undefined ? undefined : keyOf(input['cluster'], input['clientToken'])
    // With a token that was used, nothing is made again, also where the service was deleted since.
    const isRepeated = known?.status() === 'ACTIVE' || (token !== undefined && usedTokens.has(token))
    if (token !== undefined) usedTokens.add(token)
    if (!isRepeated) {
      const identity = { name: String(input['serviceName']), clusterArn: String(input['cluster']), request }
      const service = playService(identity, requestOf(input), world)
      services.set(key, service)
      everyService.push(service)
    }
    return overlaid(await forward(), (answer) => ({ service: describeService(answer['service']) }))
  }

  const changeService = async ({ operation, input, forward }: ForwardedCall): Promise<Answer> => {
    const service = services.get(keyOf(input['cluster'], input['service']))
    if (service === undefined) return failure('ServiceNotFoundException', 'Service not found.')
    if (service.status() !== 'ACTIVE') return failure('ServiceNotActiveException', 'Service was not ACTIVE.')
    const isHalt = operation === 'ecs.UpdateService' && input['desiredCount'] === 0
    const isUpdate = operation === 'ecs.UpdateService' && !isHalt
    const refused = isUpdate ? await refuseRetired(input) : undefined
    if (refused !== undefined) return refused
    const answer = await forward()
    if (isHalt) service.halt()
    else if (isUpdate) service.update(requestOf(input))
    else service.delete()
    return overlaid(answer, (said) => ({ service: describeService(said['service']) }))
  }

  const listTasks = ({ input }: ForwardedCall): Answer => {
    const { serviceName, family, startedBy, desiredStatus = 'RUNNING', nextToken = '0' } = input
    const service = services.get(keyOf(input['cluster'], serviceName))
    if (serviceName !== undefined && service?.status() !== 'ACTIVE') {
      return service === undefined
        ? failure('ServiceNotFoundException', 'Service not found.')
        : failure('ServiceNotActiveException', 'Service was not ACTIVE.')
    }
    const asked =
      serviceName === undefined ? [...everyService.flatMap(({ tasks }) => tasks()), ...lone.tasks()] : service!.tasks()
    const found = asked
      .filter(({ clusterArn }) => short(clusterArn) === short(input['cluster']))
      .filter((task) => task.desiredStatus === desiredStatus)
      .filter((task) => startedBy === undefined || ('startedBy' in task && task.startedBy === startedBy))
      .filter((task) => family === undefined || short(task.taskDefinitionArn).split(':')[0] === family)
    const from = Number(nextToken)
    const next = from + pageSize < found.length ? { nextToken: String(from + pageSize) } : {}
    return json({ taskArns: found.slice(from, from + pageSize).map(({ taskArn }) => taskArn), ...next })
  }

  const describeTasks = ({ input }: ForwardedCall): Answer => {
    const asked = input['tasks'] as readonly string[]
    const all = [...everyService.flatMap(({ tasks }) => tasks()), ...lone.tasks()]
    return json({ tasks: all.filter(({ taskArn }) => asked.includes(taskArn)).map(describeTask), failures: [] })
  }

  /** The services that there are; those of the emulator that have ended are none. */
  const listServices = async ({ input, forward }: ForwardedCall): Promise<Answer> =>
    overlaid(await forward(), ({ serviceArns }) => ({
      serviceArns: (serviceArns as readonly string[]).filter(
        (arn) => (services.get(keyOf(input['cluster'], arn))?.status() ?? 'ACTIVE') === 'ACTIVE',
      ),
    }))

  /** One at a time, since the emulator would make one for each of two calls at once. */
  let making: Promise<unknown> = Promise.resolve()
  const createAccessPoint = ({ input, forward }: ForwardedCall): Promise<Answer> => {
    const made = making.then(async () => {
      const FileSystemId = String(input['FileSystemId'])
      const { AccessPoints = [] } = await efs.send(new DescribeAccessPointsCommand({ FileSystemId }))
      const known = AccessPoints.find(({ ClientToken }) => ClientToken === input['ClientToken'])
      if (known === undefined) return forward()
      const { AccessPointId } = known
      return failure(
        'AccessPointAlreadyExists',
        'It exists.',
        { ErrorCode: 'AccessPointAlreadyExists', AccessPointId },
        409,
      )
    })
    making = made.catch(() => undefined)
    return made
  }

  const played: Readonly<Record<string, (call: ForwardedCall) => Answer | Promise<Answer>>> = {
    'ecs.CreateService': createService,
    'ecs.UpdateService': changeService,
    'ecs.DeleteService': changeService,
    'ecs.DescribeServices': async ({ forward }) =>
      overlaid(await forward(), (answer) => ({
        ...answer,
        services: (answer['services'] as readonly unknown[]).map(describeService),
      })),
    'ecs.ListServices': listServices,
    'ecs.RunTask': runTask,
    'ecs.DescribeTaskDefinition': async ({ forward }) =>
      overlaid(await forward(), ({ taskDefinition, ...answer }) => ({
        ...answer,
        taskDefinition: { registeredAt: begunAt, ...(taskDefinition as object) },
      })),
    'ecs.ListTasks': listTasks,
    'ecs.DescribeTasks': describeTasks,
    'elasticfilesystem.POST /2015-02-01/access-points': createAccessPoint,
  }

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const call = await readCall(request, upstream)
    called.push(call.operation)
    const { status, headers, body } = (await played[call.operation]?.(call)) ?? (await call.forward())
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) })
    response.end(body)
  }
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      process.stderr.write(`the played Fargate failed: ${String(error)}\n`)
      response.destroy()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  const of = (siteId: SiteId): readonly PlayedService[] => everyService.filter(({ name }) => name === siteId)
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: () => called,
    tasksOf: (siteId) => of(siteId).flatMap(({ tasks }) => tasks()),
    loneTasks: lone.tasks,
    forgetStoppedTasks: lone.forgetStopped,
    directoryOf: (home) => join(root, 'sites', homeName(home)),
    interrupt: (siteId, reason = 'Your Spot Task was interrupted.') => {
      for (const service of of(siteId)) service.interrupt(reason)
    },
    giveUpOn: (siteId) => {
      for (const service of of(siteId)) service.giveUp()
    },
    setSpot: (isAvailable) => {
      hasSpot = isAvailable
    },
    placeNextAt: (host) => {
      forcedHost = host
    },
    holdEnds: () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      held = promise
      return resolve
    },
    onTaskEvent: (listener) => listeners.push(listener),
    close: async () => {
      await Promise.all([lone.close(), ...everyService.map(({ close }) => close())])
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
      for (const client of [ecs, efs, ssm]) client.destroy()
    },
  }
}
