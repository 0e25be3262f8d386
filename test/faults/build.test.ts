import { sweepTest } from '../support/faults/sweep-test.ts'
import { createSite, signIn } from '../support/faults/visitor.ts'
import type { World } from '../support/faults/world.ts'

const email = 'ada@example.com'

const askForSite = async (world: World) => {
  const { token } = await signIn(world, email)
  return () => createSite(world, email, token, 'shop')
}

const building = [
  'prepare-storage sites.get',
  'prepare-storage storage.prepare',
  'prepare-storage sites.commit',
  'start-site blueprints.get',
  'start-site secrets.valueOf',
  'start-site runtime.start',
  'start-site sites.commit',
  'await-site runtime.locate',
  'await-site probe.isHealthy',
]

sweepTest(
  {
    name: 'building a site for its owner',
    health: 'well',
    poolTarget: 0,
    expected: { active: 1 },
    prepare: askForSite,
  },
  [
    'owner-api blueprints.latest',
    'owner-api sites.commit',
    'owner-api workflows.start',
    ...building,
    'await-site sites.commit',
    'record-step sites.commit',
  ],
)

sweepTest({ name: 'a build that fails', health: 'sick', poolTarget: 0, expected: { failed: 1 }, prepare: askForSite }, [
  ...building,
  'await-site runtime.countEnds',
  'fail-site blueprints.get',
  'fail-site secrets.valueOf',
  'fail-site runtime.locate',
  'fail-site runtime.observe',
  'fail-site evidence.keep',
  'fail-site sites.commit',
  'remove-failed-site runtime.remove',
  'remove-failed-site storage.remove',
  'mail-owner mailer.send',
])
