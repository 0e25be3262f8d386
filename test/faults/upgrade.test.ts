import { type Blueprint, parseBlueprint } from '../../core/blueprint/blueprint.ts'
import { changeSite } from '../../core/site/change-site.ts'
import { homeOf } from '../../core/site/location.ts'
import { startRollout } from '../../lambdas/releases/control-rollout.ts'
import { releaseCopyOf } from '../../lambdas/releases/restore-copy.ts'
import { freshWalk } from '../../lambdas/releases/rollout.ts'
import { assignVersion, beginUpgrade } from '../../lambdas/releases/swap/begin-swap.ts'
import { putToSleep, visit } from '../support/faults/fall-asleep.ts'
import { keptSite, type OwnedSite, ownSite, suspendedSite } from '../support/faults/owned-site.ts'
import type { Scenario } from '../support/faults/scenario.ts'
import { writeMore } from '../support/faults/site-content.ts'
import { sweepTest } from '../support/faults/sweep-test.ts'
import { tinyBlueprint } from '../support/faults/tiny-blueprint.ts'
import { restoreReleaseCopy, resumeSite } from '../support/faults/visitor.ts'
import type { World } from '../support/faults/world.ts'
import { fixedContext } from '../support/fixed-ports.ts'

const ownedOf = new WeakMap<World, OwnedSite>()

interface Kind {
  readonly data?: 'shared'
  readonly migrates?: true
  readonly command?: readonly string[]
}

const noRelease = { migrates: false, backwardCompatible: false, checks: [] } as const

const nextVersion = ({ data, migrates = false, command }: Omit<Kind, 'migrates'> & { migrates?: boolean }): Blueprint =>
  parseBlueprint(
    {
      ...tinyBlueprint('well', data),
      version: 2,
      release: { migrates, checks: [{ path: '/', contains: 'site_' }, { path: '/kept' }], ...(command && { command }) },
    },
    'the next version',
  )

const upgrade = async (world: World, { id }: OwnedSite, { migrates, command }: Kind): Promise<void> => {
  const { store } = await world.host()
  const { randomness } = fixedContext()
  const clocks = { domain: world.clock.domain, wall: world.clock.now }
  await changeSite(store.sites, id, (site) =>
    site?.status !== 'active' || site.operation !== undefined || site.blueprint.version === 2
      ? undefined
      : beginUpgrade(
          site,
          { to: 2, migrates: migrates === true, runs: command !== undefined },
          { actor: { kind: 'system' }, causationId: 'a-roll-out', clocks, randomness },
        ),
  )
  await world.tick('heal-work')
  await world.quiet()
}

const versions = async (world: World): Promise<readonly string[]> => {
  const owned = ownedOf.get(world)
  if (owned === undefined) return ['nobody owns a site']
  const { id, blueprint, operation, upgradedFrom } = await keptSite(world, owned.id)
  const said = `${id} has version ${blueprint.version}, from ${upgradedFrom}, during ${operation?.kind}`
  return blueprint.version === 2 && upgradedFrom === 1 && operation === undefined ? [] : [said]
}

const scenario = (name: string, { data, migrates, command }: Kind): Scenario => ({
  name,
  ...(data === undefined ? {} : { data }),
  health: 'well',
  poolTarget: 1,
  haste: 10,
  polls: /^(use-copy|complete-jobs|run-site runtime.runOnce)/,
  expected: { active: 1 },
  prepare: async (world) => {
    const owned = await ownSite(world)
    ownedOf.set(world, owned)
    await (await world.host()).store.blueprints.publish(
      nextVersion({ ...(data && { data }), ...(command && { command }), migrates: migrates === true }),
    )
    return () => upgrade(world, owned, { ...(migrates && { migrates }), ...(command && { command }) })
  },
  check: versions,
})

const formerVersion = async (world: World): Promise<readonly string[]> => {
  const owned = ownedOf.get(world)
  if (owned === undefined) return ['nobody owns a site']
  const { id, blueprint, operation, failedUpgrade } = await keptSite(world, owned.id)
  const isBack = blueprint.version === 1 && operation === undefined && failedUpgrade?.to === 2
  return isBack ? [] : [`${id} has version ${blueprint.version}, during ${operation?.kind}`]
}

/** The new version never answers as it should: the former one is back, with the data that it had. */
const ailing = (name: string, kind: Kind): Scenario => ({
  ...scenario(name, kind),
  ailing: ({ blueprint }) => blueprint.version === 2,
  check: formerVersion,
})

const every = [
  'heal-work workflows.start',
  'record-step sites.commit',
  'run-site probe.isHealthy',
  'run-site sites.commit',
]

