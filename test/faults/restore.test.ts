import { archivedSite, hasUsedOneExtension, suspendedSite } from '../support/faults/owned-site.ts'
import { sweepTest } from '../support/faults/sweep-test.ts'
import { resumeSite } from '../support/faults/visitor.ts'

sweepTest(
  {
    name: 'taking an archived site up again',
    archiver: 'workers',
    health: 'well',
    poolTarget: 1,
    expected: { active: 1 },
    prepare: async (world) => {
      const owned = await archivedSite(world)
      return async () => {
        await resumeSite(world, owned)
        await world.quiet()
      }
    },
    check: hasUsedOneExtension,
  },
  [
    'owner-api sites.get',
    'owner-api sites.commit',
    'owner-api workflows.start',
    'restore-data sites.get',
    'restore-data storage.prepare',
    'restore-data archiver.run',
    'start-restored blueprints.get',
    'start-restored secrets.valueOf',
    'start-restored runtime.start',
    'open-restored runtime.locate',
    'open-restored probe.isHealthy',
    'open-restored sites.commit',
    'count-sites totals.count',
    'mail-owner mailer.send',
  ],
)

sweepTest(
  {
    name: 'taking a suspended site up again',
    health: 'well',
    poolTarget: 1,
    expected: { active: 1 },
    prepare: async (world) => {
      const owned = await suspendedSite(world)
      return async () => {
        await resumeSite(world, owned)
        await world.quiet()
      }
    },
    check: hasUsedOneExtension,
  },
  [
    'owner-api sites.commit',
    'publish-events bus.publish',
    'start-again sites.get',
    'start-again blueprints.get',
    'start-again secrets.valueOf',
    'start-again runtime.start',
    'start-again runtime.locate',
    'start-again probe.isHealthy',
    'start-again sites.commit',
    'count-sites totals.count',
  ],
)
