import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { askedExtent } from './extent.ts'
import type { Scenario } from './scenario.ts'
import { sweep } from './sweep.ts'

// Processes are lost here, and no power: memory will do, and is many times faster than a disk.
if (existsSync('/dev/shm')) process.env['TMPDIR'] = '/dev/shm'

const extent = askedExtent(3)

/**
 * The test of a scenario under faults at every call.
 * @param musts calls that must be among those found, without their number: a sweep that loses them has gone blind.
 */
export const sweepTest = (scenario: Scenario, musts: readonly string[]): void => {
  test(`${scenario.name} bears every fault at every call`, { timeout: 900_000 }, async () => {
    const { calls, points, unreached, failures } = await sweep(scenario, extent)
    process.stdout.write(
      `faults: ${scenario.name}: ${calls.length} calls, ${points.length} call × fault points, ${unreached.length} not reached\n`,
    )
    expect(failures.join('\n\n')).toBe('')
    expect(calls.map((call) => call.replace(/#\d+$/, ''))).toEqual(expect.arrayContaining([...musts]))
    expect(points.length).toBeGreaterThan(0)
    expect(unreached.filter(({ call }) => call.endsWith('#1'))).toEqual([])
  })
}
