import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { toInstant } from '../../../core/instant.ts'
import type { BuildingSite } from '../../../core/site/site.ts'
import { runTriggers } from '../../../lambdas/_runtime/run-triggers.ts'
import { awaitSite as definition } from '../../../lambdas/sites/build/functions.ts'
import { lambdaContext } from '../../../local/loaded-function.ts'

const siteId = 'site_01jq3v5k8m0000000000000000'
const start = '2026-01-31T09:30:00.000Z'

const site: BuildingSite = {
  schemaVersion: 1,
  id: siteId,
  version: 3,
  status: 'building',
  cell: 'local',
  plan: 'trial',
  blueprint: { name: 'welcome', version: 1 },
  policyVersion: 1,
  createdAt: start,
  generation: 1,
  completedSteps: [
    { name: 'storage', at: start },
    { name: 'start', at: start },
  ],
  operation: { id: `provision-site-${siteId}-1`, kind: 'provision', fence: 2, startedAt: start, launchedAt: start },
}

/** The task over a site that is well at the given look, with a clock that starts so many seconds after the launch. */
const awaitSite = async ({
  wellAtCheck,
  pollMilliseconds = 1,
  secondsAfterLaunch = 1,
  fence = 2,
  checkTakesMilliseconds = 0,
}: {
  wellAtCheck: number
  pollMilliseconds?: number
  secondsAfterLaunch?: number
  fence?: number
  checkTakesMilliseconds?: number
}) => {
  let checks = 0
  let passed = 0
  const committed: string[] = []
  const said: string[] = []
  const clock = () => toInstant(new Date(Date.parse(start) + secondsAfterLaunch * 1000))
  const ports = {
    sites: {
      get: async () => site,
      commit: async (change: { event: { data: { step?: string } } }) => {
        committed.push(change.event.data.step ?? '')
        return { done: true }
      },
    },
    pause,
    runtime: { locate: async () => ({ host: '127.0.0.1', port: 4321 }), countEnds: async () => 0 },
    probe: {
      isHealthy: async () => {
        checks += 1
        passed += checkTakesMilliseconds
        return checks >= wellAtCheck
      },
    },
    blueprints: {
      get: async () => ({ containers: [], traffic: { container: 'web', healthPath: '/', startSeconds: 60 } }),
    },
    plans: { find: () => ({ size: {} }) },
    clocks: { domain: clock, wall: clock },
    randomness: { id: (prefix: string) => `${prefix}_01jq3v5k8m0000000000000000` },
    log: { info: (_: object, message: string) => void said.push(message) },
    pollMilliseconds,
    placementSeconds: 0,
    monotonic: () => passed,
  } as unknown as Parameters<typeof runTriggers<(typeof definition)['uses'][number]>>[1]
  const handler = await runTriggers(definition, ports)
  const call = { task: 'AwaitSite', input: { siteId, operationId: site.operation.id, fence } }
  const error: unknown = await handler(call, lambdaContext('await-site', 20)).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return { error, said, committed, checks: () => checks, passed: () => passed }
}

it('polls and records the address of the site', async () => {
  const { error, committed, checks } = await awaitSite({ wellAtCheck: 4 })
  expect(error).toBeUndefined()
  expect(checks()).toBe(4)
  expect(committed).toEqual(['ready'])
})

it('fails with the error that the state machine retries, which is no failed task', async () => {
  const { error, said } = await awaitSite({ wellAtCheck: 9, pollMilliseconds: 5000 })
  expect(error).toMatchObject({ name: 'SiteNotReady' })
  expect(said).toEqual([])
})

it('limits the time, not the number of checks', async () => {
  const { error, passed } = await awaitSite({ wellAtCheck: 100, checkTakesMilliseconds: 1500 })
  expect(error).toMatchObject({ name: 'SiteNotReady' })
  expect(passed()).toBeGreaterThanOrEqual(5000)
  expect(passed()).toBeLessThan(7000)
})

it('fails the build once the start time has passed', async () => {
  const { error, said, checks } = await awaitSite({ wellAtCheck: 9, secondsAfterLaunch: 61 })
  expect(error).toMatchObject({ name: 'LaunchFailed' })
  expect(said).toContain('a task failed')
  expect(checks()).toBe(1)
})

it('changes nothing for a superseded attempt', async () => {
  const { error, committed, checks } = await awaitSite({ wellAtCheck: 1, fence: 1 })
  expect(error).toMatchObject({ name: 'OperationSuperseded' })
  expect(committed).toEqual([])
  expect(checks()).toBe(0)
})
