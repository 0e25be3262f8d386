import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import { EFSClient } from '@aws-sdk/client-efs'
import { IAMClient } from '@aws-sdk/client-iam'
import { SSMClient } from '@aws-sdk/client-ssm'
import { describe, expect, it } from 'vitest'
import { createFargateCell } from '../../adapters/cells/every-cell.ts'
import { limitServiceChanges } from '../../adapters/cells/rate-limit.ts'
import { createTaskNewsReader } from '../../adapters/ecs/task-observation.ts'
import { parseBlueprint } from '../../core/blueprint/blueprint.ts'
import type { SiteId } from '../../core/ids.ts'
import { planCatalogue } from '../../core/plan/plan-catalogue.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import type { ActiveSite, Site } from '../../core/site/site.ts'
import { reservedOf, usualConcurrency } from '../../lambdas/manifest.ts'
import { awaitSite } from '../../lambdas/sites/build/functions.ts'
import { followTask, type TaskNews } from '../../lambdas/sites/run/follow-task.ts'
import { launchOf } from '../../lambdas/sites/run/prepare-launch.ts'
import { reconcileSites } from '../../lambdas/sites/run/reconcile-sites.ts'
import { playAws } from '../adapters/play-aws.ts'
import { cellSample } from '../support/cell-sample.ts'
import { recordingLog } from '../support/fixed-ports.ts'
import { plainSecrets } from '../support/plain-secrets.ts'
import { plans as samplePlans } from '../support/provisioning.ts'
import { createEcsModel } from '../support/simulation/ecs-model.ts'
import { seededInteger, seededRandomness } from '../support/simulation/seeded.ts'
import { createVirtualTime } from '../support/simulation/virtual-time.ts'
import { siteSamples } from '../support/site-samples.ts'

const siteCount = 5000
const minute = 60_000
const begin = Date.UTC(2026, 2, 1, 12)

const blueprint = parseBlueprint(
  {
    name: 'welcome',
    version: 1,
    title: 'Welcome',
    containers: [{ name: 'web', image: `welcome@sha256:${'d'.repeat(64)}`, secrets: ['SESSION_KEY'] }],
    traffic: { container: 'web', healthPath: '/healthz', startSeconds: 30 },
    data: { mode: 'exclusive' },
  },
  'welcome.yaml',
)

const plans = planCatalogue(
  samplePlans.plans.map((plan) => ({ ...plan, size: { ...plan.size, cpu: 0.5, memoryMiB: 1024 } })),
)

/** Sites in memory: the store's own speed is measured elsewhere. */
const memorySites = (all: readonly ActiveSite[]) => {
  const sites = new Map<SiteId, Site>(all.map((site) => [site.id, site]))
  const store = {
    get: async (id: SiteId) => sites.get(id),
    listByStatus: async function* (status: Site['status']) {
      for (const site of sites.values()) if (site.status === status) yield site
    },
    commit: async ({ after }: { readonly after: Site }) => {
      const isNext = sites.get(after.id)?.version === after.version - 1
      if (isNext) sites.set(after.id, after)
      return isNext ? { done: true } : { done: false, obstacle: 'version' }
    },
  }
  return { sites, store: store as unknown as SiteStore }
}

const memoryPorts = () => {
  const ports = new Map<SiteId, number>()
  return {
    portOf: async (siteId: SiteId) => ports.get(siteId),
    claim: async (siteId: SiteId) => {
      const port = ports.get(siteId) ?? 20_000 + ports.size
      ports.set(siteId, port)
      return port
    },
    release: async (siteId: SiteId) => void ports.delete(siteId),
    noteSleep: async () => undefined,
    all: async () => new Map([...ports].map(([siteId, port]) => [siteId, { port, isAsleep: false }])),
  }
}

