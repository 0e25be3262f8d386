import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { homeOf } from '../../core/site/location.ts'
import { sweepTest } from '../support/faults/sweep-test.ts'
import { createSite, signIn } from '../support/faults/visitor.ts'
import type { World } from '../support/faults/world.ts'
import { readStoredItems } from '../support/simulation/stored-items.ts'

const email = 'ada@example.com'

const claim = async (world: World) => {
  const { token } = await signIn(world, email)
  world.pool.target = 0
  return () => createSite(world, email, token, 'shop')
}

/** The product learned of one owner, by one key and password however often, and the record says that it is done. */
const knowsItsOwner =
  (min: number) =>
  async (world: World): Promise<readonly string[]> => {
    const { storage } = await world.host()
    const { sites } = readStoredItems(world.tables)
    const found = sites.map(async (site) => {
      const lines = await readFile(join(storage.directoryOf(homeOf(site)), 'owners'), 'utf8').catch(() => '')
      const heard = lines.split('\n').filter(Boolean)
      return [
        ...(site.handOver?.status === 'done' ? [] : [`${site.id} is ${site.handOver?.status}`]),
        ...(heard.length >= min && new Set(heard).size === 1 ? [] : [`${site.id} heard: ${lines}`]),
        ...(heard.every((line) => JSON.parse(line).email === email) ? [] : [`${site.id} learned of somebody else`]),
      ]
    })
    return (await Promise.all(found)).flat()
  }

const handedOver = {
  health: 'well',
  handsOver: 'by-hook',
  poolTarget: 1,
  expected: { active: 1 },
  check: knowsItsOwner(2),
  prepare: claim,
  polls: /^hand-over-site /,
} as const

const handingOver = [
  'heal-work workflows.start',
  'hand-over-site sites.get',
  'hand-over-site blueprints.get',
  'hand-over-site accounts.getOwner',
  'hand-over-site secrets.valueOf',
  'hand-over-site hooks.call',
  'hand-over-site sites.commit',
]

sweepTest({ ...handedOver, name: 'handing a pooled site over whose hook fails after its work' }, handingOver)

sweepTest({ ...handedOver, name: 'handing a site over that starts with its owner', startsAtClaim: true }, handingOver)

sweepTest({ ...handedOver, name: 'handing a site over that was built for its owner', poolTarget: 0 }, handingOver)

sweepTest(
  {
    ...handedOver,
    name: 'handing a pooled site over by a command that has its data for itself',
    handsOver: 'by-task',
    check: knowsItsOwner(1),
    polls: /^(hand-over-by-task runtime|hand-over-by-task sites.get|run-site probe)/,
  },
  ['hand-over-by-task sites.commit', 'hand-over-by-task runtime.runOnce', 'run-site runtime.start'],
)
