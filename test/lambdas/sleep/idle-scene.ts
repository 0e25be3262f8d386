import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import { plusMilliseconds } from '../../../core/instant.ts'
import { endOperation } from '../../../core/site/change-site.ts'
import type { ActiveSite, AsleepSite, Site } from '../../../core/site/site.ts'
import { noUsage } from '../../../lambdas/reports/usage/usage.ts'
import { followUse } from '../../../lambdas/sleep/follow-use.ts'
import { sleepIdleSites as definition } from '../../../lambdas/sleep/functions.ts'
import { sleepIdleSites } from '../../../lambdas/sleep/sleep-idle-sites.ts'
import { beginSleep, fallAsleep } from '../../../lambdas/sleep/sleep-site.ts'
import { welcome } from '../../support/provisioning.ts'
import { reclaimScene } from '../../support/reclaim-scene.ts'

const lateness = 330

/** Sites whose plan is the trial, which sleeps after 30 minutes, and a wall clock to set. */
export const idleScene = async (blueprint: Blueprint = welcome(1)) => {
  const scene = await reclaimScene()
  const played = {
    now: scene.now(),
    checks: [] as string[],
    monotonic: 0,
    hasRoom: true,
    rooms: 0,
    isBraked: false,
    /** The places of the sites' cell. */
    places: { used: 0, max: 1000 },
    dormantAfterDays: undefined as number | undefined,
    plans: scene.ports.plans,
  }
  const { idleChecks, usage } = scene.store
  const ports = {
    ...scene.ports,
    clocks: { domain: scene.now, wall: () => played.now },
    blueprints: { get: async () => blueprint },
    idleChecks: {
      ...idleChecks,
      schedule: async (check: Parameters<typeof idleChecks.schedule>[0]) => {
        played.checks.push(check.at)
        await idleChecks.schedule(check)
      },
      replace: async (...given: Parameters<typeof idleChecks.replace>) => {
        played.checks.push(given[1] ?? 'removed')
        await idleChecks.replace(...given)
      },
    },
    usage,
    usageLatenessSeconds: lateness,
    monotonic: () => played.monotonic,
    isStopping: () => false,
    startsAtOnce: 4,
    makeRoom: async () => {
      played.rooms += 1
      return played.hasRoom
    },
    pollMilliseconds: 1000,
    pause: async (milliseconds: number) => {
      played.monotonic += milliseconds
    },
    brake: { isOn: async () => played.isBraked },
    cellCounts: { read: async () => [{ cell: 'local', sites: played.places.used, ready: {} }] },
    get capacities() {
      return [{ name: 'local', sites: played.places.max }]
    },
    get dormantAfterDays() {
      return played.dormantAfterDays
    },
    get plans() {
      return played.plans
    },
  }
  const sweep = () => sleepIdleSites(ports, 'tick')
  const minutesPass = async (minutes: number) => {
    for (let minute = 0; minute < minutes; minute += 1) {
      played.now = plusMilliseconds(played.now, 60_000)
      await sweep()
    }
  }
  const use = ({ id }: ActiveSite, at = played.now) => usage.addToHour({ siteId: id, usage: noUsage(), at })
  const follow = ({ id }: Pick<Site, 'id'>) => followUse(ports, id, 'event')
  await sweep()
  const isSleeping = async ({ id }: ActiveSite) => {
    const site = await scene.ports.sites.get(id)
    return site !== undefined && 'operation' in site && site.operation?.kind === 'sleep'
  }
  const asleep = async (site: ActiveSite): Promise<Site> => {
    const context = { ...scene.context(), clocks: ports.clocks }
    const begun = await scene.commit(beginSleep(site, context))
    const fallen = await scene.commit(fallAsleep(begun as never, context))
    return scene.commit(endOperation(fallen as AsleepSite, 'done', context))
  }
  /** Abandons the operation of a site that sleeps, and passes on the event of that. */
  const fail = async ({ id }: Pick<Site, 'id'>): Promise<Site> => {
    const context = { ...scene.context(), clocks: ports.clocks }
    const failed = await scene.commit(endOperation((await scene.ports.sites.get(id)) as AsleepSite, 'failed', context))
    for (const trigger of definition.triggers) {
      if (!('events' in trigger) || !JSON.stringify(trigger.events).includes('"SiteOperationEnded"')) continue
      const run = await trigger.run()
      await run(ports as never, { type: 'SiteOperationEnded', id: 'event', aggregate: { type: 'site', id } } as never)
    }
    return failed
  }
  return { ...scene, played, ports, sweep, minutesPass, use, follow, isSleeping, asleep, fail }
}
