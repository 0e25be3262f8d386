import { type Blueprint, parseBlueprint } from '../../core/blueprint/blueprint.ts'
import { homeOf } from '../../core/site/location.ts'
import { findRehearsal, type RehearsalSite, resultOf } from '../../lambdas/rehearsals/rehearsal.ts'
import { differences } from '../support/faults/differences.ts'
import { actAt, keptSite, type OwnedSite, ownSite } from '../support/faults/owned-site.ts'
import type { Scenario } from '../support/faults/scenario.ts'
import { readContent } from '../support/faults/site-content.ts'
import { sweepTest } from '../support/faults/sweep-test.ts'
import { tinyBlueprint } from '../support/faults/tiny-blueprint.ts'
import { rehearse } from '../support/faults/visitor.ts'
import type { World } from '../support/faults/world.ts'

const ownedOf = new WeakMap<World, OwnedSite>()

const nextVersion = (command: readonly string[]): Blueprint =>
  parseBlueprint(
    { ...tinyBlueprint('well'), version: 2, release: { migrates: true, command, checks: [{ path: '/kept' }] } },
    'the next version',
  )

/** The sweep compares the data: it may only be read. */
const reads = ['node', '-e', "fs.readFileSync(process.env.DATA_DIRECTORY + '/kept')"]
const fails = ['node', '-e', 'process.exit(3)']

const rehearsalIn = async (world: World): Promise<RehearsalSite | undefined> => {
  const owned = ownedOf.get(world)
  const original = owned && (await keptSite(world, owned.id))
  return original && findRehearsal((await world.host()).store, original)
}

/** Its original is as it was, and it has the same data. */
const hasPassed = async (world: World): Promise<readonly string[]> => {
  const site = await rehearsalIn(world)
  const result = site && resultOf(site)
  if (site?.status !== 'active' || result?.status !== 'passed') return [`the rehearsal is ${JSON.stringify(site)}`]
  const { storage } = await world.host()
  const original = await keptSite(world, site.rehearsalOf.siteId)
  const written = world.kept.get(original.id) ?? []
  return [
    ...differences('its data', await readContent(storage.directoryOf(homeOf(site))), written),
    ...(original.blueprint.version === 1 ? [] : ['the original has another version']),
    ...(site.blueprint.version === 2 && Object.keys(result.durations).length === 4 ? [] : [JSON.stringify(result)]),
  ]
}

const hasEnded =
  (status: 'failed' | 'passed') =>
  async (world: World): Promise<readonly string[]> => {
    const site = await rehearsalIn(world)
    const isIt = site !== undefined && resultOf(site).status === status && !('ownership' in site && site.ownership)
    return isIt ? [] : [`the rehearsal is ${JSON.stringify(site)}`]
  }

const scenario = (name: string, command: readonly string[], other: Partial<Scenario> = {}): Scenario => ({
  name,
  health: 'well',
  poolTarget: 1,
  haste: 10,
  polls: /^(use-copy|complete-jobs|run-site )/,
  expected: { active: 1 },
  prepare: async (world) => {
    const owned = await ownSite(world)
    ownedOf.set(world, owned)
    await (await world.host()).store.blueprints.publish(nextVersion(command))
    return async () => {
      await rehearse(world, owned, 2)
      await world.quiet()
    }
  },
  ...other,
})

const building = [
  'operator-api sites.commit',
  'prepare-storage storage.prepare',
  'use-copy archiver.run',
  'use-copy sites.commit',
  'run-site runtime.runOnce',
]

sweepTest(scenario('a rehearsal after a copy of its original', reads, { check: hasPassed }), [
  ...building,
  'operator-api workflows.start',
  'heal-work sites.findByHostname',
  'heal-work sites.commit',
  'heal-work workflows.start',
  'run-site runtime.start',
  'run-site probe.meets',
  'run-site sites.commit',
  'record-step sites.commit',
])

sweepTest(scenario('a rehearsal whose release command fails', fails, { check: hasEnded('failed') }), [
  ...building,
  'fail-site evidence.keep',
  'fail-site sites.commit',
  'remove-failed-site runtime.remove',
])

const rehearsed = async (world: World): Promise<OwnedSite> => {
  const owned = await ownSite(world)
  ownedOf.set(world, owned)
  await (await world.host()).store.blueprints.publish(nextVersion(reads))
  await rehearse(world, owned, 2)
  await world.quiet()
  return owned
}

const removing = ['remove-remains runtime.remove', 'remove-remains archiver.run', 'remove-remains storage.remove']

sweepTest(
  scenario('a rehearsal that has been there for seven days', reads, {
    prepare: async (world) => {
      await rehearsed(world)
      const until = (await rehearsalIn(world))?.rehearsalOf.until ?? ''
      return () => actAt(world, until)
    },
    check: hasEnded('passed'),
  }),
  ['act-on-deadlines sites.commit', 'act-on-deadlines workflows.start', ...removing],
)

sweepTest(
  scenario('a rehearsal that follows another one', reads, {
    prepare: async (world) => {
      const owned = await rehearsed(world)
      return async () => {
        await rehearse(world, owned, 2)
        await world.quiet()
      }
    },
    check: hasPassed,
  }),
  [...building, ...removing],
)
