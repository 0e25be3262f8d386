import { changeSite } from '../../core/site/change-site.ts'
import { nextCopyAt } from '../../core/site/copy-schedule.ts'
import { homeOf } from '../../core/site/location.ts'
import { isLive } from '../../core/site/site.ts'
import { renameSite } from '../../lambdas/sites/change-settings.ts'
import { actAt, keptSite, type OwnedSite, ownSite } from '../support/faults/owned-site.ts'
import { writeMore } from '../support/faults/site-content.ts'
import { sweepTest } from '../support/faults/sweep-test.ts'
import { copySite, restoreCopy } from '../support/faults/visitor.ts'
import type { World } from '../support/faults/world.ts'
import { fixedContext } from '../support/fixed-ports.ts'

const dayMilliseconds = 86_400_000

sweepTest(
  {
    name: 'a copy that pushes an older one out',
    health: 'well',
    poolTarget: 1,
    // The pause before a copy is as long as routers remember a site.
    haste: 5,
    expected: { active: 1 },
    prepare: async (world) => {
      const owned = await ownSite(world)
      for (let copy = 0; copy < 3; copy += 1) {
        await copySite(world, owned)
        await world.quiet()
      }
      // So many are allowed a day, and a repeated request may count twice.
      world.clock.advance(dayMilliseconds)
      return async () => {
        await copySite(world, owned)
        await world.quiet()
      }
    },
  },
  [
    'owner-api sites.commit',
    'owner-api workflows.start',
    'record-step sites.get',
    'record-step sites.commit',
    'stop-site runtime.remove',
    'use-copy siteCheck.isRunning',
    'use-copy archiver.run',
    'start-site blueprints.get',
    'start-site runtime.start',
    'await-site runtime.locate',
    'await-site probe.isHealthy',
    'await-site sites.commit',
    'record-owner-copy archiver.run',
    'record-owner-copy sites.commit',
    'record-owner-copy archives.remove',
  ],
)

const nightly = { everyHours: 24, hour: 3, keep: 1 }

sweepTest(
  {
    name: 'a copy by the schedule of the plan that replaces the one before',
    health: 'well',
    poolTarget: 1,
    haste: 5,
    copies: nightly,
    expected: { active: 1 },
    prepare: async (world) => {
      const owned = await ownSite(world)
      const due = async (): Promise<string> => {
        const site = await keptSite(world, owned.id)
        return (isLive(site) && nextCopyAt(site, nightly)) || world.clock.domain()
      }
      await actAt(world, await due())
      // Somebody used it, so that it is not skipped.
      const { store } = await world.host()
      await changeSite(store.sites, owned.id, (site) => {
        if (!isLive(site) || site.copying?.copiedAt === undefined) throw new Error('it was not copied')
        const { copiedAt: _, ...copying } = site.copying
        const context = { ...fixedContext(), clocks: { domain: world.clock.domain, wall: world.clock.now } }
        return { ...renameSite(site, 'Used', context), after: { ...site, version: site.version + 1, copying } }
      })
      const next = await due()
      return () => actAt(world, next)
    },
    // At most the one that is kept, and nothing of the schedule goes on.
    check: async (world) => {
      const problems: string[] = []
      for (const id of world.accepted.keys()) {
        const { archives, operation } = await keptSite(world, id)
        const kinds = archives.map(({ kind }) => kind).join()
        if (kinds !== 'schedule' || operation !== undefined) problems.push(`${id}: ${kinds}, ${operation?.kind}`)
      }
      return problems
    },
  },
  [
    'act-on-deadlines usage.lastUse',
    'act-on-deadlines sites.commit',
    'act-on-deadlines workflows.start',
    'record-step sites.commit',
    'use-copy archiver.run',
    'start-site runtime.start',
    'await-site sites.commit',
    'record-owner-copy sites.commit',
    'record-owner-copy archives.remove',
  ],
)

const ownedOf = new WeakMap<World, OwnedSite>()

/** The former data is back, and the newer data is a copy: the sweep compares what both hold. */
const restored = async (world: World): Promise<readonly string[]> => {
  const owned = ownedOf.get(world)
  if (owned === undefined) return ['nobody owns a site']
  const { id, operation, archives, failedUpgrade } = await keptSite(world, owned.id)
  const copies = archives.map(({ kind }) => kind).join()
  const isDone = operation === undefined && failedUpgrade === undefined && copies === 'restore,owner'
  return isDone ? [] : [`${id} is at ${operation?.kind}, with the copies ${copies}`]
}

sweepTest(
  {
    name: 'a copy that its owner restores',
    health: 'well',
    poolTarget: 1,
    haste: 10,
    polls: /^(use-copy|complete-jobs)/,
    expected: { active: 1 },
    prepare: async (world) => {
      const owned = await ownSite(world)
      ownedOf.set(world, owned)
      await copySite(world, owned)
      await world.quiet()
      const site = await keptSite(world, owned.id)
      const [copy] = site.archives
      const { storage } = await world.host()
      world.released.set(owned.id, await writeMore(storage.directoryOf(homeOf(site))))
      return async () => {
        await restoreCopy(world, owned, copy?.id ?? 'none')
        await world.quiet()
      }
    },
    check: restored,
  },
  [
    'owner-api sites.commit',
    'owner-api workflows.start',
    'stop-site runtime.remove',
    'use-copy archiver.run',
    'use-copy storage.prepare',
    'run-site runtime.start',
    'run-site sites.commit',
  ],
)
