import { plusDays } from '../../core/instant.ts'
import { isEnvironment } from '../../core/site/environment.ts'
import { createEnvironment, deployedSite, environmentIn, isSeeded } from '../support/faults/environments.ts'
import { actAt } from '../support/faults/owned-site.ts'
import type { Scenario } from '../support/faults/scenario.ts'
import { sweepTest } from '../support/faults/sweep-test.ts'
import { readStoredItems } from '../support/simulation/stored-items.ts'

const usual = {
  health: 'well',
  poolTarget: 1,
  haste: 10,
  polls: /^(use-copy|complete-jobs|run-site |hand-over-site )/,
  expected: { active: 1 },
} as const satisfies Partial<Scenario>

sweepTest(
  {
    ...usual,
    name: 'an environment that is created with a seed',
    prepare: async (world) => {
      const owned = await deployedSite(world)
      return () => createEnvironment(world, owned)
    },
    check: async (world) => {
      const site = await environmentIn(world)
      if (site?.status !== 'active' || site.environmentOf.seed !== undefined) return [JSON.stringify(site)]
      const known = await (await world.host()).store.deployments.list(site.id, 10)
      const isLive = known[0]?.status === 'live'
      return [
        ...((await isSeeded(world, site)) ? [] : ['the seed did not run once']),
        ...(isLive ? [] : [`its deployment is ${known[0]?.status ?? 'missing'}`]),
      ]
    },
  },
  ['deployment-api sites.commit', 'deployment-api deployments.add', 'prepare-storage storage.prepare'],
)

sweepTest(
  {
    ...usual,
    name: 'an environment from the notice of its end to its purge',
    prepare: async (world) => {
      const owned = await deployedSite(world)
      await createEnvironment(world, owned)
      return async () => {
        const until = (await environmentIn(world))?.environmentOf.until ?? ''
        await actAt(world, plusDays(until, -1))
        await actAt(world, until)
        await actAt(world, plusDays(until, 8))
        // A deletion that failed at its time comes with the next of these, and its purge a week later.
        await actAt(world, plusDays(until, 16))
      }
    },
    check: async (world) => {
      // Its hostname leads nowhere any more.
      const site = readStoredItems(world.tables).sites.find(isEnvironment)
      const isGone = site?.status === 'purged' && site.ownership === undefined && site.environmentOf.name === ''
      return isGone && (await environmentIn(world)) === undefined ? [] : [JSON.stringify(site)]
    },
  },
  [
    'act-on-deadlines sites.commit',
    'stop-site runtime.remove',
    'remove-remains storage.remove',
    'mail-owner mailer.send',
  ],
)
