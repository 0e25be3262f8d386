import { plusDays } from '../../core/instant.ts'
import type { Target } from '../../core/site/operation.ts'
import { type BusyVisitor, startWriting } from '../support/faults/busy-visitor.ts'
import { putToSleep } from '../support/faults/fall-asleep.ts'
import { keptSite, type OwnedSite, ownSite } from '../support/faults/owned-site.ts'
import {
  agreeOnRelocation,
  configure,
  everyPart,
  prepareTargets,
  relocateAt,
  relocateByHand,
  swapTo,
  switchBack,
  type Wanted,
  wrongParts,
} from '../support/faults/relocations.ts'
import type { Scenario } from '../support/faults/scenario.ts'
import { sweepTest } from '../support/faults/sweep-test.ts'
import { cell, otherCell } from '../support/faults/two-cells.ts'
import type { World } from '../support/faults/world.ts'

const ownedOf = new WeakMap<World, OwnedSite>()
const visitorOf = new WeakMap<World, BusyVisitor>()

const former: Target = { blueprint: { name: 'tiny', version: 1 }, configuration: 0, plan: 'trial', cell }

/** A site that somebody writes to, from before the change until it is over. */
const scenario = (
  name: string,
  change: (world: World, owned: OwnedSite) => Promise<void>,
  wanted: Wanted,
  {
    before = async () => undefined,
    ...other
  }: Partial<Scenario> & { readonly before?: (world: World, owned: OwnedSite) => Promise<unknown> } = {},
): Scenario => ({
  name,
  health: 'well',
  poolTarget: 1,
  haste: 10,
  polls:
    /^(use-copy|complete-jobs|run-site (runtime\.runOnce|sites\.get|blueprints\.get|secrets\.valueOf|runtime\.locate))/,
  expected: { active: 1 },
  prepare: async (world) => {
    const owned = await ownSite(world)
    ownedOf.set(world, owned)
    await prepareTargets(world, owned)
    await before(world, owned)
    return async () => {
      visitorOf.set(world, startWriting(world, owned.id))
      await change(world, owned)
      await world.quiet()
    }
  },
  check: async (world) => {
    const owned = ownedOf.get(world)
    if (owned === undefined) return ['nobody owns a site']
    return [...(await wrongParts(world, owned, wanted)), ...((await visitorOf.get(world)?.end()) ?? [])]
  },
  ...other,
})

const swapping = [
  'run-site runtime.start',
  'run-site probe.isHealthy',
  'run-site sites.commit',
  'record-step sites.commit',
]
const copying = ['stop-site runtime.remove', 'use-copy archiver.run', 'use-copy storage.prepare']

sweepTest(
  scenario(
    'a site that is relocated to another cell by hand',
    (world, owned) => relocateByHand(world, owned, otherCell),
    { parts: { ...former, cell: otherCell } },
  ),
  [...swapping, ...copying, 'rollout-api sites.commit', 'rollout-api workflows.start'],
)

const blueprint = { name: 'tiny-plus', version: 1 }

sweepTest(
  scenario('a site that gets another blueprint', (world, owned) => swapTo(world, owned, { blueprint }), {
    parts: { ...former, blueprint },
  }),
  [...swapping, ...copying, 'run-site runtime.runOnce', 'run-site probe.meets'],
)

sweepTest(
  scenario('a site that gets another configuration', (world, owned) => swapTo(world, owned, { configuration: 1 }), {
    parts: { ...former, configuration: 1 },
  }),
  swapping,
)

sweepTest(
  scenario('a site whose configuration somebody changes', (world, owned) => configure(world, owned, 'blue'), {
    parts: { ...former, configuration: 2 },
  }),
  [...swapping, 'rollout-api configurations.add', 'rollout-api sites.commit'],
)

sweepTest(
  scenario(
    'a site that gets another cell as it wakes',
    (world, owned) => relocateByHand(world, owned, otherCell),
    { parts: { ...former, cell: otherCell } },
    { before: putToSleep },
  ),
  [...swapping, 'use-copy archiver.run'],
)

/** Agrees on a relocation, and has everything as it is a moment before its window. */
const agree = async (world: World, owned: OwnedSite): Promise<void> => {
  const { from } = await agreeOnRelocation(world, owned, everyPart)
  await relocateAt(world, plusDays(from, -1))
}

const windowOf = async (world: World, { id }: OwnedSite) => {
  const { relocation } = await keptSite(world, id)
  if (relocation === undefined) throw new Error('no relocation is planned')
  return relocation.window
}

const cutOver = async (world: World, owned: OwnedSite): Promise<void> =>
  relocateAt(world, (await windowOf(world, owned)).from)

/** A site that was relocated; somebody has written something since. */
const relocated = async (world: World, owned: OwnedSite): Promise<void> => {
  await agree(world, owned)
  await cutOver(world, owned)
}

sweepTest(
  scenario(
    'a site that is relocated on a date, with all its parts',
    async (world, owned) => {
      const { from } = await agreeOnRelocation(world, owned, everyPart)
      await relocateAt(world, plusDays(from, -1))
      await relocateAt(world, from)
    },
    { parts: everyPart, state: 'switched' },
  ),
  [
    ...['act-on-deadlines sites.commit', 'act-on-deadlines workflows.start', 'mail-owner mailer.send'],
    ...[...swapping, ...copying, 'run-site runtime.runOnce', 'run-site probe.meets'],
  ],
)

sweepTest(
  scenario(
    'a site whose relocation fails its checks, and that goes back by itself',
    cutOver,
    { parts: former, state: 'draft' },
    { before: agree, ailing: ({ blueprint: { name } }) => name === 'tiny-plus' },
  ),
  ['act-on-deadlines sites.commit', 'run-site runtime.start', 'run-site evidence.keep'],
)

const acting = ['relocation-api sites.commit', 'relocation-api workflows.start']

sweepTest(
  scenario(
    'a relocated site that an operator switches back',
    switchBack,
    { parts: former, state: 'returned' },
    { before: relocated },
  ),
  [...acting, ...swapping, ...copying],
)

sweepTest(
  scenario(
    'a site that went back, and that an operator switches forward',
    (world, owned) => switchBack(world, owned, 'switched'),
    { parts: everyPart, state: 'switched' },
    {
      before: async (world, owned) => {
        await relocated(world, owned)
        await switchBack(world, owned)
      },
    },
  ),
  [...acting, ...swapping, ...copying],
)

sweepTest(
  scenario(
    'a relocated site that cannot go back',
    switchBack,
    { parts: everyPart, state: 'switched' },
    { before: relocated, ailing: ({ cell: at, generation }) => at === cell && generation > 1 },
  ),
  [...acting, 'run-site evidence.keep', 'run-site runtime.start'],
)

sweepTest(
  scenario(
    'a relocation that nobody answers, and that is confirmed',
    async (world, owned) => {
      const { switched } = (await keptSite(world, owned.id)).relocation ?? {}
      await relocateAt(world, plusDays(switched?.at ?? '', 14))
    },
    { parts: everyPart },
    { before: relocated },
  ),
  ['act-on-deadlines sites.commit'],
)
