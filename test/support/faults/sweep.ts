import { type Extent, pointsOf } from './extent.ts'
import { type FaultPoint, faultKinds } from './fault-point.ts'
import { brokenInvariants } from './invariants.ts'
import type { Scenario } from './scenario.ts'
import { cell } from './two-cells.ts'
import { createWorld, type World } from './world.ts'

export interface Sweep {
  /** All calls of the run without a fault, in their order. */
  readonly calls: readonly string[]
  readonly points: readonly FaultPoint[]
  /** How many points there are, of which these are all or a sample. */
  readonly outOf: number
  /** Points whose call was not made again: it depends on timing. */
  readonly unreached: readonly FaultPoint[]
  /** A paragraph for each point after which something was wrong. */
  readonly failures: readonly string[]
}

/** Worlds side by side: most of each is waiting. */
const atOnce = 4

/** Checks again until there is something to see, as often as time allows: what comes after so many is the same again. */
const polls =
  /^(await-site|move-to-version|fall-asleep openRequests|fail-upgrade|run-site openRequests|leave-old-version openRequests|open-restored|stream outbox\.pending|reconcile-sites (runtime\.locate|probe\.isHealthy))|^start-again (runtime\.locate|probe\.isHealthy)/
const maxPolls = 3

const isSwept = (call: string, { polls: own }: Scenario): boolean =>
  !(polls.test(call) || own?.test(call) === true) || Number(call.slice(call.lastIndexOf('#') + 1)) <= maxPolls

const maxFills = 20

/** The host of a busy machine may be quiet before it has begun to fill the pool. */
const fillPool = async (world: World): Promise<void> => {
  const { poolTarget, health } = world.scenario
  const isFull = async () =>
    (await (await world.host()).store.sites.countReady({ cell, blueprint: 'tiny' })) >= poolTarget
  for (let fill = 0; health === 'well' && !(await isFull()); fill += 1) {
    if (fill === maxFills) throw new Error('the pool does not fill')
    await world.tick('fill-pool')
    await world.quiet()
  }
}

const runWorld = async (scenario: Scenario, point?: FaultPoint) => {
  const world = await createWorld(scenario, point)
  const problems: string[] = []
  const log: string[] = []
  try {
    await world.host()
    await world.quiet()
    await fillPool(world)
    const run = await scenario.prepare(world)
    await world.quiet()
    world.plan.arm()
    await run()
    await world.quiet()
    world.plan.disarm()
    await world.heal()
    problems.push(...(await brokenInvariants(world)))
  } catch (error) {
    problems.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
  } finally {
    // The log of taking it down is no part of it.
    log.push(...world.logged)
    await world.end()
  }
  return { calls: world.plan.calls(), reached: world.plan.wasReached(), problems, log }
}

const describe = (point: FaultPoint | undefined, problems: readonly string[], log: readonly string[]): string =>
  [
    point === undefined ? 'without a fault' : `${point.call} ${point.kind}`,
    ...problems.map((problem) => `  ${problem}`),
    ...log.map((text) => `    ${text}`),
  ].join('\n')

/** Runs a scenario once to learn its calls, and then once for each fault that they can have. */
export const sweep = async (scenario: Scenario, extent: Extent): Promise<Sweep> => {
  const failures: string[] = []
  const unreached: FaultPoint[] = []
  const clean = await runWorld(scenario)
  if (clean.problems.length > 0) failures.push(describe(undefined, clean.problems, clean.log))
  const swept = clean.calls.filter((call) => isSwept(call, scenario))
  const kinds = scenario.kinds ?? faultKinds
  const points = failures.length > 0 ? [] : pointsOf(swept, kinds, extent)
  const queue = points.values()
  const runPoint = async (point: FaultPoint): Promise<boolean> => {
    const { reached, problems, log } = await runWorld(scenario, point)
    if (problems.length > 0) failures.push(describe(point, problems, log))
    return reached
  }
  const worker = async (): Promise<void> => {
    for (const point of queue) {
      // A first call that depends on timing comes in another world.
      const tries = point.call.endsWith('#1') ? 3 : 1
      let reached = false
      for (let made = 0; !reached && made < tries; made += 1) reached = await runPoint(point)
      if (!reached) unreached.push(point)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return { calls: clean.calls, points, outOf: swept.length * kinds.length, unreached, failures }
}
