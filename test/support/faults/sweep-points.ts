import { type Extent, pointsOf } from './extent.ts'
import { type FaultPoint, faultKinds } from './fault-point.ts'
import type { Sweep } from './sweep.ts'

/** What came of one world. */
interface Lived {
  readonly calls: readonly string[]
  readonly reached: boolean
  readonly problems: readonly string[]
  readonly log: readonly string[]
}

const describe = (point: FaultPoint | undefined, { problems, log }: Lived): string =>
  [
    point === undefined ? 'without a fault' : `${point.call} ${point.kind}`,
    ...problems.map((problem) => `  ${problem}`),
    ...log.map((text) => `    ${text}`),
  ].join('\n')

/**
 * Runs one world to learn its calls, and then one more for each fault that they can have.
 * @param options.isSwept whether a call is to fail.
 * @param options.isWanted which points of those, where it is not about all.
 */
export const sweepPoints = async (
  live: (point?: FaultPoint) => Promise<Lived>,
  options: {
    readonly isSwept: (call: string) => boolean
    readonly extent: Extent
    readonly isWanted?: (point: FaultPoint) => boolean
  },
): Promise<Sweep> => {
  const { isSwept, extent, isWanted = () => true } = options
  const clean = await live()
  const calls = clean.calls.filter(isSwept)
  const failures = clean.problems.length > 0 ? [describe(undefined, clean)] : []
  const points = failures.length > 0 ? [] : pointsOf(calls, faultKinds, extent).filter(isWanted)
  const unreached: FaultPoint[] = []
  for (const point of points) {
    const lived = await live(point)
    if (!lived.reached) unreached.push(point)
    if (lived.problems.length > 0) failures.push(describe(point, lived))
  }
  return { calls, points, outOf: calls.length * faultKinds.length, unreached, failures }
}
