import { ownSite } from '../support/faults/owned-site.ts'
import { sweepTest } from '../support/faults/sweep-test.ts'
import { copySite } from '../support/faults/visitor.ts'

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
