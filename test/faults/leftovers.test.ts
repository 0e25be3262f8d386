import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { archivedSite } from '../support/faults/owned-site.ts'
import { sweepTest } from '../support/faults/sweep-test.ts'
import type { World } from '../support/faults/world.ts'

const hours = 60 * 60_000

/** As often as an hourly sweep may be late and still count in full. */
const checkAgain = async (world: World): Promise<void> => {
  world.clock.advance(2 * hours)
  await world.tick('clear-leftovers')
}

sweepTest(
  {
    name: 'a data directory that was left over, after its quarantine',
    health: 'well',
    poolTarget: 1,
    expected: { archived: 1 },
    prepare: async (world) => {
      const { id } = await archivedSite(world)
      const directory = join(world.dataDirectory, id)
      await mkdir(join(directory, 'deep'), { recursive: true })
      await writeFile(join(directory, 'deep', 'file'), 'unused')
      await world.tick('clear-leftovers')
      for (let watched = 2; watched < 24; watched += 2) await checkAgain(world)
      return () => checkAgain(world)
    },
  },
  [
    'clear-leftovers quarantine.list',
    'clear-leftovers storage.list',
    'clear-leftovers runtime.list',
    'clear-leftovers leftovers.list',
    'clear-leftovers sites.listByStatus',
    'clear-leftovers sites.get',
    'clear-leftovers quarantine.note',
    'clear-leftovers brakes.read',
    'clear-leftovers totals.read',
    'clear-leftovers brakes.write',
    'clear-leftovers archiver.run',
    'clear-leftovers archives.remove',
    'clear-leftovers storage.remove',
    'clear-leftovers quarantine.release',
  ],
)
