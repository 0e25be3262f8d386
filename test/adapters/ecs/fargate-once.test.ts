import { ECSClient, type Task } from '@aws-sdk/client-ecs'
import { expect, it } from 'vitest'
import { createFargateRuntime } from '../../../adapters/ecs/fargate-runtime.ts'
import type { Launch } from '../../../core/ports/runtime.ts'
import { cellSample } from '../../support/cell-sample.ts'
import { newSiteId, probeLaunch } from '../../support/probe-launch.ts'
import { playAws } from '../play-aws.ts'

const siteId = newSiteId()
const run = { key: 'upgrade-1', command: ['shop', 'migrate'], environment: {}, seconds: 60 }

interface Asked {
  readonly clientToken?: string
  readonly startedBy?: string
  readonly desiredStatus?: string
  readonly family?: string
  readonly task?: string
}

/** A site that sleeps, on an ECS that lists each task late: it leaves a new one out of so many lists of what runs. */
const scene = (listsWithoutIt: number) => {
  const tasks: { readonly task: Task & { readonly taskArn: string }; hiddenFor: number }[] = []
  const stopped: string[] = []
  const listed = ({ family, desiredStatus }: Asked): readonly string[] => {
    if (family !== `test-${siteId}-once`) return []
    const found = tasks.filter(({ task }) => task.desiredStatus === desiredStatus)
    const shown = found.filter(({ hiddenFor }) => hiddenFor <= 0)
    if (desiredStatus === 'RUNNING') for (const one of found) one.hiddenFor -= 1
    return shown.map(({ task }) => task.taskArn)
  }
  const start = (startedBy: string | undefined, hiddenFor = 0): void => {
    const taskArn = `arn:task-${tasks.length}`
    tasks.push({ task: { taskArn, startedBy, lastStatus: 'RUNNING', desiredStatus: 'RUNNING' }, hiddenFor })
  }
  const ecs = playAws(new ECSClient({ region: 'eu-central-1' }), (input: Asked & { tasks?: string[] }, command) => {
    switch (command) {
      case 'RunTaskCommand':
        if (!tasks.some(({ task }) => task.startedBy === input.startedBy)) start(input.startedBy, listsWithoutIt)
        return { failures: [] }
      case 'StopTaskCommand': {
        stopped.push(input.task ?? '')
        tasks.splice(
          tasks.findIndex(({ task }) => task.taskArn === input.task),
          1,
        )
        return {}
      }
      case 'ListTasksCommand':
        return { taskArns: listed(input) }
      case 'DescribeTasksCommand':
        return { tasks: tasks.map(({ task }) => task).filter(({ taskArn }) => input.tasks?.includes(taskArn)) }
      case 'DescribeServicesCommand':
        return { services: [{ serviceName: siteId, status: 'ACTIVE', desiredCount: 0 }] }
      case 'RegisterTaskDefinitionCommand':
        return { taskDefinition: { taskDefinitionArn: 'arn:definition' } }
      default:
        return {}
    }
  })
  const runtime = createFargateRuntime({
    ecs,
    cell: cellSample,
    installation: 'test',
    changes: { run: (call: () => unknown) => call() },
    storage: { accessPointOf: async () => ({ id: 'fsap-own', arn: 'arn:access-point' }) },
    roles: { ensure: async () => 'arn:role' },
    parameters: { put: async () => ({}), putPassing: async () => ({}), removePassing: async () => undefined },
    ports: { claim: async () => 23_456, noteSleep: async () => undefined },
    pollMilliseconds: 1,
    endMilliseconds: 0,
  } as never)
  return { runtime, tasks, stopped, start }
}

const image = `111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop@sha256:${'a'.repeat(64)}`
const size = { cpu: 0.5, memoryMiB: 1024, processes: 64 }
const exclusive = probeLaunch({ siteId, container: { image }, size })
const launches: readonly Launch[] = [
  exclusive,
  { ...exclusive, blueprint: { ...exclusive.blueprint, data: { ...exclusive.blueprint.data, mode: 'shared' } } },
]

// Its look reads one list of what runs. Then it ends others by a list of its own, and waits for their end by one more.
it.each(launches.flatMap((launch) => [1, 2, 3].map((lists) => [launch.blueprint.data.mode, lists, launch] as const)))(
  'a command of a site with %s data that ECS leaves out of %d lists runs on',
  async (_, lists, launch) => {
    const { runtime, tasks, stopped } = scene(lists)
    for (const _time of [1, 2, 3, 4]) expect(await runtime.runOnce(launch, run)).toEqual({ state: 'running' })
    expect(stopped).toEqual([])
    expect(tasks).toHaveLength(1)
  },
)

it.each(launches)('a command of an earlier attempt is ended before another starts', async (launch) => {
  const { runtime, tasks, stopped, start } = scene(0)
  start('an earlier attempt')
  expect(await runtime.runOnce(launch, run)).toEqual({ state: 'running' })
  expect(stopped).toEqual(['arn:task-0'])
  expect(tasks).toHaveLength(1)
})

it('a stop ends the command of a site, too', async () => {
  const { runtime, tasks } = scene(0)
  await runtime.runOnce(exclusive, run)
  await runtime.stop?.({ siteId, cell: 'local' })
  expect(tasks).toEqual([])
})
