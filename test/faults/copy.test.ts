import { homeOf } from '../../core/site/location.ts'
import { keptSite, type OwnedSite, ownSite } from '../support/faults/owned-site.ts'
import { writeMore } from '../support/faults/site-content.ts'
import { sweepTest } from '../support/faults/sweep-test.ts'
import { copySite, restoreCopy } from '../support/faults/visitor.ts'
import type { World } from '../support/faults/world.ts'

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
