import { sweepTest } from '../support/faults/sweep-test.ts'

sweepTest(
  {
    name: 'topping the pool up',
    health: 'well',
    poolTarget: 0,
    expected: {},
    prepare: async (world) => {
      world.pool.target = 1
      return async () => {
        const { functions, line } = await world.host()
        const fillPool = functions.find(({ name }) => name === 'fill-pool')
        await Promise.race([fillPool?.invoke({ id: 'a-tick' }).catch(() => undefined), line.gone])
      }
    },
  },
  [
    'fill-pool sites.listByStatus',
    'fill-pool sites.countReady',
    'fill-pool blueprints.latest',
    'fill-pool sites.commit',
    'fill-pool workflows.start',
    'start-site runtime.start',
    'open-site sites.commit',
  ],
)
