import { CloudWatchLogsClient, ResourceNotFoundException } from '@aws-sdk/client-cloudwatch-logs'
import type { Task } from '@aws-sdk/client-ecs'
import { expect, test } from 'vitest'
import { createTaskObserver, createTaskOutput } from '../../../adapters/ecs/task-observation.ts'
import { diagnose } from '../../../lambdas/sites/evidence/diagnose.ts'
import { newSiteId, probeLaunch } from '../../support/probe-launch.ts'
import { playAws } from '../play-aws.ts'

const siteId = newSiteId()
const port = 10_123

/** As ECS describes a task that stopped, shortened: by an essential container unless told. */
const stopped = (index: number, containers: Task['containers'], more: Partial<Task> = {}): Task => ({
  taskArn: `arn:aws:ecs:eu-central-1:111122223333:task/cell/stopped${index}`,
  createdAt: new Date(Date.UTC(2026, 0, 1, 0, index)),
  lastStatus: 'STOPPED',
  stopCode: 'EssentialContainerExited',
  stoppedReason: 'Essential container in task exited',
  ...(containers === undefined ? {} : { containers }),
  ...more,
})

const running: Task = {
  taskArn: 'arn:aws:ecs:eu-central-1:111122223333:task/cell/running',
  createdAt: new Date(Date.UTC(2026, 0, 2)),
  lastStatus: 'RUNNING',
  containers: [{ name: 'web', lastStatus: 'RUNNING' }],
}

interface Observed {
  readonly ended?: readonly Task[]
  readonly output?: Record<string, string[]>
  readonly latest?: Partial<Task>
}

/** An observer of these tasks; `output` is by the name of its stream. */
const observe = ({ ended = [], output = {}, latest = {} }: Observed) => {
  const asked: string[] = []
  const logs = playAws(new CloudWatchLogsClient({ region: 'eu-central-1' }), (input: { logStreamName: string }) => {
    const lines = output[input.logStreamName]
    if (lines === undefined) throw new ResourceNotFoundException({ message: 'no stream', $metadata: {} })
    return { events: lines.map((message) => ({ message })) }
  })
  const tasks = {
    ofFamily: async (family: string, status: string) => {
      asked.push(`${family} ${status}`)
      if (family.endsWith('-once')) return []
      return status === 'STOPPED' ? ended : [{ ...running, ...latest }]
    },
  }
  const ports = { portOf: async () => port }
  const printed = createTaskOutput(logs, '/sites')
  const families = { familyOf: (id: string) => `stage-${id}`, commandFamilyOf: (id: string) => `stage-${id}-once` }
  return { asked, ...createTaskObserver({ output: printed, tasks, ...families, ports }) }
}

test('a task that ends again and again is a crash with exit code and last lines', async () => {
  const observer = observe({
    ended: [1, 2, 3].map((index) => stopped(index, [{ name: 'web', exitCode: 1 }])),
    output: { [`${siteId}/web/stopped3`]: ['starting', 'boom'], [`${siteId}/web/running`]: ['starting'] },
  })
  expect(await observer.countEnds({ siteId, cell: 'local' })).toBe(3)
  const seen = await observer.observe({ siteId, cell: 'local' })
  expect(seen).toEqual({
    port,
    containers: [
      {
        name: 'web',
        isRunning: true,
        ends: 3,
        lastEnd: { exitCode: 1, reason: 'Essential container in task exited' },
        lines: ['starting', 'boom', 'starting'],
      },
    ],
  })
  expect(diagnose(seen, undefined, { healthPath: '/' })).toMatchObject({ cause: 'crash' })
})

test('a container that ended for its memory is a limit', async () => {
  const reason = 'OutOfMemoryError: Container killed due to memory usage'
  const { observe: check } = observe({
    ended: [1, 2, 3].map((at) => stopped(at, [{ name: 'web', exitCode: 137, reason }])),
  })
  expect(diagnose(await check({ siteId, cell: 'local' }), undefined, { healthPath: '/' })).toMatchObject({
    cause: 'limit',
  })
})

test('the containers that ECS ends beside the one that ended do not count, nor do tasks that ECS ends', async () => {
  const both = [
    { name: 'web', exitCode: 143 },
    { name: 'worker', exitCode: 2 },
  ]
  const withdrawn = stopped(3, [{ name: 'web', exitCode: 143 }], { stopCode: 'SpotInterruption' })
  const observer = observe({ ended: [stopped(1, both), withdrawn] })
  expect(await observer.countEnds({ siteId, cell: 'local' })).toBe(1)
  expect((await observer.observe({ siteId, cell: 'local' }))?.containers).toMatchObject([{ name: 'web', ends: 0 }])
})

test('ends of a command and of an earlier version do not count as ends of what was started last', async () => {
  const crash = [{ name: 'web', exitCode: 1 }]
  const observer = observe({
    ended: [
      stopped(1, crash, { startedBy: 'ecs-svc/1' }),
      stopped(2, [{ name: 'web', exitCode: 0 }], { startedBy: 'a-command' }),
    ],
    latest: { startedBy: 'ecs-svc/2' },
  })
  expect((await observer.observe({ siteId, cell: 'local' }))?.containers).toMatchObject([{ name: 'web', ends: 0 }])
  const crashed = observe({
    ended: [stopped(1, crash, { startedBy: 'ecs-svc/1' }), stopped(3, crash, { startedBy: 'ecs-svc/2' })],
    latest: { startedBy: 'ecs-svc/2' },
  })
  expect((await crashed.observe({ siteId, cell: 'local' }))?.containers).toMatchObject([{ name: 'web', ends: 1 }])
})

test('ends before a launch began are those of a former one', async () => {
  const observer = observe({ ended: [1, 2, 3].map((index) => stopped(index, [{ name: 'web', exitCode: 1 }])) })
  const since = '2026-01-01T00:02:00.000Z'
  const count = (of: { since: string }) =>
    observer.countEnds({ siteId, cell: 'local' }, { launch: probeLaunch({ siteId }), ...of })
  expect(await count({ since })).toBe(2)
  expect(await count({ since: '2026-01-01T00:03:00.001Z' })).toBe(0)
})

test('a count is some seconds old rather than two calls each time', async () => {
  const observer = observe({})
  for (let check = 0; check < 5; check += 1) expect(await observer.countEnds({ siteId, cell: 'local' })).toBe(0)
  expect(observer.asked).toEqual([`stage-${siteId} STOPPED`])
})

test('an image that ECS cannot pull counts as an end, with the words of ECS', async () => {
  const reason = 'CannotPullContainerError: failed to resolve ref example/shop:1: not found'
  const observer = observe({
    ended: [1, 2, 3].map((index) =>
      stopped(index, [{ name: 'web', reason }, { name: 'port' }], { stopCode: 'TaskFailedToStart' }),
    ),
  })
  expect(await observer.countEnds({ siteId, cell: 'local' })).toBe(3)
  const seen = await observer.observe({ siteId, cell: 'local' })
  expect(seen?.containers[0]).toMatchObject({ name: 'web', ends: 3, lastEnd: { reason } })
  const stoppedOnly = seen && { ...seen, containers: seen.containers.map((one) => ({ ...one, isRunning: false })) }
  expect(diagnose(stoppedOnly, undefined, { healthPath: '/' })).toEqual({ cause: 'image', detail: `'web': ${reason}` })
})
