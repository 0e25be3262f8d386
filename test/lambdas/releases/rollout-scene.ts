import { type Blueprint, blueprintSchema } from '../../../core/blueprint/blueprint.ts'
import type { DomainEvent, RolloutEvent } from '../../../core/events/event.ts'
import type { SiteId } from '../../../core/ids.ts'
import { plusMilliseconds } from '../../../core/instant.ts'
import type { ReleaseCheck } from '../../../core/ports/probes.ts'
import type { Launch } from '../../../core/ports/runtime.ts'
import { endOperation } from '../../../core/site/change-site.ts'
import type { OperationAttempt } from '../../../core/site/operation.ts'
import { isLive } from '../../../core/site/site.ts'
import { copyData } from '../../../lambdas/endings/archive-site.ts'
import { actOnRollout, type RolloutAct } from '../../../lambdas/releases/act-on-rollout.ts'
import { advanceRollouts } from '../../../lambdas/releases/advance-rollouts.ts'
import { type RolloutRequest, startRollout } from '../../../lambdas/releases/control-rollout.ts'
import { createRolloutStore } from '../../../lambdas/releases/store.ts'
import { assignVersion } from '../../../lambdas/releases/swap/begin-swap.ts'
import { failSwap } from '../../../lambdas/releases/swap/fail-swap.ts'
import { noteFailedWake } from '../../../lambdas/releases/swap/follow-plan.ts'
import { requireImages } from '../../../lambdas/releases/swap/require-images.ts'
import { leaveFormer, makeWay, moveSite } from '../../../lambdas/releases/swap/swap-site.ts'
import { restoreCopy } from '../../../lambdas/releases/swap/upgrade-data.ts'
import type { PeriodOfUsage } from '../../../lambdas/reports/usage/ports.ts'
import { beginSleep, fallAsleep } from '../../../lambdas/sleep/sleep-site.ts'
import { requestWake, wakeSite } from '../../../lambdas/sleep/wake-site.ts'
import { welcome } from '../../support/provisioning.ts'
import { reclaimScene } from '../../support/reclaim-scene.ts'

const operator = (operatorId: string) => ({ kind: 'operator', operatorId, role: 'admin' }) as const

