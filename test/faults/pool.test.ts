import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cell } from '../support/faults/host-process.ts'
import { sweepTest } from '../support/faults/sweep-test.ts'

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
