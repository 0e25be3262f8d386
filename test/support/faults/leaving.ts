import type { Hold } from '../../../lambdas/releases/rollout.ts'
import { otherCell } from './two-cells.ts'
import { expectStatus, insist } from './visitor.ts'
import type { World } from './world.ts'

const maxRuns = 60
/** A run of the clock, as the roll-out looks at it. */
const betweenRuns = 15_000

export const rolloutOf = async (world: World) => (await world.host()).store.rollouts.readOfCell(otherCell)

/** Lets the roll-out of the other cell go on until it is at rest. */
const advance = async (world: World): Promise<void> => {
  for (let run = 0; run < maxRuns; run += 1) {
    await world.quiet()
    if ((await rolloutOf(world))?.state !== 'running') return
    await world.tick('advance-rollouts')
    await world.quiet()
    world.clock.advance(betweenRuns)
    if (run % 4 === 3) await world.tick('heal-work')
  }
  throw new Error('the roll-out of the cell does not come to rest')
}

const ask = async (world: World, act: 'drain' | 'loss', name: string): Promise<void> => {
  const path = `/v1/operator/cells/${otherCell}/${act}`
  const body = { reason: 'Its disk is old.' }
  const answer = await insist(world, { method: 'POST', path, token: `operator.${name}.signed`, body })
  // One administrator does not declare it twice.
  expectStatus(answer, 202, ...(answer.repeated && act === 'loss' ? [409] : []))
}

/** Has the sites leave the other cell. */
export const drainOther = async (world: World): Promise<void> => {
  await ask(world, 'drain', 'ada')
  await advance(world)
}

/** Two administrators declare the other cell lost. Its disk is gone. */
const loseOther = async (world: World): Promise<void> => {
  await (await world.host()).takeDisk()
  world.cells.notice()
  await ask(world, 'loss', 'ada')
  await ask(world, 'loss', 'bob')
  await advance(world)
}

/** The other cell is lost, and its disk is found again later. */
export const loseAndFind = async (world: World): Promise<void> => {
  await loseOther(world)
  world.cells.bringBack()
  await world.tick('reconcile-sites')
  await world.quiet()
}

/** What happens after something during which the disk of the other cell may have gone. */
export const loseIfGone = async (world: World): Promise<void> => {
  if (world.cells.isAway(otherCell)) await loseAndFind(world)
}

export interface LeftCell {
  readonly kind: 'drain' | 'loss'
  readonly state?: 'finished' | 'halted'
  readonly done?: number
  readonly failed?: number
  readonly held?: readonly Hold[]
}

/** What differs from how the roll-out of the other cell should have ended. */
export const wrongRollout = async (
  world: World,
  { kind, state = 'finished', done = 0, failed = 0, held = [] }: LeftCell,
): Promise<readonly string[]> => {
  const found = await rolloutOf(world)
  const wanted = JSON.stringify({ kind, state, done, failed, held })
  const is = JSON.stringify({
    kind: found?.kind,
    state: found?.state,
    done: found?.done,
    failed: found?.failed.length,
    held: found?.held.map(({ because }) => because),
  })
  return is === wanted ? [] : [`the roll-out is ${is} and not ${wanted}`]
}