/** A cell of 5,000 sites that run, each fifth of them paid, with the real core and the real adapter of ECS. */
const openWorld = async ({ serviceChanges = 5, lostEvents = 0, containers = 2, bootSeconds = 2 } = {}) => {
  const [time, integer, log] = [createVirtualTime(), seededInteger(23), recordingLog()]
  const randomness = seededRandomness(integer)
  const ids = Array.from({ length: siteCount }, () => randomness.id('site'))
  const { sites, store } = memorySites(
    ids.map((id, index) => {
      const plan = plans.find(index % 5 === 0 ? 'growth' : 'trial')
      return { ...siteSamples.active, id, cell: cellSample.name, plan: plan.id, size: plan.size }
    }),
  )
  const sitePorts = memoryPorts()
  const failures: unknown[] = []
  const wall = () => new Date(begin + time.now()).toISOString()
  const common = {
    sites: store,
    blueprints: { get: async () => blueprint, latest: async () => blueprint, publish: async () => blueprint } as never,
    clocks: { wall, domain: wall },
    randomness,
    pause: time.pause,
    monotonic: time.now,
    pollMilliseconds: 1000,
    probe: {
      isHealthy: async ({ host }: { readonly host: string }) => {
        await time.pause(50)
        return ecs.answersAt(host)
      },
    },
  }
  const read = createTaskNewsReader({ all: async () => [{ ...cellSample, clusterArn: 'cluster' }] }, () => sitePorts)
  const [calls, maxCalls] = [{ now: 0, max: 0 }, reservedOf(awaitSite, usualConcurrency) ?? 0]
  const invoke = async (news: TaskNews, attempt = 0): Promise<void> => {
    if (calls.now >= maxCalls) {
      // Lambda tries again for six hours.
      await time.pause(Math.min(5 * minute, 1000 * 2 ** attempt))
      return invoke(news, attempt + 1)
    }
    calls.now += 1
    calls.max = Math.max(calls.max, calls.now)
    // Lambda repeats a failed call; here the sweep has to do.
    await followTask({ ...common, runtime: cell.runtime }, news, 'evt').catch(() => undefined)
    calls.now -= 1
  }
  const follow = async (detail: object): Promise<void> => {
    if (integer(100) < lostEvents) return
    await time.pause(1000)
    const news = await read(detail)
    if (news !== undefined) await invoke(news)
  }
  const onTask = (detail: object): void => void follow(detail)
  const ecs = createEcsModel({ time, begin, serviceChanges, integer, onTask, tasks: { containers, bootSeconds } })
  const changes = limitServiceChanges(serviceChanges, { now: time.now, pause: time.pause })
  let parametersFreeAt = 0
  const cell = createFargateCell({
    cell: cellSample,
    clients: {
      ecs: ecs.client,
      efs: playAws(new EFSClient({ region: 'eu-central-1' }), (_input: { ClientToken?: string }) => ({
        AccessPointId: 'fsap-1',
        AccessPoints: [{ LifeCycleState: 'available', AccessPointArn: 'arn:access-point' }],
      })),
      logs: playAws(new CloudWatchLogsClient({ region: 'eu-central-1' }), () => ({})),
      iam: playAws(new IAMClient({ region: 'eu-central-1' }), () => ({})),
      ssm: playAws(new SSMClient({ region: 'eu-central-1' }), async () => {
        if (!ecs.isRunning()) return {}
        // Three a second; the SDK waits and repeats.
        parametersFreeAt = Math.max(parametersFreeAt, time.now()) + 333
        await time.pause(parametersFreeAt - time.now())
        return {}
      }),
    },
    ports: sitePorts,
    log,
    installation: 'sitewright-test',
    rolePath: '/sitewright-test/sites/',
    parameterPath: '/sitewright/test/sites',
    changes: { run: (call) => (ecs.isRunning() ? changes.run(call) : call()) },
    placementMilliseconds: 0,
  })
  const ports = {
    ...common,
    log,
    plans,
    runtime: cell.runtime,
    ...plainSecrets(async () => 'secret'),
    rootPublicKey: 'key',
    siteUrl: (hostname: string) => `https://${hostname}`,
    cells: [cellSample.name],
    cellCounts: { read: async () => [], write: async () => undefined },
    capacityUse: () => [],
    workflows: { start: async () => undefined, status: async () => 'unknown' as const },
    startsAtOnce: 8,
    rollouts: { list: async () => [] },
    brake: { isOn: async () => false },
    isStopping: () => false,
  }

  const setUp = async (): Promise<void> => {
    for (const site of sites.values()) await cell.runtime.start(await launchOf(ports, site))
    for (const { siteId, endpoint } of await cell.runtime.list()) {
      const site = sites.get(siteId)
      if (site?.status === 'active' && endpoint !== undefined) sites.set(siteId, { ...site, endpoint })
    }
  }

  const paid = ids.filter((_id, index) => index % 5 === 0)
  let paidRecovered = Number.POSITIVE_INFINITY
  const isUp = (site: Site | undefined): boolean =>
    site?.status === 'active' && site.endpoint !== undefined && ecs.answersAt(site.endpoint.host)

  /** Sweeps each minute, or when the last one ends, until all sites are back. @returns the minutes that it took. */
  const minutesToRecover = async (): Promise<number> => {
    const sweeps: number[] = []
    let recovered: number | undefined
    const untilUp = async (wanted: readonly SiteId[]): Promise<number> => {
      while (!wanted.every((id) => isUp(sites.get(id)))) {
        if (time.now() > 60 * minute) return Number.POSITIVE_INFINITY
        await time.pause(1000)
      }
      return time.now()
    }
    const watch = async (): Promise<void> => {
      paidRecovered = await untilUp(paid)
      recovered = await untilUp(ids)
    }
    const sweep = async (): Promise<void> => {
      while (recovered === undefined) {
        const began = time.now()
        await reconcileSites(ports, 'tick').catch((error: unknown) => failures.push(error))
        sweeps.push(time.now() - began)
        await time.pause(minute - (time.now() % minute))
      }
    }
    await time.until(Promise.all([watch(), sweep()]))
    expect(Math.max(...sweeps), 'within the time of the function').toBeLessThan(10 * minute)
    return (recovered ?? 0) / minute
  }

  await time.until(setUp())
  ecs.run()
  return { ecs, log, failures, minutesToRecover, minutesOfPaid: () => paidRecovered / minute, calls }
}

