import { sweepTest } from '../support/faults/sweep-test.ts'
import { signIn, startSignup, verifySignup } from '../support/faults/visitor.ts'
import type { World } from '../support/faults/world.ts'
import { readStoredItems } from '../support/simulation/stored-items.ts'

const email = 'ada@example.com'

const onePerson = async (world: World): Promise<readonly string[]> => {
  const people = readStoredItems(world.tables).ofKind('person').length
  return people === 1 ? [] : [`there are ${people} people with one address`]
}

const oneCode = async ({ host }: World): Promise<readonly string[]> => {
  const codes = (await (await host()).mailbox.list({ to: email })).length
  return codes === 1 ? [] : [`${codes} codes were mailed for one sign-up`]
}

const base = { health: 'well', poolTarget: 0, expected: {} } as const

sweepTest(
  { ...base, name: 'starting a sign-up', prepare: async (world) => () => startSignup(world, email), check: oneCode },
  ['public-api signups.create', 'public-api mailer.send'],
)

sweepTest(
  {
    ...base,
    name: 'verifying a new address',
    prepare: async (world) => {
      const id = await startSignup(world, email)
      return () => verifySignup(world, id, email)
    },
    check: onePerson,
  },
  [
    'public-api signups.countTry',
    'public-api accounts.findByEmailHash',
    'public-api signups.complete',
    'stream outbox.pending',
    'stream outbox.clear',
    'publish-events bus.publish',
  ],
)

sweepTest(
  {
    ...base,
    name: 'verifying a known address',
    prepare: async (world) => {
      const { accountId } = await signIn(world, email)
      const id = await startSignup(world, email)
      return async () => {
        const again = await verifySignup(world, id, email)
        if (again.accountId !== accountId) throw new Error('the address got another account')
      }
    },
    check: onePerson,
  },
  ['public-api signups.countTry', 'public-api accounts.findByEmailHash', 'public-api signups.complete'],
)
