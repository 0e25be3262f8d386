import { ECSClient } from '@aws-sdk/client-ecs'
import { expect, test } from 'vitest'
import { createFargateRuntime } from '../../../adapters/ecs/fargate-runtime.ts'
import type { SiteId } from '../../../core/ids.ts'
import { cellSample } from '../../support/cell-sample.ts'
import { newSiteId } from '../../support/probe-launch.ts'
import { playAws } from '../play-aws.ts'

/** A cell of sites that sleep and two that are down, one of them told to have no task. */
const cell = () => {
  const sleepers = Array.from({ length: 500 }, newSiteId)
  const [down, halted, forgotten] = [newSiteId(), newSiteId(), newSiteId()]
  const calls: string[] = []
  const described: string[] = []
  const ecs = playAws(
    new ECSClient({ region: 'eu-central-1' }),
    ({ services = [] }: { services?: string[] }, command) => {
      calls.push(command)
      if (command === 'ListServicesCommand') {
        return { serviceArns: [...sleepers, down, halted, forgotten].map((siteId) => `arn:service/cell/${siteId}`) }
      }
      described.push(...services)
      return {
        taskArns: [],
        services: services.map((serviceName) => ({
          serviceName,
          status: 'ACTIVE',
          desiredCount: serviceName === halted ? 0 : 1,
        })),
      }
    },
  )
  const held = (siteIds: readonly SiteId[], isAsleep: boolean) =>
    siteIds.map((siteId, index) => [siteId, { port: 20_000 + index, isAsleep }] as const)
  const runtime = createFargateRuntime({
    ecs,
    cell: cellSample,
    ports: { all: async () => new Map([...held(sleepers, true), ...held([down, halted], false)]) },
  } as never)
  return { runtime, calls, described, sleepers, down, halted, forgotten }
}

test('describes what should have a task, and none of the sites that sleep', async () => {
  const { runtime, calls, described, sleepers, down, halted } = cell()
  const listed = new Map((await runtime.list()).map(({ siteId, state }) => [siteId, state]))
  expect(calls).toEqual(['ListTasksCommand', 'DescribeServicesCommand'])
  expect(described).toEqual([down, halted])
  expect([listed.get(down), listed.get(halted), listed.get(sleepers[0]!)]).toEqual(['starting', 'asleep', 'asleep'])
  expect(listed.size).toBe(502)
})

test('finds a service that no note names if it is to be thorough', async () => {
  const { runtime, forgotten } = cell()
  expect(await runtime.list({ isThorough: true })).toContainEqual({
    siteId: forgotten,
    cell: cellSample.name,
    state: 'stopped',
  })
  expect(await runtime.list()).not.toContainEqual({ siteId: forgotten, cell: cellSample.name, state: 'stopped' })
})
