import { giveSitePlan, wrongSizes } from '../support/faults/change-plan.ts'
import type { OwnedSite } from '../support/faults/owned-site.ts'
import { ownSite } from '../support/faults/owned-site.ts'
import type { Scenario } from '../support/faults/scenario.ts'
import { sweepTest } from '../support/faults/sweep-test.ts'
import type { World } from '../support/faults/world.ts'

const ownedOf = new WeakMap<World, OwnedSite>()

const scenario = (name: string, data: { readonly data?: 'shared' }): Scenario => ({
  name,
  ...data,
  health: 'well',
  poolTarget: 1,
  // Visitors are given time to go elsewhere, and nobody is here.
  haste: 10,
  expected: { active: 1 },
  prepare: async (world) => {
    const owned = await ownSite(world)
    ownedOf.set(world, owned)
    return async () => {
      await giveSitePlan(world, owned, 'growth')
      await world.quiet()
    }
  },
  check: async (world) => {
    const owned = ownedOf.get(world)
    return owned === undefined ? ['nobody owns a site'] : wrongSizes(world, owned, 'growth')
  },
})

const every = [
  'follow-plan sites.get',
  'follow-plan sites.commit',
  'follow-plan workflows.start',
  'make-way sites.get',
  'make-way sites.commit',
  'move-to-size runtime.locate',
  'move-to-size probe.isHealthy',
  'move-to-size sites.commit',
  'leave-old-size sites.commit',
]

sweepTest(scenario('a site that is swapped for one of another size', {}), [
  ...every,
  'make-way openRequests.at',
  'move-to-size runtime.start',
])

sweepTest(scenario('a site that goes over to one of another size beside it', { data: 'shared' }), [
  ...every,
  'move-to-size runtime.startBeside',
  'leave-old-size openRequests.at',
  'leave-old-size runtime.start',
])
