import { plusDays } from '../../core/instant.ts'
import { actAt, archivedSite, deletionAt, ownSite, purgeAt } from '../support/faults/owned-site.ts'
import { sweepTest } from '../support/faults/sweep-test.ts'
import { closeAccount, deleteSite } from '../support/faults/visitor.ts'
import { readStoredItems } from '../support/simulation/stored-items.ts'

const purging = [
  'act-on-deadlines sites.listDue',
  'act-on-deadlines sites.commit',
  'act-on-deadlines workflows.start',
  'pass-gate sites.get',
  'pass-gate sites.commit',
  'remove-remains sites.get',
  'remove-remains runtime.remove',
  'remove-remains storage.list',
  'remove-remains archives.list',
  'remove-remains archives.remove',
  'remove-remains evidence.erase',
  'record-step sites.commit',
  'count-sites totals.count',
  'mail-owner mailer.send',
]

sweepTest(
  {
    name: 'purging an archived site',
    health: 'well',
    poolTarget: 1,
    expected: { purged: 1 },
    prepare: async (world) => {
      const owned = await archivedSite(world)
      const due = await purgeAt(world, owned)
      // Nobody is purged unwarned.
      await actAt(world, plusDays(due, -2))
      return () => actAt(world, due)
    },
  },
  [...purging, 'pass-gate brakes.read', 'pass-gate accounts.get'],
)

sweepTest(
  {
    name: "an owner's own deletion, from asking for it to the purge",
    health: 'well',
    poolTarget: 1,
    expected: { purged: 1 },
    prepare: async (world) => {
      const owned = await ownSite(world)
      return async () => {
        await deleteSite(world, owned)
        await world.quiet()
        await actAt(world, deletionAt(world))
      }
    },
  },
  [
    ...purging,
    'owner-api sites.commit',
    'owner-api workflows.start',
    'stop-site runtime.remove',
    'remove-remains archiver.run',
    'remove-remains storage.remove',
  ],
)

const email = 'ada@example.com'

sweepTest(
  {
    name: 'the deletion of an account, from the request to the erasure',
    health: 'well',
    poolTarget: 1,
    expected: { purged: 1 },
    prepare: async (world) => {
      const owned = await ownSite(world)
      return async () => {
        await closeAccount(world, owned, email)
        await world.quiet()
        await world.tick('admit-waiting')
        // Deletes the sites, where the request could not.
        await world.tick('heal-work')
        await world.quiet()
        await actAt(world, deletionAt(world))
        await world.tick('heal-work')
        await world.tick('heal-work')
        await world.tick('admit-waiting')
        world.clock.advance(60_000)
        await world.tick('admit-waiting')
        await world.quiet()
      }
    },
    check: async (world) => {
      const { ofKind } = readStoredItems(world.tables)
      const { mailbox } = await world.host()
      return [
        ...['person', 'email', 'membership', 'closure-task'].flatMap((kind) =>
          ofKind(kind).map(({ pk, sk }) => `${pk} ${sk} is left`),
        ),
        ...(await mailbox.list({ to: email })).map(({ subject }) => `the mail '${subject}' is left`),
      ]
    },
  },
  [
    ...purging,
    'owner-api accountChanges.commit',
    'owner-api sites.commit',
    'admit-waiting closureTasks.remove',
    'heal-work accountChanges.commit',
    'heal-work siteEraser.erase',
    'admit-waiting personEraser.eraseAccess',
    'admit-waiting personEraser.erasePerson',
    'admit-waiting personalFiles.erase',
  ],
)
