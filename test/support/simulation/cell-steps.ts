import fc from 'fast-check'
import { homeCell } from '../../../core/site/location.ts'
import type { CellRollout } from '../../../lambdas/releases/rollout.ts'
import { largeCell, otherCell } from './sim-cells.ts'
import type { SimWorld } from './sim-world.ts'

const acts = ['pause', 'resume', 'abort', 'retry'] as const

/** What happens to a cell, and to its disk. The home's own disk is that of the host. */
export type CellStep =
  | { readonly does: 'drain-cell'; readonly cell: string; readonly isInWaves: boolean }
  | { readonly does: 'lose-cell' | 'disk-away' | 'disk-back'; readonly cell: string }
  | { readonly does: 'cell-act'; readonly cell: string; readonly act: (typeof acts)[number] }

const onDisk = fc.constantFrom(otherCell, largeCell)
const cell = fc.constantFrom(homeCell, otherCell, largeCell)

export const cellSteps: readonly { readonly weight: number; readonly arbitrary: fc.Arbitrary<CellStep> }[] = [
  { weight: 3, arbitrary: fc.record({ does: fc.constant('drain-cell' as const), cell, isInWaves: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('lose-cell' as const), cell: onDisk }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('disk-away' as const), cell: onDisk }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('disk-back' as const), cell: onDisk }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('cell-act' as const), cell, act: fc.constantFrom(...acts) }) },
]

const reason = 'simulated'

const ask = (world: SimWorld, path: string, body: object = {}, name = 'ada') =>
  world.ask({
    method: 'POST',
    path: `/v1/operator/${path}`,
    body: { reason, ...body },
    token: world.operator('admin', name),
  })

const actOn = (world: SimWorld, name: string, act: string) => ask(world, `rollouts/cell:${name}/${act}`)

const rolloutOf = async (world: SimWorld, name: string): Promise<CellRollout | undefined> =>
  (await world.life()).store.rollouts.readOfCell(name)

/** Opens the other cells whose roll-outs have ended: their sites need a way out. */
const openOthers = async (world: SimWorld, name: string): Promise<void> => {
  for (const other of [homeCell, largeCell]) {
    if (other !== name && (await rolloutOf(world, other))?.state === 'finished') await actOn(world, other, 'abort')
  }
}

/** One operation may be in progress in the cell when its disk goes away, and the disk may be back before its sites have left. */
const lose = async (world: SimWorld, name: string): Promise<void> => {
  await openOthers(world, name)
  await world.takeDisk(name)
  await ask(world, `cells/${name}/loss`)
  await ask(world, `cells/${name}/loss`, {}, 'grace')
  if (world.integer(3) === 0) world.bringDiskBack(name)
}

export const doCellStep = async (world: SimWorld, step: CellStep): Promise<void> => {
  const { cell: name } = step
  switch (step.does) {
    case 'drain-cell':
      await openOthers(world, name)
      await ask(
        world,
        `cells/${name}/drain`,
        step.isInWaves ? { waves: [{ sites: 1 }, { percent: 50 }] } : { waves: [] },
      )
      return
    case 'lose-cell':
      return lose(world, name)
    case 'disk-away':
      return world.takeDisk(name)
    case 'disk-back':
      return world.bringDiskBack(name)
    case 'cell-act':
      await actOn(world, name, step.act)
  }
}

/** All disks are back, and cells that nothing leaves any more are open. */
export const endCellFailures = async (world: SimWorld): Promise<void> => {
  for (const name of [homeCell, largeCell, otherCell]) {
    world.bringDiskBack(name)
    const found = await rolloutOf(world, name)
    if (found !== undefined && found.state !== 'running') await actOn(world, name, 'abort')
  }
}

/** What is left of roll-outs of cells once everything is at rest. */
export const openRollouts = (rollouts: readonly CellRollout[]): readonly string[] =>
  rollouts.flatMap(({ cell: name, state, chosen }) =>
    state === 'running' || chosen.length > 0 ? [`the roll-out of the cell '${name}' is still ${state}`] : [],
  )
