import type { Blueprint } from '../../../../core/blueprint/blueprint.ts'
import { SitewrightError } from '../../../../core/errors.ts'
import type { SiteId } from '../../../../core/ids.ts'
import { plusMilliseconds } from '../../../../core/instant.ts'
import type { Size } from '../../../../core/plan/plan.ts'
import type { Launch, SiteCommands, SiteObserver, SiteRuntime } from '../../../../core/ports/runtime.ts'
import { placeOf } from '../../../../core/site/location.ts'
import type { ActiveSite } from '../../../../core/site/site.ts'
import { changePlan } from '../../../../lambdas/endings/act-on-site.ts'
import { failSwap } from '../../../../lambdas/releases/swap/fail-swap.ts'
import { followPlan } from '../../../../lambdas/releases/swap/follow-plan.ts'
import { leaveFormer, makeWay, moveSite } from '../../../../lambdas/releases/swap/swap-site.ts'
import { welcome } from '../../../support/provisioning.ts'
import { attemptAt, reclaimScene } from '../../../support/reclaim-scene.ts'

/** What runs of a site, in the order in which it was started: each launch listens on a port of its own. */
type Running = { readonly launch: Launch; readonly port: number }[]

const sameSize = (one: Size, other: Size): boolean => JSON.stringify(one) === JSON.stringify(other)

/** A site that runs with the size of the trial, a machine on which two may run beside each other, and a router that is asked. */
export const planScene = async (mode: Blueprint['data']['mode']) => {
  const scene = await reclaimScene()
  const site = await scene.open({ size: scene.ports.plans.trial.size })
  const running = new Map<SiteId, Running>()
  const calls: string[] = []
  const sick: Size[] = []
  /** Those whose program ends, with how often it has. */
  const ended: { readonly size: Size; readonly ends: number }[] = []
  const refused: Size[] = []
  const unavailable: Size[] = []
  const openRequests: (number | undefined)[] = []
  const paused: number[] = []
  const blueprint: Blueprint = { ...welcome(1), data: { directory: '/data', mode } }
  let passed = 0
  let whileStarting = async (): Promise<unknown> => undefined
  let nextPort = 50_000

  const of = (siteId: SiteId): Running => running.get(siteId) ?? []
  const isOf = (launch: Launch) => (one: Running[number]) => sameSize(one.launch.size, launch.size)
  const launchNew = (launch: Launch) => {
    if (unavailable.some((size) => sameSize(size, launch.size)))
      throw new SitewrightError('RuntimeUnavailable', 'no room')
    if (refused.some((size) => sameSize(size, launch.size))) throw new SitewrightError('LaunchFailed', 'no room')
    nextPort += 1
    return { launch, port: nextPort }
  }
  const runtime: SiteRuntime & SiteCommands & Pick<SiteObserver, 'countEnds' | 'observe'> = {
    runOnce: async () => ({ state: 'running' }),
    observe: async () => undefined,
    countEnds: async (_, begun) =>
      ended.find(({ size }) => begun === undefined || sameSize(size, begun.launch.size))?.ends ?? 0,
    start: async (launch) => {
      calls.push(`start ${launch.size.memoryMiB}`)
      await whileStarting()
      const same = of(launch.siteId).find(isOf(launch))
      running.set(launch.siteId, [])
      running.set(launch.siteId, [same ?? launchNew(launch)])
    },
    startBeside: async (launch) => {
      calls.push(`startBeside ${launch.size.memoryMiB}`)
      await whileStarting()
      if (of(launch.siteId).some(isOf(launch))) return
      running.set(launch.siteId, [...of(launch.siteId).slice(0, 1), launchNew(launch)])
    },
    locate: async ({ siteId }, launch) => {
      const found = launch === undefined ? of(siteId)[0] : of(siteId).find(isOf(launch))
      return found && { host: '127.0.0.1', port: found.port }
    },
    remove: async ({ siteId }) => void running.delete(siteId),
    list: async () => [],
  }
  const started: string[] = []
  const ports = {
    ...scene.ports,
    clocks: { domain: scene.now, wall: () => plusMilliseconds(scene.now(), passed) },
    blueprints: { ...scene.ports.blueprints, get: async () => blueprint },
    runtime,
    probe: {
      isHealthy: async ({ port }: { readonly port: number }) =>
        [...running.values()]
          .flat()
          .some((one) => one.port === port && !sick.some((size) => sameSize(size, one.launch.size))),
      meets: async () => true,
      ask: async () => ({ failure: 'unknown' as const }),
    },
    placementSeconds: 0,
    workflows: {
      start: async (_: string, name: string) => void started.push(name),
      status: async () => 'unknown' as const,
    },
    openRequests: { at: async () => (openRequests.length === 0 ? 0 : openRequests.shift()) },
    routerMemoryMilliseconds: 1000,
    pause: async (milliseconds: number) => {
      paused.push(milliseconds)
      passed += milliseconds
    },
    monotonic: () => passed,
  }
  await runtime.start({ ...launchLike(site), blueprint, size: scene.ports.plans.trial.size })
  const endpoint = await runtime.locate(placeOf(site))
  const placed: ActiveSite = { ...site, ...(endpoint && { endpoint }) }

  return {
    ...scene,
    ports,
    site: placed,
    running: () => of(site.id).map(({ launch }) => launch.size),
    calls,
    started,
    paused,
    sick,
    ended,
    refused,
    unavailable,
    openRequests,
    whileStarting: (work: () => Promise<unknown>) => {
      whileStarting = work
    },
    waitFor: (milliseconds: number) => {
      passed += milliseconds
    },
    sizeOf: (plan: string) => scene.ports.plans.find(plan).size,
    now: () => scene.get(site.id, 'active'),
    changePlan: async (plan: string) => {
      await scene.commit(changePlan(await scene.get(site.id, 'active'), { plan, reason: 'Paid.' }, scene.context()))
    },
    follow: (previousPlan?: string) => followPlan(ports, site.id, 'evt_1', { previousPlan }),
    attempt: async () => attemptAt(await scene.get(site.id, 'active')),
    makeWay: async () => makeWay(ports, attemptAt(await scene.get(site.id, 'active'))),
    move: async () => moveSite(ports, attemptAt(await scene.get(site.id, 'active'))),
    leave: async () => leaveFormer(ports, attemptAt(await scene.get(site.id, 'active'))),
    fail: async (error: string) => failSwap(ports, attemptAt(await scene.get(site.id, 'active')), error),
  }
}

const launchLike = ({ id, cell, generation }: ActiveSite) => ({
  siteId: id,
  cell,
  generation,
  plan: 'trial',
  interruptible: true,
  environment: {},
  secrets: {},
})
