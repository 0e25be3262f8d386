import { ClientException, ECSClient } from '@aws-sdk/client-ecs'
import { expect, test } from 'vitest'
import { createFargateRuntime } from '../../../adapters/ecs/fargate-runtime.ts'
import { createSiteCheck, runTask } from '../../../adapters/ecs/site-tasks.ts'
import { taskSizeOf } from '../../../adapters/ecs/task-definition.ts'
import { createTaskNewsReader } from '../../../adapters/ecs/task-observation.ts'
import { cellSample } from '../../support/cell-sample.ts'
import { newSiteId, probeLaunch } from '../../support/probe-launch.ts'
import { playAws } from '../play-aws.ts'

const siteId = newSiteId()
const port = 23_456
const read = createTaskNewsReader({ all: async () => [cellSample] }, (cell) => ({
  portOf: async (site) => (cell === 'blue' && site === siteId ? port : undefined),
}))

/** As the ECS Developer Guide shows it, shortened. */
const change = (changes: object = {}) => ({
  attachments: [
    {
      id: '1789bcae-ddfb-4d10-8ebe-8ac87ddba5b8',
      type: 'eni',
      status: 'ATTACHED',
      details: [
        { name: 'subnetId', value: 'subnet-abcd1234' },
        { name: 'networkInterfaceId', value: 'eni-abcd1234' },
        { name: 'privateIPv4Address', value: '10.1.2.3' },
      ],
    },
  ],
  clusterArn: cellSample.clusterArn,
  desiredStatus: 'RUNNING',
  group: `service:${siteId}`,
  lastStatus: 'RUNNING',
  launchType: 'FARGATE',
  version: 3,
  ...changes,
})

const endpoint = { host: '10.1.2.3', port }

test('a task that runs is news of where it listens', async () => {
  expect(await read(change())).toEqual({ siteId, cell: cellSample.name, isEnding: false, endpoint })
})

test.each(['RUNNING', 'DEACTIVATING', 'STOPPING', 'STOPPED'])(
  'a task that has been told to stop ends, though it is %s still',
  async (lastStatus) => {
    expect(await read(change({ desiredStatus: 'STOPPED', lastStatus }))).toEqual({
      siteId,
      cell: cellSample.name,
      isEnding: true,
      endpoint,
    })
  },
)

test('a task that ends before it had an address is news without one', async () => {
  expect(await read(change({ desiredStatus: 'STOPPED', attachments: [] }))).toEqual({
    siteId,
    cell: cellSample.name,
    isEnding: true,
  })
})

test('a site that no longer has a port has no address either', async () => {
  const other = newSiteId()
  expect(await read(change({ group: `service:${other}` }))).toEqual({
    siteId: other,
    cell: cellSample.name,
    isEnding: false,
  })
})

test.each([
  ['a task that comes up', change({ lastStatus: 'PENDING' })],
  ['a task of another installation', change({ clusterArn: `${cellSample.clusterArn}-other` })],
  ['a task of another service', change({ group: 'service:router' })],
  ['a task of no service', change({ group: 'family:sitewright' })],
  ['something without a group', { clusterArn: cellSample.clusterArn }],
  ['nothing', undefined],
])('%s is no news', async (_, detail) => {
  expect(await read(detail)).toBeUndefined()
})

test('an event of a site that is not as ECS describes it is an error, and not lost', async () => {
  await expect(read({ group: `service:${siteId}` })).rejects.toThrow('clusterArn')
})

const checkOf = (tasks: readonly object[]) => {
  const asked: object[] = []
  const ecs = playAws(new ECSClient({ region: 'eu-central-1' }), (input) => {
    asked.push(input)
    return 'tasks' in input ? { tasks } : { taskArns: tasks.map(() => 'arn:a-task') }
  })
  const cells = { describe: async () => cellSample }
  return { check: createSiteCheck(ecs, cells), asked }
}

test('a site runs while its service has a running task in the cell that is asked', async () => {
  const { check, asked } = checkOf([change()])
  expect(await check.isRunning({ siteId, cell: 'local' })).toBe(true)
  expect(asked[0]).toMatchObject({ cluster: cellSample.clusterArn, serviceName: siteId, desiredStatus: 'RUNNING' })
})

test.each([[[]], [[change({ desiredStatus: 'STOPPED' })]]])(
  'a site without a running task does not run',
  async (tasks) => {
    expect(await checkOf(tasks).check.isRunning({ siteId, cell: 'local' })).toBe(false)
  },
)

test('a task that its service lets end is not found by a launch, although it runs still', async () => {
  const launch = probeLaunch()
  const service = { status: 'ACTIVE', desiredCount: 1, taskDefinition: 'site:1' }
  const task = { ...change(), taskArn: 'task/1', taskDefinitionArn: 'site:1', group: `service:${launch.siteId}` }
  const answers: Readonly<Record<string, () => object>> = {
    DescribeServicesCommand: () => ({ services: [service] }),
    DescribeTaskDefinitionCommand: () => ({
      taskDefinition: { taskDefinitionArn: 'site:1', ...taskSizeOf(launch.size) },
    }),
    ListTasksCommand: () => ({ taskArns: ['task/1'] }),
    DescribeTasksCommand: () => ({ tasks: [{ ...task, startedAt: new Date() }] }),
  }
  const ecs = playAws(new ECSClient({ region: 'eu-central-1' }), (_, name) => answers[name]?.() ?? {})
  const ports = { portOf: async () => port }
  const runtime = createFargateRuntime({ ecs, cell: cellSample, installation: 'test', ports } as never)
  expect(await runtime.locate(launch, launch)).toEqual(endpoint)
  service.desiredCount = 0
  expect(await runtime.locate(launch, launch)).toBeUndefined()
})

test.each(['ECS was unable to assume the role', 'not authorized to perform: iam:PassRole'])(
  'a task is started once all of IAM knows its role: %s',
  async (message) => {
    const asked: unknown[] = []
    const ecs = playAws(new ECSClient({ region: 'eu-central-1' }), (input) => {
      asked.push(input)
      if (asked.length < 3) throw new ClientException({ message, $metadata: {} })
      return { tasks: [{}] }
    })
    const input = { cluster: 'a', taskDefinition: 'b', clientToken: 'c' }
    await runTask(ecs, 'a job', input, 0)
    expect(asked).toHaveLength(3)
    const never = playAws(new ECSClient({ region: 'eu-central-1' }), () => {
      throw new ClientException({ message, $metadata: {} })
    })
    await expect(runTask(never, 'a job', input, 0)).rejects.toThrow(message)
  },
)
