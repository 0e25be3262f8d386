import { plusMilliseconds } from '../../../core/instant.ts'
import type { SitePlace } from '../../../core/site/location.ts'
import { finishOperation, stopSite } from '../../../lambdas/endings/end-site.ts'
import { failOperation } from '../../../lambdas/endings/fail-operation.ts'
import { putToSleep, requestSleep } from '../../../lambdas/sleep/sleep-site.ts'
import { requestWake, wakeSite } from '../../../lambdas/sleep/wake-site.ts'
import { attemptAt, reclaimScene } from '../../support/reclaim-scene.ts'

/** A site that runs and holds data, and routers that say what they know of its use. */
export const sleepScene = async () => {
  const scene = await reclaimScene()
  const site = await scene.open()
  const started: string[] = []
  const calls: string[] = []
  const use: { last: string | undefined; open: number[] } = { last: undefined, open: [] }
  let passed = 0
  const { runtime } = scene.outside
  const ports = {
    ...scene.ports,
    clocks: { domain: scene.now, wall: () => plusMilliseconds(scene.now(), passed) },
    placementSeconds: 0,
    routerMemoryMilliseconds: 1000,
    monotonic: () => passed,
    pause: async (milliseconds: number) => {
      passed += milliseconds
    },
    usage: { lastUse: async () => use.last },
    rollouts: { read: async () => undefined, readOfCell: async () => undefined },
    openRequests: { at: async () => use.open.shift() ?? 0 },
    runtime: {
      ...runtime,
      start: async (launch: Parameters<typeof runtime.start>[0]) => {
        calls.push('start')
        await runtime.start(launch)
      },
      remove: async (place: SitePlace) => {
        calls.push('remove')
        await runtime.remove(place)
      },
    },
    workflows: {
      start: async (_: string, name: string) => void started.push(name),
      status: async () => 'unknown' as const,
    },
  }
  const record = async () => {
    const found = await scene.ports.sites.get(site.id)
    if (found === undefined) throw new Error(`${site.id} is gone`)
    return found
  }
  const scenePart = {
    ...scene,
    ports,
    site,
    started,
    calls,
    use,
    record,
    wait: (milliseconds: number) => {
      passed += milliseconds
    },
    attempt: async () => attemptAt(await record()),
    askToSleep: (since?: string) => requestSleep(ports, site.id, { causationId: 'evt_1', ...(since && { since }) }),
    askToWake: () => requestWake(ports, site.id, 'req_1'),
    fallAsleep: async () => putToSleep(ports, attemptAt(await record())),
    stop: async () => stopSite(ports, attemptAt(await record())),
    finish: async () => finishOperation(ports, attemptAt(await record())),
    wake: async () => wakeSite(ports, attemptAt(await record())),
    fail: async (error: string) => failOperation(ports, attemptAt(await record()), error),
    isRunning: () => scene.outside.running.has(site.id),
  }
  return {
    ...scenePart,
    /** Puts the site to sleep as the state machine does. */
    sleep: async () => {
      await scenePart.askToSleep()
      await scenePart.fallAsleep()
      await scenePart.stop()
      await scenePart.finish()
    },
  }
}