sweepTest(scenario('a site that goes over to another version beside it', { data: 'shared' }), [
  ...every,
  'run-site runtime.startBeside',
  'run-site probe.meets',
  'leave-old-version runtime.start',
])

sweepTest(scenario('a site that is swapped for another version', {}), [...every, 'run-site runtime.start'])

sweepTest(scenario('a site that migrates to another version on a copy', { migrates: true }), [
  ...every,
  'stop-site runtime.remove',
  'use-copy archiver.run',
  'use-copy storage.prepare',
])

sweepTest(ailing('a site whose migration does not become healthy', { migrates: true }), [
  ...every.slice(0, 2),
  'run-site runtime.start',
])

// The sweep compares the data: it may only be read.
const migrates = ['node', '-e', "fs.readFileSync(process.env.DATA_DIRECTORY + '/kept')"]

const commanding = ['run-site runtime.runOnce', 'run-site runtime.start']

sweepTest(scenario('a site whose next version has a command', { command: migrates }), [...every, ...commanding])

sweepTest(scenario('a site whose next version has a command and migrates', { command: migrates, migrates: true }), [
  ...every,
  ...commanding,
  'use-copy archiver.run',
])

const fails = ['node', '-e', 'process.exit(3)']

sweepTest(
  { ...scenario('a site whose release command fails', { command: fails, migrates: true }), check: formerVersion },
  ['run-site runtime.runOnce', 'run-site evidence.keep', 'run-site runtime.start'],
)

/** The data from before an upgrade comes back; its copy is kept, and what was written since as another one. */
const restored = async (world: World): Promise<readonly string[]> => {
  const owned = ownedOf.get(world)
  if (owned === undefined) return ['nobody owns a site']
  const { id, blueprint, operation, archives, failedUpgrade } = await keptSite(world, owned.id)
  const copies = archives.map(({ kind, blueprint: { version } }) => `${kind} ${version}`).join()
  const isBack = blueprint.version === 1 && operation === undefined && failedUpgrade?.restored !== undefined
  return isBack && copies === 'release 2,release 1'
    ? []
    : [`${id} has version ${blueprint.version}, and the copies ${copies}`]
}

sweepTest(
  {
    ...scenario('a site whose release copy an operator restores', {}),
    prepare: async (world) => {
      const owned = await ownSite(world)
      const { id } = owned
      ownedOf.set(world, owned)
      const { store, storage } = await world.host()
      await store.blueprints.publish(nextVersion({ migrates: true }))
      await upgrade(world, owned, { migrates: true })
      const site = await keptSite(world, id)
      world.released.set(id, await writeMore(storage.directoryOf(homeOf(site))))
      const archiveId = releaseCopyOf(site)?.id ?? 'none'
      return async () => {
        await Promise.all(['ada', 'bob'].map((operator) => restoreReleaseCopy(world, owned, archiveId, operator)))
        await world.quiet()
      }
    },
    check: restored,
  },
  [
    ...every.slice(1),
    'rollout-api rollouts.read',
    'rollout-api sites.commit',
    'rollout-api workflows.start',
    'stop-site runtime.remove',
    'use-copy archiver.run',
    'use-copy storage.prepare',
    'run-site runtime.start',
  ],
)

const decision = { actor: { kind: 'operator', operatorId: 'ada', role: 'admin' }, causationId: 'a-request' } as const

/** Publishes the next version. @returns what starts its roll-out, and moves it on once. */
const readyToRollOut = async (world: World, backwardCompatible = false): Promise<() => Promise<void>> => {
  const { store } = await world.host()
  await store.blueprints.publish({ ...nextVersion({}), release: { ...noRelease, backwardCompatible, bakeSeconds: 0 } })
  const clocks = { domain: world.clock.domain, wall: world.clock.now }
  const { randomness } = fixedContext()
  const request = { ...decision, blueprint: 'tiny', to: 2, isSecurity: false, reason: 'It is better.' }
  return async () => {
    await startRollout({ ...(await world.host()).store, clocks, randomness }, request)
    await world.tick('advance-rollouts')
    await world.quiet()
  }
}

const maxRuns = 20

/** Rolls the next version out to its end. A busy machine may need more than one run. */
const rollOut = async (world: World, backwardCompatible = false): Promise<void> => {
  await (await readyToRollOut(world, backwardCompatible))()
  const { rollouts } = (await world.host()).store
  for (let run = 0; (await rollouts.read('tiny'))?.state !== 'finished'; run += 1) {
    if (run === maxRuns) throw new Error('the roll-out does not finish')
    await world.tick('advance-rollouts')
    await world.quiet()
  }
}

