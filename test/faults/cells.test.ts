import { plusDays } from '../../core/instant.ts'
import { nextDestructiveStep } from '../../core/site/next-step.ts'
import { isKept } from '../../core/site/site.ts'
import config from '../../sitewright.config.ts'
import { type BusyVisitor, startWriting } from '../support/faults/busy-visitor.ts'
import { putToSleep } from '../support/faults/fall-asleep.ts'
import {
  drainOther,
  type LeftCell,
  loseAndFind,
  loseIfGone,
  rolloutOf,
  wrongRollout,
} from '../support/faults/leaving.ts'
import { actAt, keptSite, type OwnedSite, ownSite, suspensionAt } from '../support/faults/owned-site.ts'
import {
  agreeOnRelocation,
  everyPart,
  prepareTargets,
  relocateAt,
  relocateByHand,
} from '../support/faults/relocations.ts'
import type { Scenario } from '../support/faults/scenario.ts'
import { sweepTest } from '../support/faults/sweep-test.ts'
import { cell, otherCell } from '../support/faults/two-cells.ts'
import { copySite } from '../support/faults/visitor.ts'
import type { World } from '../support/faults/world.ts'

const [policy] = config.trialPolicies
if (policy === undefined) throw new Error('there is no trial policy')

const ownedOf = new WeakMap<World, OwnedSite>()
const visitorOf = new WeakMap<World, BusyVisitor>()

const polls =
  /^(use-copy|complete-jobs|advance-rollouts|run-site (runtime\.runOnce|sites\.get|blueprints\.get|secrets\.valueOf|runtime\.locate))/

type Act = (world: World, owned: OwnedSite) => Promise<unknown>
type Check = (world: World, owned: OwnedSite) => Promise<readonly string[]>

/** A site in the other cell, and what happens to it there. */
const scenario = (
  name: string,
  act: Act,
  check: Check,
  {
    before = async () => undefined,
    isWritten = true,
    ...other
  }: Partial<Scenario> & {
    readonly before?: Act
    /** Whether somebody writes to it all the time. */
    readonly isWritten?: boolean
  } = {},
): Scenario => ({
  name,
  health: 'well',
  poolTarget: 1,
  haste: 10,
  polls,
  expected: { active: 1 },
  prepare: async (world) => {
    const owned = await ownSite(world)
    ownedOf.set(world, owned)
    await relocateByHand(world, owned, otherCell)
    // Archives have some of it, too.
    if (isWritten) visitorOf.set(world, startWriting(world, owned.id))
    await before(world, owned)
    return async () => {
      await act(world, owned)
      await world.quiet()
    }
  },
  check: async (world) => {
    const owned = ownedOf.get(world)
    if (owned === undefined) return ['nobody owns a site']
    const isLost = (await rolloutOf(world))?.kind === 'loss'
    return [...(await check(world, owned)), ...((await visitorOf.get(world)?.end(isLost)) ?? [])]
  },
  ...other,
})

const cellIs = async (world: World, { id }: OwnedSite, ...allowed: readonly string[]): Promise<readonly string[]> => {
  const site = await keptSite(world, id)
  return allowed.includes(site.cell) ? [] : [`${id} is in the cell '${site.cell}'`]
}

/** It is in this cell, and the roll-out ended so. */
const ended =
  (wanted: string, rollout: LeftCell): Check =>
  async (world, owned) => [...(await cellIs(world, owned, wanted)), ...(await wrongRollout(world, rollout))]

const leaving = ['rollout-api rollouts.write', 'advance-rollouts rollouts.write']
const moving = ['advance-rollouts sites.commit', 'advance-rollouts workflows.start', 'run-site runtime.start']
const copying = ['stop-site runtime.remove', 'use-copy archiver.run', 'use-copy storage.prepare']
const restoring = ['use-copy archiver.run', 'use-copy storage.prepare', 'use-copy sites.commit']

sweepTest(scenario('a cell that is drained under load', drainOther, ended(cell, { kind: 'drain', done: 1 })), [
  ...leaving,
  ...moving,
  ...copying,
  'run-site sites.commit',
])

sweepTest(
  scenario('a drained cell whose site sleeps', drainOther, ended(cell, { kind: 'drain', done: 1 }), {
    before: putToSleep,
  }),
  [...leaving, ...moving, 'use-copy archiver.run'],
)

sweepTest(
  scenario(
    'a drained cell whose site does not answer elsewhere',
    drainOther,
    ended(otherCell, { kind: 'drain', state: 'halted', failed: 1 }),
    { ailing: ({ cell: at, generation }) => at === cell && generation > 1 },
  ),
  [...leaving, ...moving, ...copying, 'run-site evidence.keep'],
)

const purgeOf = new WeakMap<World, string>()

/** Notes when the site would be purged if it were archived on its day. */
const suspend: Act = async (world, owned) => {
  await actAt(world, await suspensionAt(world, owned))
  const due = nextDestructiveStep(await keptSite(world, owned.id), policy)
  if (due?.step !== 'archive') throw new Error(`the next step is ${due?.step}`)
  purgeOf.set(world, plusDays(due.dueAt, policy.retentionDays))
}