/** Sites of version 1, a published version 2, and workflows that are carried out when the test says so. */
export const rolloutScene = async (sites: number, release: NonNullable<Blueprint['release']> | object = {}) => {
  const scene = await reclaimScene()
  const publish = (version: number, how: NonNullable<Blueprint['release']> | object) =>
    scene.store.blueprints.publish(blueprintSchema.parse({ ...welcome(version), release: { bakeSeconds: 0, ...how } }))
  await publish(2, release)
  const opened: SiteId[] = []
  for (let index = 0; index < sites; index += 1) opened.push((await scene.open()).id)
  const events: RolloutEvent[] = []
  const rollouts = createRolloutStore({ client: scene.store.document, tables: scene.store.tables, outbox: true })
  const queue: { readonly machine: string; readonly attempt: OperationAttempt }[] = []
  const broken = new Set<SiteId>()
  /** Versions that do not become healthy, once they are started. */
  const ailing = new Set<number>()
  /** Versions that are healthy, and have lost their data: strangers could set them up. */
  const emptied = new Set<number>()
  const started: string[] = []
  const ended: DomainEvent[] = []
  const usage = new Map<SiteId, PeriodOfUsage[]>()
  let calls = 0
  let failingCall = 0
  let passed = 0
  const countCall = () => {
    calls += 1
    if (calls === failingCall) throw new Error(`call ${calls} fails`)
  }
  const wall = () => plusMilliseconds(scene.now(), passed)
  const ports = {
    ...scene.ports,
    sites: {
      ...scene.ports.sites,
      commit: async (change: Parameters<typeof scene.ports.sites.commit>[0]) => {
        countCall()
        if (change.event.type === 'SiteOperationEnded') ended.push(change.event)
        return scene.ports.sites.commit(change)
      },
    },
    clocks: { domain: scene.now, wall },
    rollouts: {
      ...rollouts,
      write: async (...[next, event]: Parameters<typeof rollouts.write>) => {
        countCall()
        const isWritten = await rollouts.write(next, event)
        if (isWritten && event !== undefined) events.push(event)
        return isWritten
      },
    },
    runtime: {
      ...scene.ports.runtime,
      start: async (launch: Launch) => {
        started.push(`${launch.siteId} ${launch.blueprint?.version} on ${launch.generation}`)
        await scene.ports.runtime.start(launch)
      },
    },
    usage: { list: async (id: SiteId) => usage.get(id) ?? [] },
    workflows: {
      start: async (machine: string, _: string, input: object) => {
        countCall()
        queue.push({ machine, attempt: input as OperationAttempt })
      },
      status: async () => 'unknown' as const,
    },
    startsAtOnce: 4,
    capacities: [
      { name: 'local', sites: 1000 },
      { name: 'fast', sites: 1000 },
    ],
    makeRoom: async () => true,
    releases: { woken: { percent: 10, min: 1, max: 20 } },
    usageLatenessSeconds: 0,
    placementSeconds: 0,
    openRequests: { at: async () => 0 },
    routerMemoryMilliseconds: 0,
    monotonic: () => 0,
    isStopping: () => false,
  }

  const wakesFail = new Set<SiteId>()
  const abandonWake = async ({ siteId }: OperationAttempt): Promise<void> => {
    await scene.commit(endOperation(await scene.get(siteId, 'asleep'), 'failed', scene.context()))
  }

  /** The world of a product that was handed over. */
  const openedToStrangers = () => ({
    ...ports,
    sites: {
      ...ports.sites,
      get: async (id: SiteId) => {
        const site = await ports.sites.get(id)
        return site && { ...site, access: 'claimed' as const, handOver: { status: 'done' as const, at: scene.now() } }
      },
    },
    blueprints: {
      ...ports.blueprints,
      get: async (name: string, version: number) => {
        const blueprint = await ports.blueprints.get(name, version)
        return blueprint && { ...blueprint, access: 'claimed' as const, handOver: { hook: { path: '/owner' } } }
      },
    },
    probe: {
      ...ports.probe,
      ask: async () => ({ status: 200 }),
      meets: async (_: unknown, { strangersAt }: ReleaseCheck) => strangersAt === undefined,
    },
  })

  const unhealthy = () => ({ ...ports, probe: { ...ports.probe, isHealthy: async () => false } })

  const failToMove = async (
    attempt: OperationAttempt,
    given: Parameters<typeof moveSite>[0] & Parameters<typeof failSwap>[0],
  ) => {
    await moveSite(given, attempt).catch(() => undefined)
    const { isHealthy } = ports.probe
    await failSwap({ ...given, probe: { ...given.probe, isHealthy } }, attempt, 'LaunchFailed')
  }

  const upgrade = async (attempt: OperationAttempt): Promise<void> => {
    await requireImages({ ...ports, images: { require: async () => undefined } }, attempt)
    const { copies } = await makeWay(ports, attempt)
    if (broken.has(attempt.siteId)) return void (await failSwap(ports, attempt, 'LaunchFailed'))
    if (copies) {
      const { cell } = await scene.get(attempt.siteId, 'active')
      await scene.ports.runtime.remove({ siteId: attempt.siteId, cell })
      await copyData(ports, attempt)
      await restoreCopy(ports, attempt)
    }
    const site = await scene.get(attempt.siteId, 'active')
    const to = site.operation?.kind === 'upgrade' ? (site.operation.target.blueprint?.version ?? 0) : 0
    if (ailing.has(to) || emptied.has(to))
      return failToMove(attempt, emptied.has(to) ? openedToStrangers() : unhealthy())
    await moveSite(ports, attempt)
    await leaveFormer(ports, attempt)
  }

  const carryOut = async ({ machine, attempt }: (typeof queue)[number]): Promise<void> => {
    if (machine === 'wake-site' && wakesFail.has(attempt.siteId)) return abandonWake(attempt)
    if (machine === 'wake-site') return wakeSite(ports, attempt)
    if (machine === 'upgrade-site') await upgrade(attempt)
  }

  const work = async (): Promise<void> => {
    for (const one of queue.splice(0)) {
      await carryOut(one).catch((error: unknown) => {
        if (!(error instanceof Error && error.name === 'OperationSuperseded')) throw error
      })
    }
    for (const event of ended.splice(0)) await noteFailedWake(ports, event)
  }

  const request = (facts: Partial<RolloutRequest> = {}): RolloutRequest => ({
    blueprint: 'welcome',
    to: 2,
    isSecurity: false,
    reason: 'It is better.',
    actor: operator('ada'),
    causationId: 'req_test',
    ...facts,
  })

  return {
    ...scene,
    ports,
    opened,
    events,
    queue,
    broken,
    ailing,
    emptied,
    started,
    wake: (id: SiteId) => requestWake(ports, id, 'a-visitor'),
    wakesFail,
    usage,
    work,
    operator,
    request,
    start: (facts?: Partial<RolloutRequest>) => startRollout(ports, request(facts)),
    act: (act: RolloutAct) =>
      actOnRollout(ports, {
        blueprint: 'welcome',
        act,
        actor: operator('ada'),
        causationId: 'req_act',
        reason: 'Why not.',
      }),
    publish,
    versionsOf: () => scene.store.blueprints.versions('welcome'),
    /** One run of the clock. */
    tick: () => advanceRollouts(ports, 'tick'),
    advance: (given: typeof ports) => advanceRollouts(given, 'tick'),
    /** What the sweep of operations does: it starts what was committed and not started. */
    heal: async () => {
      for (const id of opened) {
        const site = await scene.ports.sites.get(id)
        if (site?.status !== 'active' || site.operation === undefined) continue
        const attempt = { siteId: id, operationId: site.operation.id, fence: site.operation.fence }
        queue.push({ machine: 'upgrade-site', attempt })
      }
    },
    /** Runs and workflows until nothing is in progress any more. */
    settle: async () => {
      do {
        await work()
        await advanceRollouts(ports, 'tick')
      } while (queue.length > 0)
    },
    rollout: async () => {
      const found = await rollouts.read('welcome')
      if (found === undefined) throw new Error('there is no roll-out')
      return found
    },
    versions: async () => Promise.all(opened.map(async (id) => (await scene.ports.sites.get(id))?.blueprint.version)),
    upgraded: async () => {
      const all = await Promise.all(opened.map((id) => scene.ports.sites.get(id)))
      return all.filter((site) => site?.blueprint.version === 2).length
    },
    passMilliseconds: (milliseconds: number) => {
      passed += milliseconds
    },
    failCall: (call: number) => {
      calls = 0
      failingCall = call
    },
    calls: () => calls,
    /** As a roll-out does. */
    assign: async (id: SiteId, to: number) =>
      scene.commit(assignVersion(await scene.get(id, 'asleep'), { to, migrates: false, runs: false }, scene.context())),
    sleep: async (id: SiteId) => {
      const begun = beginSleep(await scene.get(id, 'active'), scene.context())
      await scene.commit(begun)
      const site = await scene.get(id, 'active')
      if (site.operation?.kind !== 'sleep') throw new Error('it does not fall asleep')
      const asleep = fallAsleep({ ...site, operation: site.operation }, scene.context())
      await scene.commit(asleep)
      await scene.ports.runtime.remove({ siteId: id, cell: 'local' })
      const found = await scene.get(id, 'asleep')
      if (isLive(found)) await scene.commit(endOperation(found, 'done', scene.context()))
    },
  }
}
