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
    'use-copy sites.get',
    'use-copy storage.prepare',
    'use-copy archiver.run',
    'start-site blueprints.get',
    'start-site secrets.valueOf',
    'start-site sites.commit',
    'start-site runtime.start',
    'await-site runtime.locate',
    'await-site probe.isHealthy',
    'await-site sites.commit',
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
    'run-site sites.get',
    'run-site blueprints.get',
    'run-site secrets.valueOf',
    'run-site runtime.start',
    'run-site runtime.locate',
    'run-site probe.isHealthy',
    'run-site sites.commit',
    'count-sites totals.count',
  ],
)