const keepsItsPurge =
  (rollout: LeftCell): Check =>
  async (world, owned) => {
    const site = await keptSite(world, owned.id)
    const due = isKept(site) ? nextDestructiveStep(site, policy) : undefined
    const isIt = due?.step === 'purge' && due.dueAt === purgeOf.get(world)
    return [
      ...(isIt ? [] : [`its next step is ${JSON.stringify(due)} and not the purge at ${purgeOf.get(world)}`]),
      ...(await wrongRollout(world, rollout)),
    ]
  }

const suspended = { before: suspend, isWritten: false, expected: { archived: 1 } }

sweepTest(
  scenario('a drained cell whose site is suspended', drainOther, keepsItsPurge({ kind: 'drain', done: 1 }), suspended),
  [...leaving, 'advance-rollouts sites.commit', 'use-copy archiver.run', 'archive-due-site sites.commit'],
)

sweepTest(
  scenario('a lost cell whose site is suspended', loseAndFind, keepsItsPurge({ kind: 'loss', done: 1 }), suspended),
  [...leaving, 'advance-rollouts sites.commit', 'mail-owner mailer.send'],
)

const readyIn = async (world: World, of: string): Promise<number> =>
  (await world.host()).store.sites.countReady({ cell: of, blueprint: 'tiny' })

/** Has the one site of the pool in the other cell; the next ones are placed in the first one. */
const poolInOther = async (world: World): Promise<void> => {
  world.cells.placeIn(otherCell)
  world.pool.target = 1
  while ((await readyIn(world, otherCell)) === 0) {
    await world.tick('fill-pool')
    await world.quiet()
  }
  world.cells.placeIn(cell)
}

const pooled = (name: string, act: (world: World) => Promise<unknown>, kind: LeftCell['kind']): Scenario => ({
  ...{ name, health: 'well', poolTarget: 0, haste: 10, polls, expected: {} },
  prepare: async (world) => {
    await poolInOther(world)
    return async () => {
      await act(world)
      await world.quiet()
    }
  },
  check: async (world) => [
    ...((await readyIn(world, otherCell)) === 0 ? [] : ['the pool still has a site in the cell']),
    // The pool may have retired it before the drain looked.
    ...(await wrongRollout(world, { kind, done: kind === 'drain' && (await rolloutOf(world))?.done === 0 ? 0 : 1 })),
  ],
})

const retiring = [...leaving, 'advance-rollouts sites.commit', 'fill-pool sites.commit']
sweepTest(pooled('a drained cell whose site is in the pool', drainOther, 'drain'), retiring)
sweepTest(pooled('a lost cell whose site is in the pool', loseAndFind, 'loss'), retiring)

/** It has an archive that is newer than that of its last relocation. */
const copy: Act = async (world, owned) => {
  await copySite(world, owned)
  await world.quiet()
}

sweepTest(
  scenario('a lost cell whose site is restored', loseAndFind, ended(cell, { kind: 'loss', done: 1 }), { before: copy }),
  [...leaving, ...moving, ...restoring],
)

sweepTest(
  scenario('a lost cell whose site sleeps', loseAndFind, ended(cell, { kind: 'loss', done: 1 }), {
    before: putToSleep,
  }),
  [...leaving, ...moving, ...restoring],
)

/** What may have happened to the cell at one of these calls. */
const whenLost = (name: string, act: Act, before: Act, more: Partial<Scenario> = {}): Scenario =>
  scenario(
    name,
    async (world, owned) => {
      await act(world, owned).catch((error: unknown) => {
        // What somebody asks for once the disk is gone is refused.
        if (!world.cells.isAway(otherCell)) throw error
      })
      await world.quiet()
      await loseIfGone(world)
    },
    // Where the disk was gone before there was an archive, the site waits for it.
    async (world, owned) => cellIs(world, owned, cell, otherCell),
    { before, kinds: ['disk-gone'], ...more },
  )

const nothing: Act = async () => undefined

sweepTest(whenLost('a cell that is lost during a copy of its site', copy, nothing), ['use-copy archiver.run'])
sweepTest(
  whenLost('a cell that is lost during the drain of it', (world) => drainOther(world), nothing),
  copying,
)

/** The site is in the first cell again. */
const goHome: Act = (world, owned) => relocateByHand(world, owned, cell)

sweepTest(
  whenLost(
    'a cell that is lost while a site is relocated there',
    (world, owned) => relocateByHand(world, owned, otherCell),
    goHome,
  ),
  [...copying, 'run-site sites.commit'],
)

/** Agrees on a relocation to the other cell, and has everything as it is at its window. */
const agree: Act = async (world, owned) => {
  await goHome(world, owned)
  await prepareTargets(world, owned)
  const { from } = await agreeOnRelocation(world, owned, everyPart)
  await relocateAt(world, plusDays(from, -1))
}

sweepTest(
  whenLost(
    'a cell that is lost during the switch of a relocation, or before its confirmation',
    async (world, owned) => {
      const { relocation } = await keptSite(world, owned.id)
      await relocateAt(world, relocation?.window.from ?? '')
      // Every call from here on is one before the confirmation.
      await copySite(world, owned)
    },
    agree,
  ),
  [...copying, 'run-site sites.commit', 'owner-api sites.commit'],
)

sweepTest(
  scenario('a lost cell that is back during its roll-out', loseAndFind, ended(cell, { kind: 'loss', done: 1 }), {
    before: copy,
    kinds: ['disk-back'],
  }),
  [...leaving, ...moving, ...restoring],
)
