import type { SiteId } from '../../../core/ids.ts'
import { plusDays, toInstant } from '../../../core/instant.ts'
import { endOperation } from '../../../core/site/change-site.ts'
import { requestDeletion } from '../../../lambdas/endings/delete-site.ts'
import { beginUpgrade } from '../../../lambdas/releases/swap/begin-swap.ts'
import { requestSite } from '../../../lambdas/sites/build/request-build.ts'
import { retireSite } from '../../../lambdas/sites/claim/pooled-site.ts'
import { waitFor } from '../../support/wait-for.ts'
import { siteIn, suspendLongAgo } from '../support/aging.ts'
import type { AwsWorld } from '../support/aws-world.ts'
import type { TaskEvent } from '../support/fargate.ts'
import { probeBlueprint } from '../support/probe-blueprint.ts'
import type { SweptWorld } from './aws-world.ts'
import { copyOf, keepData, placeSuspended } from './kept-site.ts'
import {
  claimUnused,
  fallAsleep,
  sleepLongAgo,
  visit,
  visitBefore,
  visitBeforeStop,
  visitDuringStop,
  visitSleepers,
  wakeBeforeDelete,
} from './sleeping-site.ts'
import type { AwsScenario } from './sweep.ts'

/** Commits a site of the pool that nobody has started to build. */
const request = async (world: AwsWorld, siteId: SiteId): Promise<void> => {
  const wanted = {
    id: siteId,
    cell: 'a',
    plan: 'trial',
    blueprint: { name: 'probe', version: 1 },
    policyVersion: 1,
    entry: {},
  }
  await world.commit(requestSite(wanted, world.context()))
}

const build = async (world: AwsWorld, siteId: SiteId): Promise<void> => {
  await request(world, siteId)
  await world.invoke('heal-work', { id: 'tick', 'detail-type': 'Scheduled Event', detail: {} })
  await world.settled()
}

const requested: AwsScenario['prepare'] = async (world, siteId) => {
  await request(world, siteId)
  return () => world.invoke('heal-work', { id: 'tick', 'detail-type': 'Scheduled Event', detail: {} })
}

/** A site that runs, with an owner who does not use it, and what happens when it is put to sleep. */
const unused =
  (meet: (world: SweptWorld, siteId: SiteId) => void = () => undefined): AwsScenario['prepare'] =>
  async (world, siteId) => {
    await build(world, siteId)
    await claimUnused(world, siteId)
    meet(world, siteId)
    return () => fallAsleep(world)
  }

/** A site that has slept for days, and what happens when it becomes dormant. */
const longAsleep =
  (meet: (world: SweptWorld, siteId: SiteId) => void = () => undefined): AwsScenario['prepare'] =>
  async (world, siteId) => {
    await build(world, siteId)
    await claimUnused(world, siteId)
    await sleepLongAgo(world, siteId)
    meet(world, siteId)
    return () => fallAsleep(world)
  }

const becomeDormant = async (world: SweptWorld, siteId: SiteId): Promise<void> => {
  const sweep = await longAsleep()(world, siteId)
  await sweep()
  await world.settled()
  if ((await siteIn(world, siteId, 'asleep')).dormantSince === undefined) throw new Error('it is not dormant')
}

