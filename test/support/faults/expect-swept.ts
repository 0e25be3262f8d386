import { expect } from 'vitest'
import type { Sweep } from './sweep.ts'

/**
 * Nothing broke, and the sweep saw what it is there for. It says how much it covered.
 * @param musts calls that must be among those found, without their number: a sweep that loses them has gone blind. Their first ones have
 *   to be reached. Another call may depend on timing, such as whether a claim finds the pool empty.
 */
export const expectSwept = (
  name: string,
  musts: readonly string[],
  { calls, points, outOf, unreached, failures }: Sweep,
): void => {
  process.stdout.write(
    `faults: ${name}: ${calls.length} calls, ${points.length} of ${outOf} call × fault points, ${unreached.length} not reached\n`,
  )
  expect(failures.join('\n\n')).toBe('')
  expect(calls.map((call) => call.replace(/#\d+$/, ''))).toEqual(expect.arrayContaining([...musts]))
  expect(points.length).toBeGreaterThan(0)
  expect(unreached.filter(({ call }) => musts.some((must) => call === `${must}#1`))).toEqual([])
}
