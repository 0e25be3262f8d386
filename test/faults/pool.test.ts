import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { submitBlueprint } from '../../lambdas/blueprints/change-status.ts'
import config from '../../sitewright.config.ts'
import { sweepTest } from '../support/faults/sweep-test.ts'
import { tinyBlueprint } from '../support/faults/tiny-blueprint.ts'
import { cell } from '../support/faults/two-cells.ts'

sweepTest(
  {
    name: 'topping the pool up',
    health: 'well',
    poolTarget: 0,
    expected: {},
    prepare: async (world) => {
      world.pool.target = 1
      return () => world.tick('fill-pool')
    },
  },
  [
    'fill-pool sites.listByStatus',
    'fill-pool sites.countReady',
    'fill-pool blueprints.latest',
    'fill-pool sites.commit',
    'fill-pool workflows.start',
    'start-site runtime.start',
    'record-step sites.commit',
  ],
)

sweepTest(
  {
    name: 'replacing a site of the pool that does not answer',
    health: 'well',
    poolTarget: 1,
    haste: 20,
    expected: {},
    prepare: async (world) => {
      const [site] = await (await world.host()).store.sites.findReady({ cell, blueprint: 'tiny' }, 1)
      await writeFile(join(world.dataDirectory, site?.id ?? '', 'sick'), '')
      return () => world.tick('reconcile-sites')
    },
  },
  [
    'reconcile-sites runtime.start',
    'reconcile-sites probe.isHealthy',
    'reconcile-sites sites.commit',
    'fill-pool sites.commit',
    'record-step sites.commit',
  ],
)

const newTiny = { ...tinyBlueprint('well'), version: 2 }

sweepTest(
  {
    name: 'a draft that becomes current',
    health: 'well',
    poolTarget: 1,
    expected: {},
    prepare: async (world) => {
      const { store } = await world.host()
      const clocks = { domain: world.clock.domain, wall: world.clock.now }
      await submitBlueprint({ ...store, clocks, plans: config.plans }, newTiny, { again: false })
      return () => world.tick('fill-pool')
    },
    check: async (world) => {
      const { blueprints, sites } = (await world.host()).store
      const ready = await sites.findReady({ cell, blueprint: 'tiny' }, 10)
      const { draft } = (await blueprints.status('tiny')) ?? {}
      return [
        ...((await blueprints.latest('tiny'))?.version === 2 ? [] : ['version 2 is not current']),
        ...(draft?.state === 'current' ? [] : [`the draft is ${draft?.state}`]),
        ...ready.flatMap(({ blueprint }) =>
          blueprint.version === 2 ? [] : [`the pool has version ${blueprint.version}`],
        ),
      ]
    },
  },
  [
    'fill-pool blueprints.status',
    'fill-pool sites.commit',
    'start-site blueprints.status',
    'record-step blueprints.publish',
    'record-step blueprints.saveStatus',
    'record-step sites.commit',
  ],
)