export const scenarios = {
  build: { name: 'a site is built', health: 'well', prepare: requested, expected: 'ready' },
  'failed-build': {
    name: 'a build fails, and what it made is cleared away',
    health: 'sick',
    prepare: requested,
    expected: 'failed',
  },
  'tear-down': {
    name: 'a site is torn down',
    health: 'well',
    prepare: async (world, siteId) => {
      await build(world, siteId)
      const site = await world.sites.get(siteId)
      if (site?.status !== 'ready') throw new Error(`it is ${site?.status}`)
      await world.commit(retireSite(site, world.context()))
      return () => world.invoke('reconcile-sites', { id: 'tick', 'detail-type': 'Scheduled Event', detail: {} })
    },
    expected: 'retired',
  },
  replacement: {
    name: 'a task is replaced',
    health: 'well',
    prepare: async (world, siteId) => {
      await build(world, siteId)
      const events: TaskEvent[] = []
      world.aws.fargate.onTaskEvent((event) => {
        if (event.detail.group === `service:${siteId}`) events.push(event)
      })
      world.aws.fargate.interrupt(siteId)
      return async () => {
        const awaited = new Set(['STOPPED', 'RUNNING'])
        for (let index = 0; awaited.size > 0; index += 1) {
          const event = await waitFor(() => events[index])
          await world.invoke('await-site', event)
          awaited.delete(event.detail.lastStatus)
        }
      }
    },
    expected: 'ready',
  },
  archive: {
    name: 'a site is archived',
    health: 'well',
    prepare: async (world, siteId) => {
      await keepData(world, siteId)
      await placeSuspended(world, siteId, { archives: [] })
      return () => world.invoke('act-on-deadlines', { id: 'tick', 'detail-type': 'Scheduled Event', detail: {} })
    },
    expected: 'archived',
    readsShards: true,
  },
  purge: {
    name: 'a site that its owner deleted is purged, with its data and a copy of it',
    health: 'well',
    prepare: async (world, siteId) => {
      await keepData(world, siteId)
      await placeSuspended(world, siteId, { archives: [await copyOf(world, siteId)] })
      const { clocks, ...context } = world.context()
      const longAgo = { ...clocks, domain: () => plusDays(toInstant(new Date()), -30) }
      await world.commit(requestDeletion(await siteIn(world, siteId, 'suspended'), { ...context, clocks: longAgo }))
      return () => world.invoke('act-on-deadlines', { id: 'tick', 'detail-type': 'Scheduled Event', detail: {} })
    },
    expected: 'purged',
    readsShards: true,
  },
  sleep: { name: 'a site falls asleep', health: 'well', prepare: unused(), again: fallAsleep, expected: 'asleep' },
  wake: {
    name: 'a site wakes',
    health: 'well',
    prepare: async (world, siteId) => {
      const sleep = await unused()(world, siteId)
      await sleep()
      await world.settled()
      await siteIn(world, siteId, 'asleep')
      return () => visit(world, siteId)
    },
    expected: 'active',
  },
  'wake-before-stop': {
    name: 'a site wakes before its sleep stops it',
    health: 'well',
    prepare: unused(visitBeforeStop),
    expected: 'active',
  },
  'wake-during-stop': {
    name: 'a site wakes while its sleep stops it',
    health: 'well',
    prepare: unused(visitDuringStop),
    expected: 'active',
  },
  dormancy: {
    name: 'a site becomes dormant',
    health: 'well',
    prepare: longAsleep(),
    again: fallAsleep,
    expected: 'dormant',
  },
  'wake-dormant': {
    name: 'a dormant site wakes',
    health: 'well',
    prepare: async (world, siteId) => {
      await becomeDormant(world, siteId)
      return () => visit(world, siteId)
    },
    expected: 'active',
  },
  'archive-dormant': {
    name: 'a dormant site is suspended and archived',
    health: 'well',
    prepare: async (world, siteId) => {
      await becomeDormant(world, siteId)
      await suspendLongAgo(world, siteId, 'asleep')
      await world.commit(endOperation(await siteIn(world, siteId, 'suspended'), 'done', world.context()))
      return () => world.invoke('act-on-deadlines', { id: 'tick', 'detail-type': 'Scheduled Event', detail: {} })
    },
    expected: 'archived',
    readsShards: true,
  },
  'wake-before-removal': {
    name: 'a site wakes before its dormancy deletes its service',
    health: 'well',
    prepare: longAsleep(wakeBeforeDelete),
    again: visitSleepers,
    expected: 'active',
  },
  'wake-during-removal': {
    name: 'a site wakes while its dormancy removes its role',
    health: 'well',
    prepare: longAsleep(visitBefore('iam.DeleteRole')),
    again: visitSleepers,
    expected: 'active',
  },
  upgrade: {
    name: 'a site gets a new version',
    health: 'well',
    prepare: async (world, siteId) => {
      await build(world, siteId)
      await claimUnused(world, siteId)
      const { containers, ...blueprint } = probeBlueprint({ name: 'probe', health: 'well' })
      const others = containers.map((one) => ({ ...one, environment: { ...one.environment, IS_NEXT: 'yes' } }))
      await world.publish({ ...blueprint, version: 2, containers: others })
      const change = { to: 2, migrates: false }
      await world.commit(beginUpgrade(await siteIn(world, siteId, 'active'), change, world.context()))
      return () => world.invoke('heal-work', { id: 'tick', 'detail-type': 'Scheduled Event', detail: {} })
    },
    expected: 'upgraded',
  },
} as const satisfies Readonly<Record<string, AwsScenario>>
