import { ECSClient } from '@aws-sdk/client-ecs'
import { expect, it } from 'vitest'
import { createRateLimit } from '../../../adapters/cells/rate-limit.ts'
import { createFargateRuntime } from '../../../adapters/ecs/fargate-runtime.ts'
import { SitewrightError } from '../../../core/errors.ts'
import { cellSample } from '../../support/cell-sample.ts'
import { newSiteId } from '../../support/probe-launch.ts'
import { playAws } from '../play-aws.ts'

/** A site that runs until its service is changed. The first change is throttled. */
const siteThatRuns = () => {
  const siteId = newSiteId()
  const calls: string[] = []
  const ecs = playAws(new ECSClient({ region: 'eu-central-1' }), (_: object, command) => {
    calls.push(command)
    if (command === 'UpdateServiceCommand' && calls.filter((one) => one === command).length === 1) {
      throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' })
    }
    return { taskArns: [], services: [{ serviceName: siteId, status: 'ACTIVE', desiredCount: 1 }] }
  })
  const runtime = createFargateRuntime({
    ecs,
    cell: cellSample,
    installation: 'test',
    changes: createRateLimit({ perSecond: 5, burst: 5, now: () => 0, pause: async () => undefined }),
    ports: { noteSleep: async (_: string, isAsleep: boolean) => void calls.push(`asleep: ${isAsleep}`) },
  } as never)
  return { siteId, runtime, calls }
}

const superseded = new SitewrightError('OperationSuperseded', 'It was woken.')

it('a site that is woken while its stop waits for its turn is neither stopped nor noted as asleep', async () => {
  const { siteId, runtime, calls } = siteThatRuns()
  let asked = 0
  const stopping = runtime.stop?.({ siteId, cell: 'local' }, async () => {
    asked += 1
    if (asked === 2) throw superseded
  })
  await expect(stopping).rejects.toBe(superseded)
  expect(calls).toEqual(['DescribeServicesCommand', 'UpdateServiceCommand'])
})

it('a site that is woken after its service was changed is not noted as asleep', async () => {
  const { siteId, runtime, calls } = siteThatRuns()
  let asked = 0
  const stopping = runtime.stop?.({ siteId, cell: 'local' }, async () => {
    asked += 1
    if (asked === 3) throw superseded
  })
  await expect(stopping).rejects.toBe(superseded)
  expect(calls.filter((call) => call === 'UpdateServiceCommand')).toHaveLength(2)
  expect(calls).not.toContain('asleep: true')
})
