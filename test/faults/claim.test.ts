import { sweepTest } from '../support/faults/sweep-test.ts'
import { createSite, signIn } from '../support/faults/visitor.ts'

const email = 'ada@example.com'

sweepTest(
  {
    name: 'claiming a site of a warm pool',
    health: 'well',
    poolTarget: 2,
    expected: { active: 1 },
    prepare: async (world) => {
      const { token } = await signIn(world, email)
      // What tops the pool up is swept for itself.
      world.pool.target = 1
      return () => createSite(world, email, token, 'shop')
    },
  },
  [
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
  ],
)
