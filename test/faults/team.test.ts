import { sweepTest } from '../support/faults/sweep-test.ts'
import { expectStatus, insist, signIn } from '../support/faults/visitor.ts'
import type { World } from '../support/faults/world.ts'
import { readStoredItems } from '../support/simulation/stored-items.ts'

const email = 'bob@example.com'
const base = { health: 'well', poolTarget: 0, expected: {} } as const

const invite = async (world: World, token: string) =>
  insist(world, { method: 'POST', path: '/v1/team/invitations', token, body: { email, role: 'developer' } })

const invitationsTo = async (world: World, token: string) =>
  expectStatus(await insist(world, { method: 'GET', path: '/v1/invitations', token }), 200)['invitations'] as {
    readonly id: string
  }[]

sweepTest(
  {
    ...base,
    name: 'inviting a member',
    prepare: async (world) => {
      const ada = await signIn(world, 'ada@example.com')
      return async () => {
        const answer = await invite(world, ada.token)
        // An owner who lost the answer learns that the invitation is there.
        expectStatus(answer, 201, ...(answer.repeated ? [409] : []))
      }
    },
    check: async (world) => {
      const bob = await signIn(world, email)
      const { length } = await invitationsTo(world, bob.token)
      return length === 1 ? [] : [`there are ${length} invitations`]
    },
  },
  ['team-api mailer.send', 'team-api team.invite'],
)

sweepTest(
  {
    ...base,
    name: 'accepting an invitation',
    prepare: async (world) => {
      const [ada, bob] = [await signIn(world, 'ada@example.com'), await signIn(world, email)]
      expectStatus(await invite(world, ada.token), 201)
      const [invitation] = await invitationsTo(world, bob.token)
      return async () => {
        const path = `/v1/invitations/${invitation?.id}/acceptance`
        const answer = await insist(world, { method: 'POST', path, token: bob.token })
        expectStatus(answer, 200, ...(answer.repeated ? [404] : []))
      }
    },
    check: async (world) => {
      const members = readStoredItems(world.tables).ofKind('member').length
      const open = (await invitationsTo(world, (await signIn(world, email, 'later')).token)).length
      // Below the account and below the person.
      return members === 2 && open === 0 ? [] : [`${members} items of members, ${open} open invitations`]
    },
  },
  ['team-api team.invitationsTo', 'team-api team.accept'],
)
