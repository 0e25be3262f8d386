import type { ActiveSite } from '../../core/site/site.ts'
import { giveSitePlan, hasSizeOf, wrongSizes } from '../support/faults/change-plan.ts'
import { keptSite, type OwnedSite, ownSite } from '../support/faults/owned-site.ts'
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

/** Answers each request for the site as a healthy site does. */
const illAnswers = async (world: World, owned: OwnedSite): Promise<readonly string[]> => {
  const { endpoint, id } = (await keptSite(world, owned.id)) as ActiveSite
  if (endpoint === undefined) return [`${id} is nowhere`]
  const { status } = await fetch(`http://${endpoint.host}:${endpoint.port}/`, { headers: { connection: 'close' } })
  return status === 200 ? [] : [`${id} answers ${status}`]
}

/** The new size never becomes healthy at first: the old one is resumed, and an hour later it is tried once more. */
const ailing = (name: string, data: { readonly data?: 'shared' }): Scenario => ({
  ...scenario(name, data),
  ailing: hasSizeOf('growth'),
  prepare: async (world) => {
    const owned = await ownSite(world)
    ownedOf.set(world, owned)
    return async () => {
      await giveSitePlan(world, owned, 'growth')
      await world.quiet()
      // Nobody is sent to what is not well, whatever else has failed.
      if ((await wrongSizes(world, owned, 'growth')).length === 0)
        throw new Error('it has gone over to what is not well')
      const problems = world.plan.wasReached() ? [] : await illAnswers(world, owned)
      if (problems.length > 0) throw new Error(`the old size was not resumed: ${problems.join()}`)
      world.health.isCured = true
    }
  },
  check: async (world) => {
    const owned = ownedOf.get(world)
    if (owned === undefined) return ['nobody owns a site']
    return [...(await wrongSizes(world, owned, 'growth')), ...(await illAnswers(world, owned))]
  },
})

const every = [
  'heal-work sites.get',
  'heal-work sites.commit',
  'heal-work workflows.start',
  'record-step sites.get',
  'record-step sites.commit',
  'run-site runtime.locate',
  'run-site probe.isHealthy',
  'run-site sites.commit',
  'leave-old-version sites.commit',
]

sweepTest(scenario('a site that is swapped for one of another size', {}), [
  ...every,
  'run-site openRequests.at',
  'run-site runtime.start',
])

sweepTest(scenario('a site that goes over to one of another size beside it', { data: 'shared' }), [
  ...every,
  'run-site runtime.startBeside',
  'leave-old-version openRequests.at',
  'leave-old-version runtime.start',
])

const givenUp = [
  'heal-work workflows.start',
  'record-step sites.commit',
  'run-site probe.isHealthy',
  'run-site sites.get',
  'run-site sites.commit',
  'run-site runtime.start',
  'run-site runtime.locate',
  'run-site probe.isHealthy',
]

sweepTest(ailing('a site whose other size does not become healthy', {}), [...givenUp, 'run-site runtime.start'])

sweepTest(ailing('a site whose other size does not become healthy beside it', { data: 'shared' }), [
  ...givenUp,
  'run-site runtime.startBeside',
])
