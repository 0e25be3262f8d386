import { actAt, mailedSubjects, ownSite, reminderAt, suspensionAt } from '../support/faults/owned-site.ts'
import { sweepTest } from '../support/faults/sweep-test.ts'

const acting = [
  'act-on-deadlines brakes.read',
  'act-on-deadlines brakes.write',
  'act-on-deadlines sites.listDue',
  'act-on-deadlines sites.get',
  'act-on-deadlines sites.commit',
  'act-on-deadlines sites.countDue',
  'stream outbox.clear',
  'publish-events bus.publish',
]

sweepTest(
  {
    name: 'a reminder',
    health: 'well',
    poolTarget: 1,
    expected: { active: 1 },
    prepare: async (world) => {
      const owned = await ownSite(world)
      const due = await reminderAt(world, owned)
      return () => actAt(world, due)
    },
    check: async (world) => {
      const reminders = (await mailedSubjects(world)).filter((subject) => subject.includes('ends in'))
      return reminders.length === 1 ? [] : [`${reminders.length} reminders were sent`]
    },
  },
  [...acting, 'mail-owner sites.get', 'mail-owner accounts.getOwner', 'mail-owner mailer.send'],
)

sweepTest(
  {
    name: 'the end of a trial',
    health: 'well',
    poolTarget: 1,
    expected: { suspended: 1 },
    prepare: async (world) => {
      const owned = await ownSite(world)
      const due = await suspensionAt(world, owned)
      return () => actAt(world, due)
    },
  },
  [
    ...acting,
    'act-on-deadlines totals.read',
    'act-on-deadlines workflows.start',
    'pass-gate sites.get',
    'pass-gate brakes.read',
    'pass-gate accounts.get',
    'pass-gate sites.commit',
    'stop-site sites.get',
    'stop-site runtime.remove',
    'record-step sites.get',
    'record-step sites.commit',
    'count-sites totals.count',
    'mail-owner mailer.send',
  ],
)
