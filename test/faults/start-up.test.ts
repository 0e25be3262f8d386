import { createRandomness } from '../../adapters/randomness.ts'
import { system } from '../../core/events/event-names.ts'
import type { ChangeContext } from '../../core/site/lifecycle.ts'
import { homeOf } from '../../core/site/location.ts'
import type { BuildingSite } from '../../core/site/site.ts'
import { failBuild } from '../../lambdas/sites/build/build-failure.ts'
import { requestSite } from '../../lambdas/sites/build/request-build.ts'
import { sitesThatDoNotAnswer } from '../support/faults/invariants.ts'
import { sweepTest } from '../support/faults/sweep-test.ts'
import { tinyBlueprint } from '../support/faults/tiny-blueprint.ts'
import { cell } from '../support/faults/two-cells.ts'
import { createSite, signIn } from '../support/faults/visitor.ts'
import type { World } from '../support/faults/world.ts'

const email = 'ada@example.com'
const randomness = createRandomness()

const contextOf = ({ clock }: World): ChangeContext => ({
  actor: system,
  causationId: 'a-test',
  clocks: { domain: clock.now, wall: clock.now },
  randomness,
})

/** Committed, and then its host was gone before any workflow began. */
const leaveBuild = async (world: World): Promise<BuildingSite> => {
  const blueprint = { name: 'tiny', version: 1 }
  const request = { id: randomness.id('site'), cell, plan: 'trial', blueprint, policyVersion: 1, entry: {} }
  const change = requestSite(request, contextOf(world))
  await (await world.host()).store.sites.commit(change)
  return change.after
}

/** Recorded as failed, and then its host was gone before anything was cleared away. */
const leaveFailedBuild = async (world: World): Promise<void> => {
  const site = await leaveBuild(world)
  const { store, runtime, storage } = await world.host()
  await storage.prepare(homeOf(site))
  await runtime.start({
    ...homeOf(site),
    blueprint: tinyBlueprint('well'),
    size: { cpu: 1, memoryMiB: 64, processes: 16 },
    plan: 'trial',
    interruptible: true,
    environment: { SITEWRIGHT_SITE_ID: site.id },
    secrets: {},
  })
  await store.sites.commit(failBuild(site, { step: 'ready', reason: 'It did not come up.' }, contextOf(world)))
}

/** An owner's site, one in the pool, and what is left of a failed one. */
const livedIn = async (world: World): Promise<void> => {
  const { token } = await signIn(world, email)
  world.pool.target = 1
  await createSite(world, email, token, 'shop')
  await world.quiet()
  await leaveFailedBuild(world)
}

const base = { health: 'well', poolTarget: 2, expected: { active: 1 } } as const

sweepTest(
  {
    ...base,
    name: 'starting up again',
    prepare: async (world) => {
      await livedIn(world)
      world.pool.target = 2
      await leaveBuild(world)
      return async () => {
        await world.restart()
        // From here on the host serves, and every site of the pool may be given to somebody.
        const silent = await sitesThatDoNotAnswer(world)
        if (silent.length > 0) throw new Error(`the host serves, and yet: ${silent.join('; ')}`)
      }
    },
  },
  [
    'heal-work sites.listByStatus',
    'heal-work sites.get',
    'heal-work workflows.status',
    'heal-work workflows.start',
    'fill-pool sites.countReady',
    'reconcile-sites runtime.list',
    'reconcile-sites sites.listByStatus',
    'reconcile-sites sites.get',
    'reconcile-sites blueprints.get',
    'reconcile-sites runtime.start',
    'reconcile-sites runtime.locate',
    'reconcile-sites probe.isHealthy',
    'clear-leftovers storage.list',
    'clear-leftovers archiver.run',
    'clear-leftovers storage.remove',
    'start-site runtime.start',
    'record-step sites.commit',
  ],
)

sweepTest(
  {
    ...base,
    name: 'clearing away what should not run',
    prepare: async (world) => {
      await livedIn(world)
      return async () => {
        await world.tick('reconcile-sites')
        await world.tick('clear-leftovers')
      }
    },
  },
  [
    'reconcile-sites runtime.list',
    'reconcile-sites sites.get',
    'reconcile-sites runtime.remove',
    'clear-leftovers quarantine.list',
    'clear-leftovers storage.list',
    'clear-leftovers runtime.list',
    'clear-leftovers sites.listByStatus',
    'clear-leftovers sites.get',
    'clear-leftovers runtime.remove',
    'clear-leftovers archiver.run',
    'clear-leftovers archives.remove',
    'clear-leftovers storage.remove',
  ],
)
