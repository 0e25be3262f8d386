import type { Blueprint } from '../blueprint/blueprint.ts'
import { system } from '../events/system.ts'
import type { PlanCatalogue } from '../plan/plan.ts'
import type { Clocks } from '../ports/clocks.ts'
import type { Randomness } from '../ports/randomness.ts'
import type { BlueprintStore } from '../ports/stores.ts'
import type { RequestBuildPorts } from '../site/request-build.ts'
import { requestBuild } from '../site/request-build.ts'
import type { TrialPolicies } from '../site/trial-policy.ts'
import { buildPace } from './build-pace.ts'
import type { PoolPolicy } from './pool.ts'
import { buildsToStart } from './pool.ts'
import { recentOutcomes } from './recent-outcomes.ts'
import { retireOutdated } from './retire-outdated.ts'

export interface FillPoolPorts extends RequestBuildPorts {
  readonly blueprints: BlueprintStore
  readonly clocks: Clocks
  readonly randomness: Randomness
  readonly plans: PlanCatalogue
  readonly policies: TrialPolicies
  readonly pool: PoolPolicy
  readonly cell: string
  readonly offeredBlueprints: readonly [string, ...string[]]
}

const countBuilding = async ({ sites, cell }: FillPoolPorts, { name, version }: Blueprint) => {
  const count = { building: 0, buildingOld: 0 }
  for await (const site of sites.listByStatus('building')) {
    if (site.ownership !== undefined || site.cell !== cell || site.blueprint.name !== name) continue
    count[site.blueprint.version === version ? 'building' : 'buildingOld'] += 1
  }
  return count
}

/** How many builds at once, after those that failed lately: one at a time to try, and none for a while after each. */
const allowedAtOnce = async (ports: FillPoolPorts, blueprint: Blueprint): Promise<number> => {
  const { failuresInRow, pausedUntil } = buildPace(await recentOutcomes(ports, blueprint), ports.clocks.domain())
  if (failuresInRow === 0) return ports.pool.buildsAtOnce
  if (pausedUntil === undefined) return 1
  ports.log.warn(
    { event: 'pool-waits', blueprint: blueprint.name, version: blueprint.version, failuresInRow, pausedUntil },
    'the last builds failed, so the pool waits before it tries again; see the failed tasks above for the cause',
  )
  return 0
}

/**
 * Starts as many builds of the default blueprint's newest version as the pool lacks and the pace allows, and retires
 * older ones as they are replaced. Must not run twice at once, or the pool overshoots: the function that calls it is
 * limited to one at a time.
 */
export const fillPool = async (ports: FillPoolPorts, causationId: string): Promise<void> => {
  const name = ports.offeredBlueprints[0]
  const blueprint = await ports.blueprints.latest(name)
  if (blueprint === undefined) {
    ports.log.error(
      { event: 'pool-blueprint-unpublished', blueprint: name },
      'the pool cannot be filled: its blueprint was never published',
    )
    return
  }
  // In this order: a build that ends in between is counted twice, and not left out, which would overfill the pool.
  const building = await countBuilding(ports, blueprint)
  const ready = await ports.sites.countReady({ cell: ports.cell, blueprint: name, version: blueprint.version })
  await retireOutdated(ports, { blueprint, ready }, causationId)
  const pool = { ready, ...building }
  if (buildsToStart(pool, ports.pool) === 0) return
  const buildsAtOnce = await allowedAtOnce(ports, blueprint)
  const builds = buildsToStart(pool, { ...ports.pool, buildsAtOnce })
  for (let started = 0; started < builds; started += 1) {
    await requestBuild(
      ports,
      {
        id: ports.randomness.id('site'),
        cell: ports.cell,
        plan: ports.plans.trial.id,
        blueprint: { name: blueprint.name, version: blueprint.version },
        policyVersion: ports.policies.current.version,
      },
      { actor: system, causationId, clocks: ports.clocks, randomness: ports.randomness },
    )
  }
}