describe('5,000 sites in a simulation of the quotas of a new account', { timeout: 600_000 }, () => {
  it('are back within 7 minutes when all their tasks end, without one change of a service', async () => {
    const { ecs, log, failures, minutesToRecover } = await openWorld({ lostEvents: 5 })
    ecs.endTasks()
    expect(await minutesToRecover()).toBeLessThanOrEqual(7)
    expect([ecs.throttled(), failures]).toEqual([[], []])
    expect(ecs.calls().get('CreateServiceCommand')).toBeUndefined()
    expect(ecs.calls().get('UpdateServiceCommand')).toBeUndefined()
    // If most are down for five minutes, operators have an alarm and owners no mail. Nothing else is wrong.
    const errors = log.lines.filter(({ level }) => level === 'error').map(({ fields }) => fields['event'])
    expect(errors.filter((event) => event !== 'many-sites-down')).toEqual([])
  })

  it.each([
    ['each has four containers', { containers: 4 }, 9],
    ['their programs take 40 seconds', { bootSeconds: 40 }, 9],
  ])('are back in two minutes more when %s, and leave Lambda to others', async (_, world, max) => {
    const { ecs, failures, minutesToRecover, calls } = await openWorld(world)
    ecs.endTasks()
    expect(await minutesToRecover()).toBeLessThanOrEqual(max)
    expect(calls.max).toBeLessThanOrEqual(300)
    expect([ecs.throttled(), failures]).toEqual([[], []])
  })

  it('are back within 9 minutes when 1,000 of them find no place on Spot', async () => {
    const { ecs, failures, minutesToRecover } = await openWorld()
    ecs.limitSpot(3000)
    ecs.endTasks()
    expect(await minutesToRecover()).toBeLessThanOrEqual(9)
    expect([ecs.throttled(), failures]).toEqual([[], []])
    expect(ecs.calls().get('UpdateServiceCommand')).toBe(1000)
  })

  it('are back within 21 minutes when all their services are deleted, paid ones first, and register nothing', async () => {
    const { ecs, log, failures, minutesToRecover, minutesOfPaid } = await openWorld()
    ecs.deleteServices()
    expect(await minutesToRecover()).toBeLessThanOrEqual(21)
    expect(minutesOfPaid()).toBeLessThanOrEqual(6)
    expect(failures).toEqual([])
    expect(ecs.throttled()).not.toContain('CreateServiceCommand')
    expect(ecs.calls().get('CreateServiceCommand')).toBe(siteCount)
    expect(ecs.calls().get('RegisterTaskDefinitionCommand')).toBeUndefined()
    // If most are down for five minutes, operators have an alarm and owners no mail. Nothing else is wrong.
    const errors = log.lines.filter(({ level }) => level === 'error').map(({ fields }) => fields['event'])
    expect(errors.filter((event) => event !== 'many-sites-down')).toEqual([])
  })

  it('are back within 15 minutes when all their services are deleted and AWS grants 8 changes a second', async () => {
    const { ecs, failures, minutesToRecover } = await openWorld({ serviceChanges: 8 })
    ecs.deleteServices()
    expect(await minutesToRecover()).toBeLessThanOrEqual(15)
    expect(failures).toEqual([])
  })
})
