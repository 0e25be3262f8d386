import type { SiteId } from '../../../core/ids.ts'
import { plusDays, toInstant } from '../../../core/instant.ts'
import { requestSite } from '../../../core/site/build/site-request.ts'
import { retireSite } from '../../../core/site/claim/pooled-site.ts'
import { requestDeletion } from '../../../core/site/end/deletion.ts'
import { siteIn } from '../support/aging.ts'
import type { AwsWorld } from '../support/aws-world.ts'
import { copyOf, keepData, placeSuspended } from './kept-site.ts'
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
      const events: unknown[] = []
      world.aws.fargate.onTaskEvent((event) => {
        if (event.detail.group === `service:${siteId}`) events.push(event)
      })
      world.aws.fargate.interrupt(siteId)
      return async () => {
        for (let index = 0; index < 12; index += 1) {
          const event = events[index]
          if (event === undefined) await new Promise((resolve) => setTimeout(resolve, 50))
          else await world.invoke('await-site', event)
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
} as const satisfies Readonly<Record<string, AwsScenario>>
