import { sweepTest } from '../support/faults/sweep-test.ts'
import { createSite, signIn } from '../support/faults/visitor.ts'
import type { World } from '../support/faults/world.ts'

const claiming = [
  'owner-api sessions.find',
  'owner-api sites.findReady',
  'owner-api sites.commit',
  'stream outbox.clear',
  'publish-events bus.publish',
  'mail-owner sites.get',
  'mail-owner accounts.getOwner',
  'mail-owner mailer.send',
  'fill-pool sites.listByStatus',
  'fill-pool sites.countReady',
]

/** @param target what is left in the pool in the end: what tops it up is swept for itself. */
const claimBy = (names: readonly string[], target: number) => async (world: World) => {
  const people = names.map((name) => ({ name, email: `${name}@example.com` }))
  const claims: (() => Promise<unknown>)[] = []
  for (const { name, email } of people) {
    const { token } = await signIn(world, email)
    claims.push(() => createSite(world, email, token, `${name}-shop`))
  }
  world.pool.target = target
  return () => Promise.all(claims.map((claim) => claim()))
}

sweepTest(
  {
    name: 'claiming a site of a warm pool',
    health: 'well',
    poolTarget: 2,
    expected: { active: 1 },
    prepare: claimBy(['ada'], 1),
  },
  claiming,
)

sweepTest(
  {
    name: 'two people claiming from a small pool at once',
    health: 'well',
    poolTarget: 2,
    expected: { active: 2 },
    prepare: claimBy(['ada', 'grace'], 0),
  },
  claiming,
)

sweepTest(
  {
    name: 'claiming a site that was prepared and starts with its owner',
    health: 'well',
    startsAtClaim: true,
    poolTarget: 2,
    expected: { active: 1 },
    prepare: claimBy(['ada'], 1),
  },
  [
    'owner-api sites.findReady',
    'owner-api sites.commit',
    'owner-api workflows.start',
    'start-site runtime.start',
    'start-site sites.commit',
    'await-site probe.isHealthy',
    'await-site sites.commit',
    'record-step sites.commit',
  ],
)

sweepTest(
  {
    name: 'a prepared site that does not start',
    health: 'sick',
    startsAtClaim: true,
    poolTarget: 1,
    expected: { failed: 1 },
    prepare: claimBy(['ada'], 1),
  },
  [
    'owner-api workflows.start',
    'fail-site sites.commit',
    'remove-failed-site storage.remove',
    'mail-owner mailer.send',
  ],
)