const finished = async (world: World, done: number): Promise<readonly string[]> => {
  const rollout = await (await world.host()).store.rollouts.read('tiny')
  const isDone = rollout?.state === 'finished' && rollout.done === done && rollout.chosen.length === 0
  return [...(await versions(world)), ...(isDone ? [] : [`the roll-out is ${JSON.stringify(rollout)}`])]
}

/** The roll-out itself, from its start until it has finished. */
sweepTest(
  {
    ...scenario('a roll-out', {}),
    prepare: async (world) => {
      ownedOf.set(world, await ownSite(world))
      return readyToRollOut(world)
    },
    check: (world) => finished(world, 1),
  },
  ['advance-rollouts rollouts.write', 'advance-rollouts sites.commit', 'advance-rollouts workflows.start'],
)

sweepTest(
  {
    ...scenario('a site that is resumed after a roll-out', {}),
    prepare: async (world) => {
      const owned = await suspendedSite(world)
      ownedOf.set(world, owned)
      await rollOut(world)
      return async () => {
        await resumeSite(world, owned)
        await world.quiet()
        await world.tick('reconcile-sites')
        await world.quiet()
      }
    },
    check: (world) => finished(world, 0),
  },
  [
    ...['rollouts.list', 'brakes.read', 'blueprints.versions', 'sites.commit'].map((call) => `reconcile-sites ${call}`),
    ...['reconcile-sites workflows.start', 'run-site runtime.start', 'run-site sites.commit'],
  ],
)

/** A site that sleeps, and is to get the next version as it wakes. */
const wakingScenario = (name: string, kind: Kind, other: Partial<Scenario> = {}): Scenario => ({
  ...scenario(name, kind),
  ...other,
  polls:
    /^(use-copy|complete-jobs|run-site (sites\.get|blueprints\.get|secrets\.valueOf|runtime\.(locate|runOnce)|probe\.isHealthy))/,
  prepare: async (world) => {
    const owned = await ownSite(world)
    ownedOf.set(world, owned)
    const { store } = await world.host()
    await store.blueprints.publish(nextVersion({ ...kind, migrates: kind.migrates === true }))
    await putToSleep(world, owned)
    const { randomness } = fixedContext()
    const clocks = { domain: world.clock.domain, wall: world.clock.now }
    const due = { to: 2, migrates: kind.migrates === true, runs: kind.command !== undefined }
    await changeSite(store.sites, owned.id, (site) =>
      site?.status !== 'asleep'
        ? undefined
        : assignVersion(site, due, { actor: { kind: 'system' }, causationId: 'a-roll-out', clocks, randomness }),
    )
    return () => visit(world, owned)
  },
})

const wakes = ['run-site rollouts.read', 'run-site workflows.start', 'run-site sites.commit', 'run-site runtime.start']

sweepTest(wakingScenario('a site that wakes with another version', {}), wakes)

sweepTest(wakingScenario('a site that wakes with a version that migrates', { migrates: true }), [
  ...wakes,
  'use-copy archiver.run',
])

sweepTest(
  wakingScenario(
    'a site that does not wake with another version, and goes back',
    { migrates: true },
    { ailing: ({ blueprint }) => blueprint.version === 2, check: formerVersion },
  ),
  [...wakes, 'run-site evidence.keep'],
)

const wentBack = async (world: World): Promise<readonly string[]> => {
  const owned = ownedOf.get(world)
  if (owned === undefined) return ['nobody owns a site']
  const { id, blueprint, operation } = await keptSite(world, owned.id)
  const rollout = await (await world.host()).store.rollouts.read('tiny')
  const isBack = blueprint.version === 1 && operation === undefined && rollout?.state === 'went-back'
  return isBack ? [] : [`${id} has version ${blueprint.version}, and the roll-out is ${JSON.stringify(rollout)}`]
}

/** The way back after a bad bake time, from the record that the halt writes. */
sweepTest(
  {
    ...scenario('a roll-out that goes back', {}),
    prepare: async (world) => {
      ownedOf.set(world, await ownSite(world))
      await rollOut(world, true)
      return async () => {
        const { rollouts } = (await world.host()).store
        const rollout = await rollouts.read('tiny')
        if (rollout === undefined) throw new Error('there is no roll-out')
        const { version, endedAt: _, ...kept } = rollout
        const goesBack = { state: 'going-back', because: 'bake-time', done: 0, walk: freshWalk } as const
        const isWritten = await rollouts.write({ ...kept, ...goesBack, version: version + 1 })
        if (!isWritten) throw new Error('the roll-out is still at work')
        await world.tick('advance-rollouts')
        await world.quiet()
      }
    },
    check: wentBack,
  },
  [
    'advance-rollouts rollouts.write',
    'advance-rollouts sites.commit',
    'run-site runtime.start',
    'run-site sites.commit',
  ],
)
