import { ECSClient, type Service } from '@aws-sdk/client-ecs'
import { expect, test } from 'vitest'
import { createRateLimit } from '../../../adapters/cells/rate-limit.ts'
import { createFargateRuntime } from '../../../adapters/ecs/fargate-runtime.ts'
import { lacksSpot, placementOf } from '../../../adapters/ecs/site-services.ts'
import { forFargate } from '../../aws/support/fargate-launch.ts'
import { cellSample } from '../../support/cell-sample.ts'
import { recordingLog } from '../../support/fixed-ports.ts'
import { newSiteId, probeLaunch } from '../../support/probe-launch.ts'
import { playAws } from '../play-aws.ts'

const deployedAt = new Date('2026-03-01T12:00:00Z')
const afterSeconds = (seconds: number) => new Date(deployedAt.getTime() + seconds * 1000)

const serviceWith = (
  messages: readonly (readonly [seconds: number, message: string])[],
  capacityProvider = 'FARGATE_SPOT',
  deployment: NonNullable<Service['deployments']>[number] = {},
): Service => ({
  deployments: [{ status: 'PRIMARY', createdAt: deployedAt, runningCount: 0, pendingCount: 0, ...deployment }],
  capacityProviderStrategy: [{ capacityProvider, weight: 1 }],
  events: messages
    .map(([seconds, message]) => ({ createdAt: afterSeconds(seconds), message: `(service site) ${message}` }))
    .toSorted((one, other) => Number(other.createdAt) - Number(one.createdAt)),
})

/** What ECS wrote in the accounts of others, and where they told it. */
const refusals = [
  [
    'Capacity is unavailable at this time. Please try again later or in a different availability zone.',
    'https://repost.aws/knowledge-center/ecs-fargate-runtask-capacity',
  ],
  [
    "You've reached the limit on the number of vCPUs you can run concurrently.",
    'https://www.flightcontrol.dev/docs/troubleshooting/concurrent-cpu-limit',
  ],
  [
    "You've reached the limit on the number of spot tasks you can run concurrently.",
    'https://github.com/aws/copilot-cli/issues/2685',
  ],
  [
    "You've reached the limit on the number of tasks you can run concurrently.",
    'https://github.com/wellcomecollection/platform/issues/3875',
  ],
] as const

test.each(refusals)('takes “%s” for a refusal (%s)', (reason) => {
  const message = `was unable to place a task. Reason: ${reason}`
  expect(placementOf(serviceWith([[5, message]]))).toBe('refused')
  expect(lacksSpot(serviceWith([[5, message]]))).toBe(true)
  // ECS retries there, and there is no other capacity.
  expect(lacksSpot(serviceWith([[5, message]], 'FARGATE'))).toBe(false)
})

test('forgets a refusal of an earlier deployment, and one before a task started', () => {
  const message = 'was unable to place a task. Reason: any.'
  expect(placementOf(serviceWith([[-5, message]]))).toBe('pending')
  const late = [9, 'has started 1 tasks: (task 1).'] as const
  expect(placementOf(serviceWith([[5, message], late]))).toBe('pending')
  expect(placementOf(serviceWith([[5, message]], 'FARGATE_SPOT', { pendingCount: 1 }))).toBe('placed')
  expect(placementOf(serviceWith([]))).toBe('pending')
})

/** A cell in which ECS finds no place for any task. */
const fullCell = (capacity: 'FARGATE' | 'FARGATE_SPOT') => {
  const log = recordingLog()
  const sites = [newSiteId(), newSiteId()] as const
  const strategies: unknown[] = []
  const tagged: unknown[] = []
  const refused = serviceWith([[5, 'was unable to place a task. Reason: any.']], capacity)
  const ecs = playAws(
    new ECSClient({ region: 'eu-central-1' }),
    (input: { services?: string[]; capacityProviderStrategy?: object[]; tags?: object[] }, command) => {
      const { services = [], capacityProviderStrategy, tags = [] } = input
      if (capacityProviderStrategy !== undefined) strategies.push(capacityProviderStrategy)
      if (command === 'TagResourceCommand') tagged.push(...tags)
      return {
        taskArns: [],
        serviceArns: sites.map((siteId) => `arn:service/cell/${siteId}`),
        taskDefinitionArns: [],
        taskDefinition: { taskDefinitionArn: 'definition:2' },
        services: services.map((serviceName) => ({
          ...refused,
          serviceName,
          status: 'ACTIVE',
          desiredCount: 1,
          taskDefinition: 'definition:1',
        })),
      }
    },
  )
  const runtime = createFargateRuntime({
    ecs,
    cell: cellSample,
    installation: 'test',
    log,
    changes: createRateLimit({ perSecond: 5, burst: 5, now: () => 0, pause: async () => undefined }),
    storage: { accessPointOf: async () => ({ id: 'fsap-1', arn: 'arn:access-point' }) },
    roles: { ensure: async () => 'arn:role' },
    parameters: { put: async () => ({}) },
    isElsewhere: async () => false,
    ports: {
      claim: async () => 20_000,
      all: async () => new Map(sites.map((siteId) => [siteId, { port: 20_000, isAsleep: false }])),
    },
  } as never)
  return { runtime, sites, strategies, tagged, warned: () => log.lines.map(({ fields }) => fields) }
}

test('says that a site starts on demand because Spot has no place', async () => {
  const { runtime, sites, strategies, warned } = fullCell('FARGATE_SPOT')
  await runtime.start(forFargate(probeLaunch({ siteId: sites[0] })))
  expect(strategies.at(-1)).toMatchObject([{ capacityProvider: 'FARGATE' }])
  expect(warned()).toEqual([{ event: 'task-not-placed', siteId: sites[0], FARGATE_SPOT: 1 }])
})

test.each(['FARGATE', 'FARGATE_SPOT'] as const)(
  'says in one line how many sites wait for a place on %s',
  async (capacity) => {
    const { runtime, warned } = fullCell(capacity)
    await runtime.list()
    expect(warned()).toEqual([{ event: 'task-not-placed', cell: cellSample.name, [capacity]: 2 }])
  },
)

test('tags a service with the plan of the task that it gets next', async () => {
  const { runtime, sites, tagged } = fullCell('FARGATE_SPOT')
  await runtime.start(forFargate(probeLaunch({ siteId: sites[0], interruptible: false })))
  expect(tagged).toContainEqual({ key: 'sitewright:plan', value: 'starter' })
  expect(tagged).toContainEqual({ key: 'sitewright:site', value: sites[0] })
})
