import { existsSync } from 'node:fs'
import { test } from 'vitest'
import { expectSwept } from './expect-swept.ts'
import { askedExtent } from './extent.ts'
import type { Scenario } from './scenario.ts'
import { sweep } from './sweep.ts'

// Processes are lost here, and no power: memory will do, and is many times faster than a disk.
if (existsSync('/dev/shm')) process.env['TMPDIR'] = '/dev/shm'

const extent = askedExtent(1)
/** A sweep of every point takes hours on a busy machine. */
const timeout = typeof extent === 'number' ? 900_000 : 4 * 3_600_000

/**
 * The test of a scenario under faults at every call.
 * @param musts calls that must be among those found, without their number.
 */
export const sweepTest = (scenario: Scenario, musts: readonly string[]): void => {
  test(`${scenario.name} bears every fault at every call`, { timeout }, async () => {
    expectSwept(scenario.name, musts, await sweep(scenario, extent))
  })
}
